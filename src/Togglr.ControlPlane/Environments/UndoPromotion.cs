using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Audit;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>Flags that were promoted to an environment and have not changed there since.</summary>
public sealed record UndoPromotionRequest
{
    /// <summary>Keys of the flags with the versions that the promotion told, 1 to 5,000.</summary>
    public required IReadOnlyDictionary<string, int> Flags { get; init; }

    /// <summary>Why, for the audit log; needed where the environment is critical.</summary>
    public string? Reason { get; init; }
}

/// <summary>What was undone.</summary>
/// <param name="Environment">Key of the environment.</param>
/// <param name="Flags">Keys of the flags that do again what they did before the promotion.</param>
public sealed record UndonePromotionView(string Environment, IReadOnlyList<string> Flags);

/// <summary>
/// Brings back what flags did in an environment before they were promoted to it, as the audit log tells it: all of them in one transaction, or none where somebody changed one since. The kill
/// switch stays as it is.
/// </summary>
internal static class UndoPromotion
{
    private const string Action = "flag.promoted";

    public static async Task<Results<Ok<UndonePromotionView>, Problem>> HandleAsync(
        UndoPromotionRequest request, Current current, [FromServices] TogglrDatabase database, TogglrDbContext db, CancellationToken cancel)
    {
        var target = current.Environment;
        if (request.Flags.Count is 0 or > PromoteEnvironment.MaximumFlags)
            return Problem.Invalid(new ProblemItem("out_of_range", "/flags", $"Name 1 to {PromoteEnvironment.MaximumFlags} flags."));
        if (target.Critical && string.IsNullOrWhiteSpace(request.Reason))
            return Problem.Invalid(new ProblemItem("required", "/reason", $"{target.Name} is critical: say why."));

        if (request.Flags.Keys.Select(key => Texts.Fault(key, "/flags")).FirstOrDefault(fault => fault is not null) is { } fault)
            return Problem.Invalid(fault);
        string[] keys = [.. request.Flags.Keys.Order(StringComparer.Ordinal)];
        var flags = await db.Flags.Where(flag => flag.ProjectId == target.ProjectId && keys.Contains(flag.Key))
            .Include(flag => flag.Environments.Where(state => state.EnvironmentId == target.Id)).ToDictionaryAsync(flag => flag.Key, StringComparer.Ordinal, cancel);
        string[] changed = [.. keys.Where(key => !flags.TryGetValue(key, out var flag) || flag.ArchivedAt is not null || flag.StateIn(target).Version != request.Flags[key])];
        if (changed.Length > 0)
        {
            return Problem.Conflict(
                $"Nothing was undone: in {target.Key} somebody has changed {PromoteEnvironment.Named(changed)} since.", "changed_meanwhile",
                [.. changed.Take(PromoteEnvironment.NamedConflicts).Select(key => new ProblemItem("changed", $"/flags/{key}", $"{key} was changed."))]);
        }

        var entries = await new AuditLog(database.DataSource, current.OrganizationId).ReadLatestAsync(Action, current.Project.Key, target.Key, keys, cancel);
        foreach (var key in keys)
        {
            if (Restore(flags[key], target, entries.GetValueOrDefault(key), current) is { } problem)
                return problem;
        }
        ChangePart[] parts = [.. keys.Select(key => new ChangePart("flag.reverted", key, flags[key].Id, [flags[key].StateIn(target)]))];
        if (await current.SaveAsync("environment.reverted", target.Key, target.Id, request.Reason ?? "The promotion was undone.", cancel, target.Key, parts: parts) is { } failed)
            return failed;
        return TypedResults.Ok(new UndonePromotionView(target.Key, keys));
    }

    private static Problem? Restore(Flag flag, ProjectEnvironment target, AuditEntry? promotion, Current current)
    {
        var (state, name) = (flag.StateIn(target), $"flags/{flag.Key}/environments/{target.Key}");
        var past = promotion?.Before is { } before ? new PastState(promotion, JsonColumn.Parse(before)) : null;
        // One that brought other variants along did more than can be taken back here.
        if (past is null || promotion!.EntityId != flag.Id || past.Row($"flags/{flag.Key}") is not null || past.Row(name) is not { } row
            || row.Json("prerequisites") is not { } prerequisites || row.Json("targets") is not { } targets || row.Json("rules") is not { } rules || row.Json("default") is not { } serve)
        {
            return RestoreAuditEntry.Refused($"The audit log does not tell what {flag.Key} did in {target.Key} before a promotion.");
        }
        var configured = state.Configure(new FlagConfiguration(prerequisites, targets, rules, serve, row.Text("offVariant")));
        return configured.IsOk ? state.Switch(row.Is("enabled"), current) : RestoreAuditEntry.Refused(configured.Error);
    }
}
