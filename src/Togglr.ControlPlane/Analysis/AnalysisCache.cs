using System.Collections.Concurrent;
using Togglr.ControlPlane.Flags;

namespace Togglr.ControlPlane.Analysis;

/// <summary>
/// What the analysis said, by what it was said of and the versions of everything that it depends on: a version never changes, so nothing here goes stale. What was not asked for while
/// the cache filled up is forgotten.
/// </summary>
internal sealed class AnalysisCache
{
    private const int Capacity = 30_000;

    private ConcurrentDictionary<(Guid, Guid), Entry> _young = [];
    private ConcurrentDictionary<(Guid, Guid), Entry> _old = [];

    /// <summary>What was said; null when nothing was, or of other versions.</summary>
    /// <param name="subject">A flag or a segment.</param>
    /// <param name="environment">Where; empty for a segment.</param>
    /// <param name="stamp">The versions.</param>
    public IReadOnlyList<TargetingProblem>? Find(Guid subject, Guid environment, string stamp)
    {
        var key = (subject, environment);
        if (_young.TryGetValue(key, out var entry))
            return entry.Stamp == stamp ? entry.Problems : null;
        if (!_old.TryGetValue(key, out entry) || entry.Stamp != stamp)
            return null;
        Keep(subject, environment, stamp, entry.Problems);
        return entry.Problems;
    }

    public void Keep(Guid subject, Guid environment, string stamp, IReadOnlyList<TargetingProblem> problems)
    {
        if (_young.Count >= Capacity)
            (_old, _young) = (_young, []);
        _young[(subject, environment)] = new Entry(stamp, problems);
    }

    private sealed record Entry(string Stamp, IReadOnlyList<TargetingProblem> Problems);
}
