using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>How a flag did in an environment over a time.</summary>
/// <param name="Flag">The flag.</param>
/// <param name="Environment">Where.</param>
/// <param name="HealthyShare">The part of the time in which errors were not too many and the flag was not switched off for them, 0 to 1.</param>
/// <param name="Seconds">The time, from when the flag was there.</param>
/// <param name="DegradedSeconds">How long errors were half as many as are too many, or more.</param>
/// <param name="FailingSeconds">How long they were too many.</param>
/// <param name="DisabledSeconds">How long it was switched off for them, trials included.</param>
/// <param name="Incidents">How many incidents were opened.</param>
/// <param name="DetectSeconds">How long it took to find them, on the average; null without any.</param>
/// <param name="RecoverSeconds">How long it took from then until they were over, on the average; null where none is over.</param>
public sealed record SlaRowView(
    string Flag, string Environment, double HealthyShare, double Seconds, double DegradedSeconds, double FailingSeconds, double DisabledSeconds, int Incidents, double? DetectSeconds, double? RecoverSeconds);

/// <summary>How the flags of a project did over a time.</summary>
/// <param name="From">From when.</param>
/// <param name="To">Until when.</param>
/// <param name="Total">All together.</param>
/// <param name="Items">Flags whose errors or evaluations were ever counted, the worst first.</param>
public sealed record SlaReportView(DateTimeOffset From, DateTimeOffset To, SlaRowView Total, IReadOnlyList<SlaRowView> Items);

internal static class SlaEndpoints
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public static void MapSla(this IEndpointRouteBuilder project)
    {
        var sla = project.MapGroup("/health").WithTags("Health");
        sla.MapGet("/sla", ReportAsync).WithName("getHealthReport").WithSummary("How flags did over a time: healthy share, incidents, times to detect and to recover").RequirePermission(Permissions.FlagView);
        sla.MapGet("/sla.csv", ExportAsync).WithName("exportHealthReport").WithSummary("The same as a table of comma-separated values").RequirePermission(Permissions.FlagView)
            .Produces<string>(StatusCodes.Status200OK, "text/csv");
    }

    private static async Task<Results<Ok<SlaReportView>, Problem>> ReportAsync(
        DateTimeOffset? from, DateTimeOffset? to, string? environment, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (report, problem) = await ReadAsync(from, to, environment, current, db, cancel);
        return report is null ? problem! : TypedResults.Ok(report);
    }

    private static async Task<Results<ContentHttpResult, Problem>> ExportAsync(
        DateTimeOffset? from, DateTimeOffset? to, string? environment, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (report, problem) = await ReadAsync(from, to, environment, current, db, cancel);
        if (report is null)
            return problem!;
        current.Http.Response.Headers.ContentDisposition = $"attachment; filename=\"health-{current.Project.Key}.csv\"";
        return TypedResults.Text(Table(report), "text/csv", Encoding.UTF8);
    }

    /// <summary>Keys and numbers only: nothing that a spreadsheet would take for a formula.</summary>
    private static string Table(SlaReportView report)
    {
        var table = new StringBuilder("flag,environment,from,to,healthy_percent,seconds,degraded_seconds,failing_seconds,disabled_seconds,incidents,detect_seconds,recover_seconds\r\n");
        foreach (var row in report.Items.Append(report.Total))
        {
            table.Append(CultureInfo.InvariantCulture, $"{row.Flag},{row.Environment},{report.From:yyyy-MM-dd'T'HH:mm:ss'Z'},{report.To:yyyy-MM-dd'T'HH:mm:ss'Z'},{row.HealthyShare * 100:0.####},{row.Seconds:0},");
            table.Append(CultureInfo.InvariantCulture, $"{row.DegradedSeconds:0},{row.FailingSeconds:0},{row.DisabledSeconds:0},{row.Incidents},{row.DetectSeconds:0.#},{row.RecoverSeconds:0.#}\r\n");
        }

        return table.ToString();
    }

    private static async Task<(SlaReportView? Report, Problem? Problem)> ReadAsync(
        DateTimeOffset? from, DateTimeOffset? to, string? environment, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var now = db.Now;
        var end = to is { } until && until < now ? until.ToUniversalTime() : now;
        var start = from?.ToUniversalTime() ?? end - Usual;
        if (start >= end || end - start > Longest)
            return (null, Problem.Invalid(new ProblemItem("out_of_range", "from", "from is before to, and at most 366 days.")));
        var places = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && (environment == null || row.Key == environment)).ToDictionaryAsync(row => row.Id, cancel);
        if (environment is not null && places.Count == 0)
            return (null, Problem.Invalid(new ProblemItem("unknown_environment", "environment", $"There is no environment {environment}.")));
        Guid[] ids = [.. places.Keys];
        var counted = (await db.Database.SqlQuery<CountedPlace>($"""SELECT DISTINCT flag_id AS "FlagId", environment_id AS "EnvironmentId" FROM health_totals WHERE environment_id = ANY ({ids})""").ToListAsync(cancel)).ToHashSet();
        var flags = await db.Flags.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).Select(row => new { row.Id, row.Key, row.CreatedAt }).ToDictionaryAsync(row => row.Id, cancel);
        var transitions = (await db.HealthTransitions.AsNoTracking().Where(row => ids.Contains(row.EnvironmentId) && row.At < end).OrderBy(row => row.At).ToListAsync(cancel)).ToLookup(row => new CountedPlace(row.FlagId, row.EnvironmentId));
        var incidents = (await db.Incidents.AsNoTracking().Where(row => ids.Contains(row.EnvironmentId) && row.OpenedAt >= start && row.OpenedAt < end).ToListAsync(cancel)).ToLookup(row => new CountedPlace(row.FlagId, row.EnvironmentId));
        counted.UnionWith(transitions.Select(group => group.Key));
        List<SlaRowView> rows =
        [
            .. counted.Where(place => flags.ContainsKey(place.FlagId)).Select(place => SlaReport.Row(
                flags[place.FlagId].Key, places[place.EnvironmentId].Key, flags[place.FlagId].CreatedAt > start ? flags[place.FlagId].CreatedAt : start, end,
                [.. transitions[place].Select(row => (row.At, row.State))], [.. incidents[place].Select(row => (row.BeganAt, row.OpenedAt, row.ResolvedAt))]))
                .Where(row => row.Seconds > 0).OrderBy(row => row.HealthyShare).ThenByDescending(row => row.Incidents).ThenBy(row => row.Flag, StringComparer.Ordinal).ThenBy(row => row.Environment, StringComparer.Ordinal),
        ];
        return (new SlaReportView(start, end, SlaReport.Total(rows, [.. incidents.SelectMany(group => group).Select(row => (row.BeganAt, row.OpenedAt, row.ResolvedAt))]), rows), null);
    }

    private sealed record CountedPlace(Guid FlagId, Guid EnvironmentId);
}
