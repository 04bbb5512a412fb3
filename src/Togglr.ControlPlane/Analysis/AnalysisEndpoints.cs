using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Analysis;

/// <summary>A flag in an environment, or a segment, with what the analysis says of it.</summary>
/// <param name="Subject">Which of them.</param>
/// <param name="Key">Its key.</param>
/// <param name="Name">For people.</param>
/// <param name="Environment">The key of the environment; null for a segment.</param>
/// <param name="Problems">Those that were asked for.</param>
public sealed record AnalyzedView(AnalysisSubject Subject, string Key, string Name, string? Environment, IReadOnlyList<TargetingProblem> Problems);

/// <summary>Which problems.</summary>
internal sealed record AnalysisFilter(
    [property: FromQuery(Name = "limit"), Description("Items on a page, 1 to 200; 50 if absent")] int? Limit,
    [property: FromQuery(Name = "cursor"), Description("nextCursor of the page before")] string? Cursor,
    [property: FromQuery(Name = "search"), Description("A part of the key or name; case does not matter")] string? Search,
    [property: FromQuery(Name = "subject"), Description("Flags or segments only")] Choice<AnalysisSubject>? Subject,
    [property: FromQuery(Name = "environment"), Description("Key of an environment; all of them and the segments if absent")] string? Environment,
    [property: FromQuery(Name = "severity"), Description("The least bad that is asked for; warning if absent")] Choice<ProblemSeverity>? Severity,
    [property: FromQuery(Name = "code"), Description("Code of a problem; several times: any of them, however bad")] string[]? Code);

internal static class AnalysisEndpoints
{
    private const string CursorSort = "analysis";

    public static void MapAnalysis(this IEndpointRouteBuilder project) =>
        project.MapGet("/analysis", HandleAsync).WithName("getAnalysis").WithSummary("Flags and segments of a project that the analysis of targeting has something to say about").WithTags("Flags")
            .RequirePermission(Permissions.FlagView);

    private static async Task<Results<Ok<Page<AnalyzedView>>, Problem>> HandleAsync(
        [AsParameters] AnalysisFilter filter, Current current, ProjectAnalysis analysis, TogglrDbContext db, CancellationToken cancel)
    {
        var limit = filter.Limit ?? Paging.DefaultLimit;
        if (limit is < 1 or > Paging.MaxLimit)
            return Problem.Invalid(new ProblemItem("out_of_range", "limit", $"limit must be from 1 to {Paging.MaxLimit}."));
        string? after = null;
        if (filter.Cursor is { } text)
        {
            if (ListCursor.Decode(text) is not { Sort: CursorSort } cursor)
                return Problem.Invalid(new ProblemItem("bad_cursor", "cursor", "cursor is not a nextCursor of this list."));
            after = cursor.Value;
        }
        var environments = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).ToListAsync(cancel);
        if (filter.Environment is { } key)
        {
            environments = environments.FindAll(environment => environment.Key == key);
            if (environments.Count == 0)
                return Problem.Invalid(new ProblemItem("unknown_environment", "environment", $"There is no environment {key}."));
        }
        var subject = filter.Subject?.Value ?? (filter.Environment is null ? null : AnalysisSubject.Flag);
        var all = await analysis.RunAsync(current.Project.Id, subject is AnalysisSubject.Segment ? [] : environments, subject is not AnalysisSubject.Flag, cancel);
        var found = all.Where(item => Matches(item, filter.Search)).Select(item => item with { Problems = [.. item.Problems.Where(problem => IsWanted(problem, filter))] })
            .Where(item => item.Problems.Count > 0).ToList();
        var rest = found.Where(item => after is null || string.CompareOrdinal(PositionOf(item), after) > 0).ToList();
        List<AnalyzedView> page = [.. rest.Take(limit)];
        var next = rest.Count > limit ? new ListCursor(CursorSort, PositionOf(page[^1]), Guid.Empty).Encode() : null;
        return TypedResults.Ok(new Page<AnalyzedView>(page, next, found.Count));
    }

    private static bool IsWanted(TargetingProblem problem, AnalysisFilter filter) =>
        filter.Code is { Length: > 0 } codes ? codes.Contains(problem.Code, StringComparer.Ordinal) : problem.Severity <= (filter.Severity?.Value ?? ProblemSeverity.Warning);

    private static bool Matches(AnalyzedView item, string? search) =>
        string.IsNullOrEmpty(search) || item.Key.Contains(search, StringComparison.OrdinalIgnoreCase) || item.Name.Contains(search, StringComparison.OrdinalIgnoreCase);

    // In the order of the list: nothing that a key may hold comes before the separator.
    private static string PositionOf(AnalyzedView item) => $"{(item.Subject == AnalysisSubject.Flag ? 'f' : 's')}\u0001{item.Key}\u0001{item.Environment}";
}
