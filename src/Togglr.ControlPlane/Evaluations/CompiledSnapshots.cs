using Togglr.Evaluation;
using Togglr.Store;

namespace Togglr.ControlPlane.Evaluations;

/// <summary>
/// Compiled snapshots by environment and revision: the newest of each environment that somebody asked about, and a few of the past. A revision never changes,
/// so nothing here goes stale; it is only forgotten, least recently used first.
/// </summary>
internal sealed class CompiledSnapshots(SnapshotReader reader)
{
    private const int Capacity = 24;

    private readonly Lock _gate = new();
    private readonly LinkedList<(Guid Environment, long Revision, Lazy<Task<Snapshot?>> Snapshot)> _recent = new();

    /// <summary>The snapshot of an environment at a revision; null when there is none.</summary>
    public async Task<Snapshot?> GetAsync(Guid environment, long revision)
    {
        var entry = Find(environment, revision);
        try
        {
            return await entry.Value;
        }
        catch
        {
            Forget(entry);
            throw;
        }
    }

    private Lazy<Task<Snapshot?>> Find(Guid environment, long revision)
    {
        lock (_gate)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Environment != environment || node.Value.Revision != revision)
                    continue;
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value.Snapshot;
            }
            // Whoever asks first compiles for everybody, so the work must not end with their request.
            var snapshot = new Lazy<Task<Snapshot?>>(() => CompileAsync(environment, revision));
            _recent.AddFirst((environment, revision, snapshot));
            if (_recent.Count > Capacity)
                _recent.RemoveLast();
            return snapshot;
        }
    }

    private void Forget(Lazy<Task<Snapshot?>> snapshot)
    {
        lock (_gate)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Snapshot != snapshot)
                    continue;
                _recent.Remove(node);
                return;
            }
        }
    }

    private async Task<Snapshot?> CompileAsync(Guid environment, long revision)
    {
        var stored = await reader.ReadAsync(environment, revision, CancellationToken.None);
        return stored is null ? null : Snapshot.Load(stored.Utf8);
    }
}
