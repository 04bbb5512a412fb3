using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Usage;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>Whether archived flags are listed.</summary>
public enum ArchivedFilter
{
    /// <summary>Only flags that are not archived.</summary>
    False,

    /// <summary>Only archived flags.</summary>
    True,

    /// <summary>Both.</summary>
    All,
}

/// <summary>Which flags.</summary>
internal sealed record FlagFilter(
    [property: FromQuery(Name = "type"), Description("Type of the values")] Choice<FlagType>? Type,
    [property: FromQuery(Name = "kind"), Description("What the flag is for")] Choice<FlagKind>? Kind,
    [property: FromQuery(Name = "tag"), Description("Key of a tag; several times: all of them")] string[]? Tag,
    [property: FromQuery(Name = "category"), Description("Key of a category")] string? Category,
    [property: FromQuery(Name = "owner"), Description("Id of a person")] Guid? Owner,
    [property: FromQuery(Name = "archived"), Description("false if absent")] Choice<ArchivedFilter>? Archived,
    [property: FromQuery(Name = "environment"), Description("With enabled: in which environment")] string? Environment,
    [property: FromQuery(Name = "enabled"), Description("With environment: on (and not killed) or off")] bool? Enabled,
    [property: FromQuery(Name = "lifecycle"), Description("Where the flag is in its life")] Choice<LifecycleStage>? Lifecycle);

internal static class ListFlags
{
    private static readonly SortKey<Flag>[] Sorts =
    [
        SortKey<Flag>.Text("key", row => row.Key, row => row.Id),
        SortKey<Flag>.Text("name", row => row.Name, row => row.Id),
        SortKey<Flag>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<Flag>.Time("updatedAt", row => row.UpdatedAt, row => row.Id),
    ];

    public static async Task<Results<Ok<Page<FlagView>>, Problem>> HandleAsync(
        [AsParameters] ListQuery list, [AsParameters] FlagFilter filter, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (filter.Enabled is not null && filter.Environment is null)
            return Problem.Invalid(new ProblemItem("required", "environment", "Say in which environment."));
        var query = Apply(filter, db.Flags.AsNoTracking().Where(row => row.ProjectId == current.Project.Id));
        if (filter.Lifecycle is { Value: var stage })
        {
            var found = await Lifecycles.FindAsync(db, current.Project.Id, stage, cancel);
            query = query.Where(row => found.Contains(row.Id));
        }
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query.Include(row => row.Environments), list, Sorts, rows => FlagStore.ViewsAsync(db, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static IQueryable<Flag> Apply(FlagFilter filter, IQueryable<Flag> query)
    {
        var archived = filter.Archived?.Value ?? ArchivedFilter.False;
        if (archived == ArchivedFilter.False)
            query = query.Where(row => row.ArchivedAt == null);
        else if (archived == ArchivedFilter.True)
            query = query.Where(row => row.ArchivedAt != null);
        if (filter.Type is { Value: var type })
            query = query.Where(row => row.Type == type);
        if (filter.Kind is { Value: var kind })
            query = query.Where(row => row.Kind == kind);
        foreach (var tag in filter.Tag ?? [])
            query = query.Where(row => row.Tags.Contains(tag));
        if (filter.Category is { } category)
            query = query.Where(row => row.Category == category);
        if (filter.Owner is { } owner)
            query = query.Where(row => row.OwnerId == owner);
        if (filter is { Environment: { } environment, Enabled: { } enabled })
            query = query.Where(row => row.Environments.Any(state => state.EnvironmentKey == environment && (state.Enabled && !state.Killed) == enabled));
        return query;
    }
}
