using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>Finding experiments and showing them.</summary>
internal static class ExperimentStore
{
    public static Task<Experiment?> FindAsync(TogglrDbContext db, Current current, string key, CancellationToken cancel) =>
        db.Experiments.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == key, cancel);

    public static Problem NotThere(string key) => Problem.NotFound($"There is no experiment {key}.");

    /// <summary>The state of its flag in its environment, tracked, with the flag.</summary>
    public static Task<FlagEnvironment> StateAsync(TogglrDbContext db, Experiment experiment, CancellationToken cancel) =>
        db.FlagEnvironments.Include(row => row.Flag).SingleAsync(row => row.FlagId == experiment.FlagId && row.EnvironmentId == experiment.EnvironmentId, cancel);

    /// <summary>Whether the caller may not manage experiments in an environment.</summary>
    public static Problem? NotManaged(Current current, Guid environment, string key) =>
        current.May(Permissions.ExperimentManage, current.Project.Id, environment) ? null : Problem.Forbidden($"This needs the permission {Permissions.ExperimentManage} in {key}.");

    /// <summary>An experiment that the caller wants to change, tracked, in the version that they know; or why they cannot.</summary>
    public static async Task<(Experiment? Row, Problem? Problem)> FindToChangeAsync(TogglrDbContext db, Current current, string key, CancellationToken cancel)
    {
        if (await FindAsync(db, current, key, cancel) is not { } row)
            return (null, NotThere(key));
        return NotManaged(current, row.EnvironmentId, row.EnvironmentKey) is { } forbidden ? (null, forbidden)
            : EntityTags.Check(current.Http.Request, row.Version) is { } stale ? (null, stale)
            : (row, null);
    }

    /// <summary>What the flag serves changes with the experiment, which takes the right to change the flag there as well.</summary>
    public static Problem? NotAllowed(Current current, Experiment experiment) =>
        current.May(Permissions.FlagManage, current.Project.Id, experiment.EnvironmentId)
            ? null : Problem.Forbidden($"This changes what {experiment.FlagKey} serves in {experiment.EnvironmentKey}, which needs the permission {Permissions.FlagManage} there as well.");

    public static async Task<ExperimentView> ViewAsync(TogglrDbContext db, Current current, Experiment row, CancellationToken cancel) => (await ViewsAsync(db, current, [row], cancel))[0];

    public static async Task<IReadOnlyList<ExperimentView>> ViewsAsync(TogglrDbContext db, Current current, IReadOnlyList<Experiment> rows, CancellationToken cancel)
    {
        Guid[] ids = [.. rows.Select(row => row.Id)];
        Guid[] flagIds = [.. rows.Select(row => row.FlagId).Distinct()];
        var project = current.Project.Id;
        var phases = (await db.ExperimentPhases.AsNoTracking().Where(phase => ids.Contains(phase.ExperimentId)).ToListAsync(cancel)).ToLookup(phase => phase.ExperimentId);
        var states = await db.FlagEnvironments.AsNoTracking().Include(state => state.Flag).Where(state => flagIds.Contains(state.FlagId)).ToListAsync(cancel);
        string[] drafted = [.. rows.Where(row => row.StartedAt is null).SelectMany(row => row.MetricKeys).Distinct(StringComparer.Ordinal)];
        var metrics = await db.Metrics.AsNoTracking().Where(metric => metric.ProjectId == project && drafted.Contains(metric.Key)).ToDictionaryAsync(metric => metric.Key, StringComparer.Ordinal, cancel);
        string[] held = [.. rows.Where(row => row.HoldoutShare is null).Select(row => row.HoldoutKey).OfType<string>().Distinct(StringComparer.Ordinal)];
        var holdouts = await db.Holdouts.AsNoTracking().Where(holdout => holdout.ProjectId == project && held.Contains(holdout.Key)).ToDictionaryAsync(holdout => holdout.Key, holdout => holdout.Share, StringComparer.Ordinal, cancel);
        var people = await People.ReadAsync(
            db, rows.SelectMany(row => (IEnumerable<Guid?>)[row.OwnerId, row.StartedBy, row.DecidedBy, row.UpdatedBy, .. phases[row.Id].Select(phase => phase.StartedBy)]), cancel);
        return [.. rows.Select(row => View(row, phases[row.Id], states.Single(state => state.FlagId == row.FlagId && state.EnvironmentId == row.EnvironmentId), metrics, holdouts, people, current))];
    }

    private static ExperimentView View(
        Experiment row, IEnumerable<ExperimentPhase> phases, FlagEnvironment state, Dictionary<string, Metric> metrics, Dictionary<string, int> holdouts, People people, Current current) => new()
        {
            Id = row.Id, Key = row.Key, Name = row.Name, Description = row.Description, Hypothesis = row.Hypothesis, Owner = people[row.OwnerId], State = row.State, Flag = row.FlagKey, FlagName = state.Flag!.Name,
            Environment = row.EnvironmentKey, Audience = row.Audience, BucketBy = row.BucketBy, Traffic = row.Traffic / 100.0, Variations = Variations(row, state.Flag), Control = row.Control,
            Layer = row.Layer is { } layer ? new ExperimentLayerView(layer.Key, layer.From / 100.0, layer.To / 100.0) : null,
            Holdout = row.HoldoutKey is { } holdout ? new ExperimentHoldoutView(holdout, (row.HoldoutShare ?? holdouts.GetValueOrDefault(holdout)) / 100.0) : null,
            Overrides = row.OverrideList, Plan = row.Analysis, Phase = row.Phase,
            Metrics = row.StartedAt is not null ? row.MetricList : [.. row.MetricKeys.Where(metrics.ContainsKey).Select(key => new FrozenMetric(key, metrics[key].Name, metrics[key].Details))],
            Phases = [.. phases.OrderByDescending(phase => phase.Number).Select(phase => new ExperimentPhaseView(
            phase.Number, phase.Traffic / 100.0, phase.VariationList, phase.Seed, phase.StartedAt, people[phase.StartedBy], phase.EndedAt, phase.Reason, phase.PauseList))],
            RuleId = row.RuleId, FlagEnabled = state is { Enabled: true, Killed: false }, StartedAt = row.StartedAt, StartedBy = people[row.StartedBy], PausedAt = row.PausedAt, StoppedAt = row.StoppedAt,
            Decision = row.Decision is { } decision ? new ExperimentDecisionView(decision, row.DecisionReason ?? "", row.ShippedVariant, row.DecidedAt!.Value, people[row.DecidedBy]) : null,
            MayServe = current.May(Permissions.ExperimentManage, current.Project.Id, row.EnvironmentId) && current.May(Permissions.FlagManage, current.Project.Id, row.EnvironmentId),
            Version = row.Version, CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt, UpdatedBy = people[row.UpdatedBy],
        };

    private static IReadOnlyList<ExperimentVariationView> Variations(Experiment row, Flag flag)
    {
        var list = row.VariationList;
        double whole = list.Sum(variation => (long)variation.Weight);
        return [.. list.Select(variation => new ExperimentVariationView(
            variation.Key, flag.Variants.FirstOrDefault(variant => variant.Key == variation.Key)?.Name ?? "", variation.Weight, whole > 0 ? Math.Round(variation.Weight * 100 / whole, 2) : 0))];
    }
}
