using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>Which of an entry's two states.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RestoreTo>))]
public enum RestoreTo
{
    /// <summary>As it was before the change.</summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>As the change made it.</summary>
    [JsonStringEnumMemberName("after")]
    After,
}

/// <summary>Brings an entity back to a state that an entry tells of.</summary>
public sealed record RestoreAuditEntryRequest
{
    /// <summary>Before or after the change; after if absent, before where nothing was left.</summary>
    public RestoreTo? To { get; init; }

    /// <summary>Whether to tell only what would change.</summary>
    public bool? DryRun { get; init; }

    /// <summary>Why, for the audit log; names the entry if absent.</summary>
    public string? Reason { get; init; }
}

/// <summary>What a restoration changed, or would change.</summary>
/// <param name="Applied">Whether it was done: not in a dry run, and not when everything is so already.</param>
/// <param name="Entity">The kind of entity.</param>
/// <param name="EntityKey">Its key.</param>
/// <param name="Changes">Member by member, at most 1,000.</param>
/// <param name="HasMoreChanges">Whether some are left out.</param>
public sealed record AuditRestorationView(bool Applied, string Entity, string EntityKey, IReadOnlyList<AuditChangeView> Changes, bool HasMoreChanges);

/// <summary>
/// Goes through the same methods and checks as the endpoints by which people change these things, and needs the same permissions. What an entry does not tell
/// (keys of segments, an environment's salt) cannot be restored.
/// </summary>
internal static class RestoreAuditEntry
{
    private const int MaximumChanges = 1000;

    public static async Task<Results<Ok<AuditRestorationView>, Problem>> HandleAsync(
        Guid id,
        RestoreAuditEntryRequest request,
        Current current,
        [FromServices] TogglrDatabase database,
        TogglrDbContext db,
        TimeProvider time,
        CancellationToken cancel)
    {
        if (await GetAuditEntry.FindAsync(id, current, database, db, cancel) is not { } entry)
            return GetAuditEntry.NotThere(id);
        var to = request.To ?? (entry.After is null ? RestoreTo.Before : RestoreTo.After);
        if ((to == RestoreTo.Before ? entry.Before : entry.After) is not { } text)
            return Refused(to == RestoreTo.Before ? "There was nothing before this change." : "The change left nothing.");
        if (entry.Project is null)
            return Refused($"What happens to a {entry.Entity} cannot be restored from the log.");
        if (await db.Projects.SingleOrDefaultAsync(row => row.Key == entry.Project, cancel) is not { } project)
            return Refused($"The project {entry.Project} is gone.");
        current.Project = project;

        var state = new PastState(entry, JsonColumn.Parse(text));
        var restored = entry.Entity switch
        {
            "flag" => await RestoreFlag.RunAsync(state, current, db, time, cancel),
            "segment" => await RestoreSegment.RunAsync(state, current, db, cancel),
            "environment" or "project" or "tag" or "category" or "attribute" => await RestoreSmallThings.RunAsync(state, current, db, cancel),
            _ => Refused($"What happens to a {entry.Entity} cannot be restored from the log."),
        };
        if (restored.Problem is { } problem)
            return problem;
        var (before, after) = db.DescribeChanges();
        var (changes, hasMore) = AuditDiff.Of(before, after, MaximumChanges);
        var applies = request.DryRun != true && changes.Count > 0;
        if (applies)
        {
            var reason = request.Reason ?? $"Restored the state {(to == RestoreTo.Before ? "before" : "after")} entry {entry.Sequence}.";
            if (await current.SaveAsync($"{entry.Entity}.reverted", entry.EntityKey, restored.Id, reason, cancel, entry.Environment) is { } refused)
                return refused;
        }
        return TypedResults.Ok(new AuditRestorationView(applies, entry.Entity, entry.EntityKey, changes, hasMore));
    }

    /// <summary>409: this cannot be restored.</summary>
    public static Problem Refused(string detail) => Problem.Conflict(detail, "not_restorable");

    /// <summary>What the normal checks say against it: a state that was right once may not be now.</summary>
    public static Problem Refused(Problem problem) => problem.Status == StatusCodes.Status400BadRequest ? Refused($"It does not fit any more: {problem.Detail}") : problem;

    /// <inheritdoc cref="Refused(Problem)"/>
    public static Problem Refused(StoreError error) => Refused(error.ToProblem());
}

/// <summary>The entity that was brought back, tracked and not saved yet; or why it could not be.</summary>
internal readonly record struct Restored(Guid Id, Problem? Problem)
{
    public static implicit operator Restored(Guid id) => new(id, null);

    public static implicit operator Restored(Problem problem) => new(Guid.Empty, problem);
}

/// <summary>Rows as they were.</summary>
internal sealed record PastState(AuditEntry Entry, JsonElement Rows)
{
    /// <summary>A row by its name; null when the entry does not tell of it.</summary>
    public PastRow? Row(string name) => Rows.TryGetProperty(name, out var row) && row.ValueKind == JsonValueKind.Object ? new PastRow(row) : null;

    /// <summary>The rows below a name, by what follows it.</summary>
    public IEnumerable<(string Name, PastRow Row)> Below(string name) =>
        Rows.EnumerateObject().Where(row => row.Name.StartsWith(name, StringComparison.Ordinal) && row.Value.ValueKind == JsonValueKind.Object)
            .Select(row => (row.Name[name.Length..], new PastRow(row.Value)));
}

/// <summary>The members of a row as they were; absent ones, of entries from before a member existed, are null.</summary>
internal readonly record struct PastRow(JsonElement Members)
{
    public string? Text(string name) => Members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public bool Is(string name) => Members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public int? Number(string name) => Members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    public JsonElement? Json(string name) => Members.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public IReadOnlyList<string> Texts(string name) =>
        Json(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)] : [];

    public T? Choice<T>(string name)
        where T : struct, Enum => Enum.TryParse<T>(Text(name), ignoreCase: true, out var value) ? value : null;

    public Guid? Id(string name) => Guid.TryParse(Text(name), out var id) ? id : null;
}
