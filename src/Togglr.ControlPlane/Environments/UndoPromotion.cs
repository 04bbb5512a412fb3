using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Audit;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>Flags that were promoted to an environment and have not changed there since.</summary>
public sealed record UndoPromotionRequest
{
    /// <summary>Keys of the flags with the versions that the promotion told, 1 to 5,000.</summary>
    public required IReadOnlyDictionary<string, int> Flags { get; init; }

    /// <summary>For flags that the promotion created or whose variants it replaced: the <c>flagVersion</c> that it told.</summary>
    public IReadOnlyDictionary<string, int>? FlagVersions { get; init; }

    /// <summary>Keys of segments that the promotion created and that go again, at most 1,000.</summary>
    public IReadOnlyList<string>? Segments { get; init; }

    /// <summary>Why, for the audit log; needed where the environment is critical.</summary>
    public string? Reason { get; init; }
}

/// <summary>What was undone.</summary>
/// <param name="Environment">Key of the environment.</param>
/// <param name="Flags">Keys of the flags that do again what they did before the promotion, or are gone again.</param>
/// <param name="Removed">Keys of those that are gone again, because the promotion had created them.</param>
/// <param name="RemovedSegments">Keys of the segments that are gone again.</param>
public sealed record UndonePromotionView(string Environment, IReadOnlyList<string> Flags, IReadOnlyList<string> Removed, IReadOnlyList<string> RemovedSegments);

/// <summary>
/// Brings back what flags did in an environment before they were promoted to it, as the audit log tells it, with their variants; and removes what was created. All of it in one transaction, or nothing
/// where somebody changed a part of it since, or built on it. The kill switch stays as it is.
/// </summary>
internal sealed class UndoPromotion(Current current, TogglrDatabase database, TogglrDbContext db, TimeProvider time)
{
    private const string Action = "flag.promoted";
    private const int MaximumSegments = 1000;

    private readonly List<ProblemItem> _changed = [];
    private readonly List<ChangePart> _parts = [];
    private readonly List<string> _removed = [];

    public static Task<Results<Ok<UndonePromotionView>, Problem>> HandleAsync(
        UndoPromotionRequest request, Current current, [FromServices] TogglrDatabase database, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        new UndoPromotion(current, database, db, time).RunAsync(request, cancel);

    private async Task<Results<Ok<UndonePromotionView>, Problem>> RunAsync(UndoPromotionRequest request, CancellationToken cancel)
    {
        var target = current.Environment;
        if (request.Flags.Count is 0 or > PromoteEnvironment.MaximumFlags)
            return Problem.Invalid(new ProblemItem("out_of_range", "/flags", $"Name 1 to {PromoteEnvironment.MaximumFlags} flags."));
        if (request.Segments?.Count > MaximumSegments)
            return Problem.Invalid(new ProblemItem("too_many", "/segments", $"Name at most {MaximumSegments} segments."));
        if (target.Critical && string.IsNullOrWhiteSpace(request.Reason))
            return Problem.Invalid(new ProblemItem("required", "/reason", $"{target.Name} is critical: say why."));
        if (request.Flags.Keys.Select(key => Texts.Fault(key, "/flags")).Concat((request.Segments ?? []).Select(key => Texts.Fault(key, "/segments"))).FirstOrDefault(fault => fault is not null) is { } fault)
            return Problem.Invalid(fault);

        string[] keys = [.. request.Flags.Keys.Order(StringComparer.Ordinal)];
        var flags = await db.Flags.Where(flag => flag.ProjectId == target.ProjectId && keys.Contains(flag.Key)).Include(flag => flag.Environments).ToDictionaryAsync(flag => flag.Key, StringComparer.Ordinal, cancel);
        foreach (var key in keys.Where(key => !flags.TryGetValue(key, out var flag) || flag.ArchivedAt is not null || flag.StateIn(target).Version != request.Flags[key]))
            _changed.Add(new ProblemItem("changed", $"/flags/{key}", $"{key} was changed."));
        if (_changed.Count > 0)
            return Changed();

        var entries = await new AuditLog(database.DataSource, current.OrganizationId).ReadLatestAsync(Action, current.Project.Key, target.Key, keys, cancel);
        foreach (var key in keys)
        {
            if (await UndoAsync(flags[key], entries.GetValueOrDefault(key), request.FlagVersions?.TryGetValue(key, out var version) == true ? version : null, cancel) is { } problem)
                return problem;
        }
        var segments = request.Segments is { Count: > 0 } named ? await RemoveAsync([.. named.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], cancel) : [];
        if (_changed.Count > 0)
            return Changed();
        if ((_removed.Count > 0 && !current.May(Permissions.FlagManage, current.Project.Id)) || (segments.Length > 0 && !current.May(Permissions.SegmentManage, current.Project.Id)))
            return Problem.Forbidden($"Removing what was created needs {Permissions.FlagManage} and {Permissions.SegmentManage} in the whole project {current.Project.Key}.");
        if (await current.SaveAsync("environment.reverted", target.Key, target.Id, request.Reason ?? "The promotion was undone.", cancel, target.Key, parts: _parts) is { } failed)
            return failed;
        return TypedResults.Ok(new UndonePromotionView(target.Key, keys, _removed, segments));
    }

    private async Task<Problem?> UndoAsync(Flag flag, AuditEntry? promotion, int? version, CancellationToken cancel)
    {
        var (target, own) = (current.Environment, $"flags/{flag.Key}");
        if (promotion is null || promotion.EntityId != flag.Id)
            return NotTold(flag);
        var past = promotion.Before is { } before ? new PastState(promotion, JsonColumn.Parse(before)) : null;
        var isCreated = past?.Row($"{own}/environments/{target.Key}") is null;
        if ((isCreated || past!.Row(own) is not null) && flag.Version != version)
        {
            _changed.Add(new ProblemItem("changed", $"/flagVersions/{flag.Key}", version is null ? $"{flag.Key} was created, or has got other variants: name its flagVersion." : $"{flag.Key} was changed."));
            return null;
        }
        if (isCreated)
            return await RemoveAsync(flag, cancel);
        if (past!.Row(own) is not null)
        {
            var restored = await RestoreFlag.RunAsync(past, current, db, time, cancel);
            _parts.Add(new ChangePart("flag.reverted", flag.Key, flag.Id, [flag, flag.StateIn(target)]));
            return restored.Problem;
        }
        if (past.Row($"{own}/environments/{target.Key}") is not { } row
            || row.Json("prerequisites") is not { } prerequisites || row.Json("targets") is not { } targets || row.Json("rules") is not { } rules || row.Json("default") is not { } serve)
            return NotTold(flag);
        var state = flag.StateIn(target);
        _parts.Add(new ChangePart("flag.reverted", flag.Key, flag.Id, [state]));
        var configured = state.Configure(new FlagConfiguration(prerequisites, targets, rules, serve, row.Text("offVariant")));
        return configured.IsOk ? state.Switch(row.Is("enabled"), current) : RestoreAuditEntry.Refused(configured.Error);
    }

    /// <summary>A flag that the promotion created goes, unless somebody uses it elsewhere or has built on it.</summary>
    private async Task<Problem?> RemoveAsync(Flag flag, CancellationToken cancel)
    {
        var reason = flag.Environments.FirstOrDefault(state => state.EnvironmentId != current.Environment.Id && state.Version > 1) is { } used ? $"{flag.Key} was set up in {used.EnvironmentKey}."
            : await db.Schedules.AnyAsync(row => row.FlagId == flag.Id, cancel) ? $"{flag.Key} has schedules."
            : await db.Ramps.AnyAsync(row => row.FlagId == flag.Id, cancel) ? $"{flag.Key} has ramps."
            : await db.Experiments.AnyAsync(row => row.FlagId == flag.Id, cancel) ? $"{flag.Key} has experiments."
            : await db.Incidents.AnyAsync(row => row.FlagId == flag.Id, cancel) ? $"{flag.Key} has incidents."
            : null;
        if (reason is not null)
        {
            _changed.Add(new ProblemItem("changed", $"/flags/{flag.Key}", reason));
            return null;
        }
        _removed.Add(flag.Key);
        _parts.Add(new ChangePart("flag.deleted", flag.Key, flag.Id, [flag, .. flag.Environments]));
        db.Flags.Remove(flag);
        return null;
    }

    private async Task<string[]> RemoveAsync(string[] keys, CancellationToken cancel)
    {
        var segments = await db.Segments.Where(row => row.ProjectId == current.Project.Id && keys.Contains(row.Key)).ToDictionaryAsync(row => row.Key, StringComparer.Ordinal, cancel);
        foreach (var key in keys)
        {
            if (!segments.TryGetValue(key, out var segment) || segment.Version != 1)
            {
                _changed.Add(new ProblemItem("changed", $"/segments/{key}", $"The segment {key} was changed."));
                continue;
            }
            _parts.Add(new ChangePart("segment.deleted", key, segment.Id, [segment]));
            db.Segments.Remove(segment);
        }

        return keys;
    }

    private Problem Changed() => Problem.Conflict(
        $"Nothing was undone: in {current.Environment.Key} somebody has changed {PromoteEnvironment.Named([.. _changed.Select(item => item.Path[(item.Path.LastIndexOf('/') + 1)..])])} since. {_changed[0].Message}",
        "changed_meanwhile", [.. _changed.Take(PromoteEnvironment.NamedConflicts)]);

    private Problem NotTold(Flag flag) => RestoreAuditEntry.Refused($"The audit log does not tell what {flag.Key} did in {current.Environment.Key} before a promotion.");
}
