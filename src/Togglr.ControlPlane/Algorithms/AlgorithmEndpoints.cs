using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.Schedules;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Algorithms;

/// <summary>The algorithm of a flag in an environment. It changes what is served without touching what people configured: without it, that is served again.</summary>
internal static class AlgorithmEndpoints
{
    public static void MapAlgorithms(this IEndpointRouteBuilder project)
    {
        var algorithm = project.MapGroup("/flags/{flag}/environments/{env}/algorithm").WithTags("Algorithms");
        algorithm.MapGet("", GetAsync).WithName("getAlgorithm").WithSummary("The algorithm that shares out a flag's traffic").RequirePermission(Permissions.FlagView);
        algorithm.MapPut("", PutAsync).WithName("putAlgorithm").WithSummary("Let an algorithm share out a flag's traffic, or change it").RequirePermission(Permissions.ExperimentManage);
        algorithm.MapDelete("", DeleteAsync).WithName("deleteAlgorithm").WithSummary("Serve what is configured again; what was learned is forgotten").RequirePermission(Permissions.ExperimentManage);
        algorithm.MapGet("/state", AlgorithmReading.GetStateAsync).WithName("getAlgorithmState").WithSummary("What an algorithm has come to").RequirePermission(Permissions.FlagView);
        algorithm.MapGet("/history", AlgorithmReading.GetHistoryAsync).WithName("getAlgorithmHistory").WithSummary("How an algorithm came to where it is").RequirePermission(Permissions.FlagView);
    }

    internal static Task<FlagAlgorithm?> FindAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Algorithms.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.EnvironmentId == current.Environment.Id && row.FlagKey == flag, cancel);

    internal static Problem NotThere(string flag) => Problem.NotFound($"No algorithm shares out the traffic of {flag} there.");

    private static async Task<Results<Versioned<AlgorithmView>, Problem>> GetAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(flag, current, db, cancel) is not { } row)
            return NotThere(flag);
        return new Versioned<AlgorithmView>(AlgorithmView.Of(row, await db.AlgorithmWeights.SingleAsync(weights => weights.AlgorithmId == row.Id, cancel)), row.Version);
    }

    internal static async Task<Results<Versioned<AlgorithmView>, Problem>> PutAsync(string flag, PutAlgorithmRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await ScheduleEndpoints.FindStateAsync(flag, current, db, cancel) is not { } state)
            return FlagStore.NotThere(flag);
        if (Share(request.Holdout) is not { } holdout)
            return Problem.Invalid(new ProblemItem("out_of_range", "/holdout", "A share is between 0 and 50 % with at most two decimals."));
        var design = Design(request, holdout);
        var (metric, fault) = await FindMetricAsync(design.Reward, current, db, cancel);
        if (fault is not null)
            return Problem.Invalid(fault);
        var row = await FindAsync(flag, current, db, cancel);
        if (row is not null && EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        AlgorithmWeights weights;
        var isNew = row is null;
        if (row is null)
        {
            var created = FlagAlgorithm.Create(state.Flag!, state, design, metric?.Details);
            if (!created.IsOk)
                return created.Error.ToProblem();
            db.Algorithms.Add(row = created.Value);
            db.AlgorithmWeights.Add(weights = AlgorithmWeights.Begin(row, db.Now));
            db.AlgorithmSteps.Add(weights.Step(row.Generation));
        }
        else
        {
            weights = await db.AlgorithmWeights.SingleAsync(other => other.AlgorithmId == row.Id, cancel);
            var generation = row.Generation;
            if (row.Change(state.Flag!, state, design, metric?.Details) is { IsOk: false } changed)
                return changed.Error!.ToProblem();
            if (weights.Rearrange(row, forget: row.Generation != generation, db.Now))
                db.AlgorithmSteps.Add(weights.Step(row.Generation));
        }
        if (await current.SaveAsync(isNew ? "algorithm.started" : "algorithm.updated", flag, row.Id, request.Reason, cancel, current.Environment.Key) is { } problem)
            return problem;
        return new Versioned<AlgorithmView>(AlgorithmView.Of(row, weights), row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(flag, current, db, cancel) is not { } row)
            return NotThere(flag);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        db.Algorithms.Remove(row);
        if (await current.SaveAsync("algorithm.removed", flag, row.Id, reason: null, cancel, current.Environment.Key) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    /// <summary>A metric that gives every unit a number of its own; none where the reward names none.</summary>
    private static async Task<(Metric? Metric, ProblemItem? Fault)> FindMetricAsync(AlgorithmReward reward, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (reward.Source != RewardSource.Metric || string.IsNullOrEmpty(reward.Metric))
            return default;
        var metric = await db.Metrics.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == reward.Metric, cancel);
        return metric is null ? (null, new ProblemItem("invalid", "/reward/metric", $"There is no metric {reward.Metric}."))
            : metric.Kind is MetricKind.Conversion or MetricKind.Count or MetricKind.Sum ? (metric, null)
            : (null, new ProblemItem("invalid", "/reward/metric", "An algorithm learns from conversions, counts and sums."));
    }

    private static AlgorithmDesign Design(PutAlgorithmRequest request, int holdout) => new()
    {
        Kind = request.Kind, RuleId = request.Rule, Arms = request.Arms ?? [], Settings = request.Settings ?? new Dictionary<string, double>(),
        Reward = request.Reward is { } reward ? new AlgorithmReward(reward.Source, reward.Metric, reward.WindowMinutes ?? 0) : new AlgorithmReward(RewardSource.Outcome),
        Context = [.. (request.Context ?? []).Select(part => new AlgorithmContext(part.Attribute, part.Values))], Holdout = holdout, IntervalSeconds = request.IntervalSeconds ?? AlgorithmDesign.DefaultInterval,
        BucketBy = string.IsNullOrEmpty(request.BucketBy) ? null : request.BucketBy, Paused = request.Paused ?? false,
    };

    /// <summary>Hundredths of a percent.</summary>
    private static int? Share(double? percentage) =>
        (percentage ?? 0) is >= 0 and <= 50 and var share && Math.Abs(share * 100 - Math.Round(share * 100)) < 1e-6 ? (int)Math.Round(share * 100) : null;
}
