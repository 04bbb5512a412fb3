using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Store;

namespace Togglr.ControlPlane.Attributes;

/// <summary>Attributes that were seen in contexts, by name.</summary>
/// <param name="Items">At most 200.</param>
public sealed record ObservedAttributesView(IReadOnlyList<ObservedAttributeView> Items);

/// <summary>An attribute that was seen in contexts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its values were last: <c>string</c>, <c>number</c>, <c>boolean</c> or <c>array</c>.</param>
/// <param name="LastSeenAt">When it was seen last, to the minute.</param>
/// <param name="HasTooManyValues">There are more than 100, so none is kept.</param>
/// <param name="Values">Short values, the one that was seen last first; at most 100.</param>
public sealed record ObservedAttributeView(string Name, AttributeType Type, DateTimeOffset LastSeenAt, bool HasTooManyValues, IReadOnlyList<ObservedValueView> Values);

/// <summary>A value that was seen.</summary>
/// <param name="Value">The value as a text.</param>
/// <param name="LastSeenAt">When it was seen last, to the minute.</param>
public sealed record ObservedValueView(string Value, DateTimeOffset LastSeenAt);

/// <summary>What sampled contexts had. Applications that evaluate locally do not send theirs.</summary>
internal static class ListObservedAttributes
{
    public static async Task<Ok<ObservedAttributesView>> HandleAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            SELECT name AS "Name", type AS "Type", last_at AS "LastAt", seen::text AS "Seen", has_too_many AS "HasTooMany"
            FROM observed_attributes WHERE project_id = {current.Project.Id} ORDER BY name
            """).ToListAsync(cancel);
        return TypedResults.Ok(new ObservedAttributesView(
        [
            .. rows.Select(row => new ObservedAttributeView(row.Name, Enum.Parse<AttributeType>(row.Type, ignoreCase: true), row.LastAt, row.HasTooMany,
            [
                .. JsonSerializer.Deserialize<Dictionary<string, DateTimeOffset>>(row.Seen)!
                    .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new ObservedValueView(pair.Key, pair.Value)),
            ])),
        ]));
    }

    private sealed record Row(string Name, string Type, DateTimeOffset LastAt, string Seen, bool HasTooMany);
}
