using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.Usage;

/// <summary>
/// Where flags are in their lives. Flags without an expected lifetime are meant to stay (switches of operators, permissions): they are never stale.
/// </summary>
internal static class Lifecycles
{
    /// <summary>How long something has to last before it means anything: no evaluation, or the same variant for everybody.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromDays(14);

    /// <summary>The stages of flags of one project, by their ids.</summary>
    public static Task<IReadOnlyDictionary<Guid, LifecycleView>> ReadAsync(TogglrDbContext db, IReadOnlyCollection<Flag> flags, CancellationToken cancel) =>
        ReadAsync(db, flags.Count == 0 ? Guid.Empty : flags.First().ProjectId, [.. flags.Select(flag => new Life(flag.Id, flag.CreatedAt, flag.ArchivedAt, flag.ExpectedLifetimeDays))], cancel);

    /// <summary>The same for flags of which no more is known than what matters here.</summary>
    public static async Task<IReadOnlyDictionary<Guid, LifecycleView>> ReadAsync(TogglrDbContext db, Guid project, IReadOnlyCollection<Life> flags, CancellationToken cancel)
    {
        if (flags.Count == 0)
            return new Dictionary<Guid, LifecycleView>();
        // A page of flags is asked for by id, all of them by their project.
        var ids = flags.Select(flag => flag.Id).ToArray();
        var usages = ids.Length > 500 ? db.FlagUsages.Where(row => row.ProjectId == project) : db.FlagUsages.Where(row => ids.Contains(row.FlagId));
        var rows = await usages.AsNoTracking()
            .Join(db.Environments, row => row.EnvironmentId, environment => environment.Id, (row, environment) => new Use(row.FlagId, environment.Critical, row.LastAt, row.Variant, row.VariantSince))
            .ToListAsync(cancel);
        var byFlag = rows.ToLookup(row => row.Flag);
        var now = db.Now;
        return flags.ToDictionary(flag => flag.Id, flag => Of(flag, byFlag[flag.Id], now));
    }

    /// <summary>The ids of a project's flags that are in a stage.</summary>
    public static async Task<IReadOnlyList<Guid>> FindAsync(TogglrDbContext db, Guid project, LifecycleStage stage, CancellationToken cancel)
    {
        var flags = await db.Flags.Where(row => row.ProjectId == project).Select(row => new Life(row.Id, row.CreatedAt, row.ArchivedAt, row.ExpectedLifetimeDays)).ToListAsync(cancel);
        var stages = await ReadAsync(db, project, flags, cancel);
        return [.. stages.Where(pair => pair.Value.Stage == stage).Select(pair => pair.Key)];
    }

    private static LifecycleView Of(Life flag, IEnumerable<Use> uses, DateTimeOffset now)
    {
        if (flag.ArchivedAt is not null)
            return new LifecycleView(LifecycleStage.Archived, []);
        var all = uses.ToList();
        var isYoung = now - flag.CreatedAt < Patience;
        if (flag.ExpectedLifetimeDays is not { } lifetime)
            return new LifecycleView(all.Count == 0 && isYoung ? LifecycleStage.New : LifecycleStage.Active, []);
        var reasons = new List<LifecycleReason>();
        if (all.Count == 0 && !isYoung)
            reasons.Add(LifecycleReason.NeverEvaluated);
        else if (all.Count > 0 && all.TrueForAll(use => now - use.LastAt >= Patience))
            reasons.Add(LifecycleReason.NotEvaluated);
        else if (IsFullyRolledOut(all, now))
            reasons.Add(LifecycleReason.FullyRolledOut);
        if ((now - flag.CreatedAt).TotalDays >= lifetime)
            reasons.Add(LifecycleReason.PastLifetime);
        return new LifecycleView(reasons.Count > 0 ? LifecycleStage.Stale : all.Count == 0 ? LifecycleStage.New : LifecycleStage.Active, reasons);
    }

    /// <summary>What matters is where it matters: in critical environments if it is evaluated in any. There everybody gets one variant, the same everywhere.</summary>
    private static bool IsFullyRolledOut(List<Use> uses, DateTimeOffset now)
    {
        var recent = uses.FindAll(use => now - use.LastAt < Patience);
        var telling = recent.Exists(use => use.Critical) ? recent.FindAll(use => use.Critical) : recent;
        return telling.Count > 0 && telling.TrueForAll(use => use.Variant is not null && use.Variant == telling[0].Variant && now - use.VariantSince >= Patience);
    }

    /// <summary>What of a flag matters here.</summary>
    internal sealed record Life(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? ArchivedAt, int? ExpectedLifetimeDays);

    private sealed record Use(Guid Flag, bool Critical, DateTimeOffset LastAt, string? Variant, DateTimeOffset? VariantSince);
}
