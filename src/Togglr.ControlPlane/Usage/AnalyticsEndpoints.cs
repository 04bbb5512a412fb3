using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;
using Nearness = Togglr.Evaluation.Validation.Nearness;
using UserSketch = Togglr.Evaluation.UserSketch;

namespace Togglr.ControlPlane.Usage;

internal static class AnalyticsEndpoints
{
    private const int MostFlags = 500;
    private const string RangeText = "1h, 24h, 7d or 30d; 24h if absent";
    private static readonly AnalyticsOutcomesView s_none = new(0, 0, 0, null);

    public static void MapAnalytics(this IEndpointRouteBuilder project)
    {
        var analytics = project.MapGroup("").WithTags("Analytics");
        analytics.MapGet("/analytics", GetAsync).WithName("getAnalytics").WithSummary("How the flags of an environment were used").RequirePermission(Permissions.FlagView);
        analytics.MapGet("/analytics/unknown-flags", ListUnknownAsync).WithName("listUnknownFlags").WithSummary("Flags that applications ask for and that are not there")
            .RequirePermission(Permissions.FlagView);
        analytics.MapGet("/flags/{flag}/analytics", GetFlagAsync).WithName("getFlagAnalytics").WithSummary("How a flag was used in an environment").RequirePermission(Permissions.FlagView);
    }

    private static async Task<Results<Ok<AnalyticsView>, Problem>> GetAsync(
        [FromQuery(Name = "environment"), Description("Key of an environment")] string environment,
        [FromQuery(Name = "range"), Description(RangeText)] string? range,
        Current current,
        TogglrDbContext db,
        AnalyticsReader analytics,
        CancellationToken cancel)
    {
        if (AnalyticsSpan.Of(range ?? "24h", db.Now) is not { } span)
            return UnknownRange;
        if (await FindAsync(db, current, environment, cancel) is not { } place)
            return Problem.NotFound($"There is no environment {environment}.");
        var flags = await db.Flags.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && row.ArchivedAt == null)
            .Select(row => new
            {
                row.Id, row.Key, row.Name,
                State = row.Environments.Where(state => state.EnvironmentId == place).Select(static state => state.Killed ? 2 : state.Enabled ? 1 : 0).FirstOrDefault(),
            }).ToListAsync(cancel);
        var reasons = await analytics.ReadReasonsAsync(place, span, cancel);
        var totals = await analytics.ReadTotalsAsync(place, span, null, cancel);
        var users = await analytics.ReadUsersAsync(place, span, null, cancel);
        var outcomes = (await analytics.ReadOutcomesAsync(place, span, null, cancel)).ToLookup(static row => row.Flag, StringComparer.Ordinal);
        var total = reasons.Sum(static row => row.Total);
        return TypedResults.Ok(new AnalyticsView(
            environment, span.Range, span.From, span.StepSeconds, span.Steps, total, totals.Values.Sum(static row => row.Before), All(users.Values, total), reasons,
            new AnalyticsStatesView(flags.Count(static row => row.State == 1), flags.Count(static row => row.State == 0), flags.Count(static row => row.State == 2)),
            Sum(flags.SelectMany(row => outcomes[row.Key])),
            [
                .. flags.Select(row => (row.Key, row.Name, Counts: totals.GetValueOrDefault(row.Id), row.Id)).Where(row => row.Counts.Total + row.Counts.Before > 0 || outcomes.Contains(row.Key))
                    .OrderByDescending(static row => row.Counts.Total).ThenBy(static row => row.Key, StringComparer.Ordinal).Take(MostFlags)
                    .Select(row => new AnalyticsFlagView(row.Key, row.Name, row.Counts.Total, row.Counts.Before, Of(users, row.Id, row.Counts.Total), Sum(outcomes[row.Key]))),
            ],
            (await analytics.ReadUnknownAsync(current.Project.Id, [place], cancel)).Count));
    }

    private static async Task<Results<Ok<FlagAnalyticsView>, Problem>> GetFlagAsync(
        string flag,
        [FromQuery(Name = "environment"), Description("Key of an environment")] string environment,
        [FromQuery(Name = "range"), Description(RangeText)] string? range,
        Current current,
        TogglrDbContext db,
        AnalyticsReader analytics,
        CancellationToken cancel)
    {
        if (AnalyticsSpan.Of(range ?? "24h", db.Now) is not { } span)
            return UnknownRange;
        if (await db.Flags.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        if (await FindAsync(db, current, environment, cancel) is not { } place)
            return Problem.NotFound($"There is no environment {environment}.");
        var used = await db.FlagUsages.AsNoTracking().SingleOrDefaultAsync(other => other.FlagId == row.Id && other.EnvironmentId == place, cancel);
        var series = await analytics.ReadSeriesAsync(place, row.Id, span, cancel);
        var before = (await analytics.ReadTotalsAsync(place, span, row.Id, cancel)).GetValueOrDefault(row.Id).Before;
        var users = await analytics.ReadUsersAsync(place, span, row.Id, cancel);
        var outcomes = await analytics.ReadOutcomesAsync(place, span, row.Key, cancel);
        var total = series.Sum(static item => item.Total);
        return TypedResults.Ok(new FlagAnalyticsView(
            row.Key, environment, span.Range, span.From, span.StepSeconds, span.Steps, total, before, Of(users, row.Id, total), series, VariantsOf(row, series, outcomes), Sum(outcomes),
            used?.FirstAt, used?.LastAt));
    }

    private static async Task<Results<Ok<UnknownFlagsView>, Problem>> ListUnknownAsync(
        [FromQuery(Name = "environment"), Description("Key of an environment; all of them together if absent")] string? environment,
        Current current,
        TogglrDbContext db,
        AnalyticsReader analytics,
        CancellationToken cancel)
    {
        var environments = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && (environment == null || row.Key == environment))
            .ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        if (environments.Count == 0 && environment is not null)
            return Problem.NotFound($"There is no environment {environment}.");
        var unknown = await analytics.ReadUnknownAsync(current.Project.Id, [.. environments.Keys], cancel);
        var known = unknown.Count == 0 ? [] : await db.Flags.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && row.ArchivedAt == null).Select(row => row.Key).ToListAsync(cancel);
        return TypedResults.Ok(new UnknownFlagsView(
        [
            .. unknown.Select(row => new UnknownFlagView(
                environments[row.Environment], row.Flag, row.Cause, row.Cause == UnknownFlagCause.NeverExisted ? Nearness.Nearest(row.Flag, known) : null, row.Count, row.FirstAt, row.LastAt, row.Sdk)),
        ]));
    }

    private static Problem UnknownRange => Problem.Invalid(new ProblemItem("invalid", "range", "range is 1h, 24h, 7d or 30d."));

    private static Task<Guid?> FindAsync(TogglrDbContext db, Current current, string environment, CancellationToken cancel) =>
        db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && row.Key == environment).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancel);

    private static List<AnalyticsVariantView> VariantsOf(Flag flag, List<UsageSeriesView> series, List<(string Flag, string Variant, string Outcome, long Count)> outcomes)
    {
        var served = series.ToLookup(static row => row.Variant ?? "", StringComparer.Ordinal);
        var ended = outcomes.ToLookup(static row => row.Variant, StringComparer.Ordinal);
        var keys = flag.Variants.Select(static variant => variant.Key).ToList();
        // Feedback may name variants that the flag does not have: whoever invents them sees no figures of theirs.
        return
        [
            .. keys.Concat(served.Select(static group => group.Key).Where(key => !keys.Contains(key, StringComparer.Ordinal)).OrderByDescending(static key => key, StringComparer.Ordinal))
                .Select(key => new AnalyticsVariantView(key.Length == 0 ? null : key, served[key].Sum(static row => row.Total), keys.Contains(key, StringComparer.Ordinal) ? Sum(ended[key]) : s_none)),
        ];
    }

    private static AnalyticsOutcomesView Sum(IEnumerable<(string Flag, string Variant, string Outcome, long Count)> outcomes)
    {
        var sums = outcomes.GroupBy(static row => row.Outcome, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Sum(static row => row.Count), StringComparer.Ordinal);
        var (successes, failures, errors) = (sums.GetValueOrDefault("success"), sums.GetValueOrDefault("failure"), sums.GetValueOrDefault("error"));
        var all = successes + failures + errors;
        return new AnalyticsOutcomesView(successes, failures, errors, all == 0 ? null : (double)successes / all);
    }

    private static long Of(Dictionary<Guid, UserSketch> users, Guid flag, long most) => users.TryGetValue(flag, out var sketch) ? Math.Min(sketch.Estimate(), most) : 0;

    /// <summary>Users of any of the flags. Never more than there were evaluations, whatever a client made up.</summary>
    private static long All(IEnumerable<UserSketch> users, long most)
    {
        var all = new UserSketch();
        foreach (var sketch in users)
            all.Merge(sketch);
        return Math.Min(all.Estimate(), most);
    }
}
