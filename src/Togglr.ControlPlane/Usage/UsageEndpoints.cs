using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Messaging;
using Togglr.Store;

namespace Togglr.ControlPlane.Usage;

internal static class UsageEndpoints
{
    private const int MostSteps = 48;
    private const int MostHours = 90 * 24;

    public static void MapUsage(this IEndpointRouteBuilder project)
    {
        var usage = project.MapGroup("").WithTags("Usage");
        usage.MapGet("/usage", ListAsync).WithName("getUsage").WithSummary("How often the flags of a project were evaluated").RequirePermission(Permissions.FlagView);
        usage.MapGet("/flags/{flag}/usage", GetAsync).WithName("getFlagUsage").WithSummary("What a flag gave in an environment, by variant and reason")
            .RequirePermission(Permissions.FlagView);
        usage.MapGet("/environments/{env}/connections", ConnectionsAsync).WithName("getConnections").WithSummary("What is happening in an environment right now")
            .RequirePermission(Permissions.ProjectView);
        usage.MapGet("/onboarding", OnboardingAsync).WithName("getOnboarding").WithSummary("How far an application has come with being connected")
            .RequirePermission(Permissions.ProjectView);
    }

    private static async Task<Results<Ok<UsageView>, Problem>> ListAsync(
        [FromQuery(Name = "environment"), Description("Key of an environment; all of them together if absent")] string? environment,
        [FromQuery(Name = "hours"), Description("How far back, 1 to 2160; 24 if absent")] int? hours,
        Current current,
        TogglrDbContext db,
        UsageReader usage,
        CancellationToken cancel)
    {
        var span = hours ?? 24;
        if (span is < 1 or > MostHours)
            return Problem.Invalid(new ProblemItem("out_of_range", "hours", $"hours must be from 1 to {MostHours}."));
        var environments = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && (environment == null || row.Key == environment))
            .Select(row => row.Id).ToArrayAsync(cancel);
        if (environments.Length == 0 && environment is not null)
            return Problem.NotFound($"There is no environment {environment}.");
        var stepHours = (span + MostSteps - 1) / MostSteps;
        var steps = (span + stepHours - 1) / stepHours;
        // The hour that is not over yet is the last one.
        var from = Floor(db.Now, TimeSpan.FromHours(1)).AddHours(1 - stepHours * steps);
        var flags = await usage.ReadFlagsAsync(environments, from, stepHours, steps, cancel);
        var all = new long[steps];
        foreach (var (_, series, _) in flags.Values)
        {
            for (var step = 0; step < steps; step++)
                all[step] += series[step];
        }
        return TypedResults.Ok(new UsageView(environment, from, stepHours, steps, all.Sum(), all,
            flags.ToDictionary(pair => pair.Key, pair => new UsageFlagView(pair.Value.Total, pair.Value.Series, pair.Value.LastAt), StringComparer.Ordinal)));
    }

    private static async Task<Results<Ok<FlagUsageView>, Problem>> GetAsync(
        string flag,
        [FromQuery(Name = "environment"), Description("Key of an environment")] string environment,
        [FromQuery(Name = "from"), Description("A day or a week before the end if absent")] DateTimeOffset? from,
        [FromQuery(Name = "to"), Description("Now if absent")] DateTimeOffset? to,
        [FromQuery(Name = "step"), Description("hour if absent; at most 744 hours or 400 days")] Choice<UsageStep>? step,
        Current current,
        TogglrDbContext db,
        UsageReader usage,
        CancellationToken cancel)
    {
        if (await db.Flags.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        if (await db.Environments.AsNoTracking().SingleOrDefaultAsync(other => other.ProjectId == current.Project.Id && other.Key == environment, cancel) is not { } place)
            return Problem.NotFound($"There is no environment {environment}.");
        var size = step?.Value ?? UsageStep.Hour;
        var length = size == UsageStep.Hour ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1);
        var limit = size == UsageStep.Hour ? 744 : 400;
        var until = (to ?? db.Now).ToUniversalTime();
        var usual = Floor(until, length) - DateTimeOffset.MinValue < length * 30 ? until : Floor(until, length) - length * (size == UsageStep.Hour ? 23 : 6);
        var since = (from ?? usual).ToUniversalTime();
        if (since > until || DateTimeOffset.MaxValue - until < length * 2)
            return Problem.Invalid(new ProblemItem("out_of_range", "from", "from must not be after to."));
        var start = Floor(since, length);
        var count = (Floor(until, length) - start) / length + 1;
        if (count > limit)
            return Problem.Invalid(new ProblemItem("out_of_range", "from", $"from and to are at most {limit} steps apart."));
        var steps = (int)count;
        var used = await db.FlagUsages.AsNoTracking().SingleOrDefaultAsync(other => other.FlagId == row.Id && other.EnvironmentId == place.Id, cancel);
        var series = await usage.ReadFlagAsync(row.Id, place.Id, start, (int)length.TotalHours, steps, cancel);
        return TypedResults.Ok(new FlagUsageView(
            row.Key, place.Key, start, start + length * steps, size, steps, series.Sum(item => item.Total), used?.FirstAt, used?.LastAt, series));
    }

    private static async Task<Ok<ConnectionsView>> ConnectionsAsync(Current current, UsageReader usage, [FromServices] IServiceProvider services, CancellationToken cancel)
    {
        var place = current.Environment;
        var activity = services.GetService<FlagActivity>()?.ReadEnvironment(place.Id);
        var used = (await usage.ReadEnvironmentsAsync([place.Id], cancel)).GetValueOrDefault(place.Id);
        return TypedResults.Ok(new ConnectionsView(
            place.Key, activity is not null, activity?.Streams ?? 0, activity?.PerSecond ?? 0, FlagActivity.StepSeconds, activity?.Steps ?? [],
            used.FirstAt == default ? null : used.FirstAt, used.LastAt == default ? null : used.LastAt, used.Sdk));
    }

    private static async Task<Ok<OnboardingView>> OnboardingAsync(Current current, TogglrDbContext db, UsageReader usage, CancellationToken cancel)
    {
        var environments = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).OrderBy(row => row.Position).Select(row => new { row.Id, row.Key }).ToListAsync(cancel);
        var now = db.Now;
        var keys = (await db.SdkKeys.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now))
            .Select(row => new { row.EnvironmentId, row.Kind, row.LastUsedAt }).ToListAsync(cancel)).ToLookup(row => row.EnvironmentId);
        var flags = await db.Flags.CountAsync(row => row.ProjectId == current.Project.Id && row.ArchivedAt == null, cancel);
        var uses = await usage.ReadEnvironmentsAsync([.. environments.Select(row => row.Id)], cancel);
        return TypedResults.Ok(new OnboardingView(flags,
        [
            .. environments.Select(row => new OnboardingEnvironmentView(
                row.Key, keys[row.Id].Count(key => key.Kind == SdkKeyKind.Server), keys[row.Id].Count(key => key.Kind == SdkKeyKind.Client), keys[row.Id].Max(key => key.LastUsedAt),
                uses.TryGetValue(row.Id, out var used) ? used.FirstAt : null, uses.TryGetValue(row.Id, out used) ? used.LastAt : null, uses.TryGetValue(row.Id, out used) ? used.Sdk : null)),
        ]));
    }

    private static DateTimeOffset Floor(DateTimeOffset at, TimeSpan step) => new(at.UtcTicks - at.UtcTicks % step.Ticks, TimeSpan.Zero);
}
