using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Segments;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>What a design refers to must be there, and its condition must mean something.</summary>
internal static class ExperimentDesign
{
    /// <summary>What is wrong with a design besides its shape; null for nothing.</summary>
    public static async Task<Problem?> FaultAsync(TogglrDbContext db, Current current, string key, ExperimentDetails details, CancellationToken cancel)
    {
        if (await Owners.FaultAsync(db, details.OwnerId, cancel) is { } unknown)
            return unknown;
        if (details.HoldoutKey is { } holdout && !await db.Holdouts.AnyAsync(row => row.ProjectId == current.Project.Id && row.Key == holdout, cancel))
            return Problem.Invalid(new ProblemItem("unknown_holdout", "/holdout", $"There is no holdout {holdout}."));
        string[] wanted = [.. details.Plan.Metrics.Select(metric => metric.Metric)];
        var known = await db.Metrics.Where(row => row.ProjectId == current.Project.Id && wanted.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancel);
        var missing = Array.FindIndex(wanted, metric => !known.Contains(metric, StringComparer.Ordinal));
        if (missing >= 0)
            return Problem.Invalid(new ProblemItem("unknown_metric", $"/plan/metrics/{missing}/metric", $"There is no metric {wanted[missing]}."));
        return details.Audience is { } audience ? await ConditionFaultAsync(db, current, key, audience, cancel) : null;
    }

    /// <summary>The condition; null for what JSON calls null.</summary>
    public static JsonElement? Condition(JsonElement? given) => given is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } condition ? condition : null;

    /// <summary>The part of a layer that was asked for, or the first that is free.</summary>
    public static async Task<(LayerRange? Range, Problem? Problem)> FindLayerAsync(
        TogglrDbContext db, Current current, ExperimentLayerBody body, Guid? environment, Guid? self, CancellationToken cancel)
    {
        if (!await db.Layers.AnyAsync(row => row.ProjectId == current.Project.Id && row.Key == body.Key, cancel))
            return (null, Problem.Invalid(new ProblemItem("unknown_layer", "/layer/key", $"There is no layer {body.Key}.")));
        if (body is { From: { } from, To: { } to, Percentage: null })
        {
            var (first, end) = (Shares.Of(from), Shares.Of(to));
            return first < 0 || end < 0 || first >= end
                ? (null, Problem.Invalid(new ProblemItem("out_of_range", "/layer", "A part of a layer begins before it ends, between 0 and 100 %, with at most two decimals.")))
                : (new LayerRange(body.Key, first, end), null);
        }
        if (body is not { From: null, To: null, Percentage: { } percentage } || Shares.Of(percentage) is not (> 0 and var share))
            return (null, Problem.Invalid(new ProblemItem("required", "/layer", "Say from and to, or how much of the layer: above 0 to 100 %, with at most two decimals.")));
        var taken = await db.Experiments.AsNoTracking()
            .Where(row => row.ProjectId == current.Project.Id && row.EnvironmentId == environment && row.LayerKey == body.Key && row.Id != self
                && (row.State == ExperimentState.Draft || row.State == ExperimentState.Running || row.State == ExperimentState.Paused))
            .OrderBy(row => row.LayerFrom).Select(row => new { From = row.LayerFrom!.Value, To = row.LayerTo!.Value }).ToListAsync(cancel);
        var (start, widest) = (0, 0);
        foreach (var part in taken.Append(new { From = Experiment.Whole, To = Experiment.Whole }))
        {
            if (part.From - start >= share)
                return (new LayerRange(body.Key, start, start + share), null);
            widest = Math.Max(widest, part.From - start);
            start = Math.Max(start, part.To);
        }
        return (null, Problem.Conflict(FormattableString.Invariant($"The widest part of {body.Key} that is free is {widest / 100.0} %."), "layer_full"));
    }

    private static async Task<Problem?> ConditionFaultAsync(TogglrDbContext db, Current current, string key, JsonElement audience, CancellationToken cancel)
    {
        if (audience.ValueKind != JsonValueKind.Object)
            return Problem.Invalid(new ProblemItem("invalid", "/audience", "A condition is an object."));
        // The analysis is the one of segments, where the condition stands under "if".
        var problem = await ConditionCheck.RunAsync(db, current.Project, key, audience, cancel);
        return problem?.Errors is { } errors
            ? Problem.Invalid([.. errors.Select(error => error with { Path = error.Path.StartsWith("/if", StringComparison.Ordinal) ? $"/audience{error.Path[3..]}" : error.Path })]) : problem;
    }
}
