using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Togglr.Evaluation;

namespace Togglr.Messaging.Configuration;

/// <summary>
/// Everything that a role which lives from snapshots alone knows: the newest state of every environment and the valid keys. Written by one
/// follower, read by any number of requests without a lock.
/// </summary>
public sealed partial class ConfigurationReplica(ILogger<ConfigurationReplica> logger)
{
    private readonly ConcurrentDictionary<Guid, EnvironmentReplica> _environments = new();

    // Environments whose last message could not be used: their patches are ignored until they arrive as a whole.
    private readonly HashSet<Guid> _broken = [];
    private volatile KeyTable _keys = KeyTable.Empty;
    private ImmutableArray<(Action<ReplicaChange> Changed, Action<KeyTable> KeysChanged)> _observers = [];
    private KeysMessage? _keysMessage;
    private volatile bool _isReady;

    /// <summary>The valid keys.</summary>
    public KeyTable Keys => _keys;

    /// <summary>Whether keys and snapshots are there, from the feed or from disk.</summary>
    public bool IsReady => _isReady;

    /// <summary>How many environments are held.</summary>
    public int Count => _environments.Count;

    /// <summary>The environments that are held.</summary>
    public IEnumerable<EnvironmentReplica> Environments => _environments.Values;

    /// <summary>The keys as they came; null before the first list.</summary>
    internal KeysMessage? KeysMessage => _keysMessage;

    /// <summary>Asks to be told about changes after they are visible, on the follower's thread and in order.</summary>
    public void Observe(Action<ReplicaChange> changed, Action<KeyTable> keysChanged) =>
        ImmutableInterlocked.Update(ref _observers, static (list, added) => list.Add(added), (changed, keysChanged));

    /// <summary>The environment of an id, or null.</summary>
    public EnvironmentReplica? Find(Guid id) => _environments.TryGetValue(id, out var environment) ? environment : null;

    /// <summary>The revisions to resume from.</summary>
    public Dictionary<Guid, long> Known()
    {
        var known = new Dictionary<Guid, long>();
        foreach (var (id, environment) in _environments)
        {
            if (environment.Current is { } state && !_broken.Contains(id))
                known.Add(id, state.Revision);
        }
        return known;
    }

    /// <summary>Takes in one message. Calls must not overlap.</summary>
    /// <returns>False when something is missing between what is held and the message: connect again.</returns>
    public bool Apply(FeedMessage message)
    {
        switch (message)
        {
            case EnvironmentMessage environment:
                Replace(environment);
                return true;
            case PatchMessage patch:
                return Change(patch);
            case RemovedMessage removed:
                Remove(removed.EnvironmentId);
                return true;
            case KeysMessage keys:
                _keysMessage = keys;
                _keys = KeyTable.Create(keys, _keys, id => _environments.GetOrAdd(id, static key => new EnvironmentReplica(key)));
                foreach (var observer in _observers)
                    observer.KeysChanged(_keys);
                return true;
            case SamplingMessage sampling:
                Sample(sampling);
                return true;
            case UnitKeysMessage units:
                foreach (var (id, environment) in _environments)
                    environment.Units = units.Environments.GetValueOrDefault(id);
                return true;
            case SyncedMessage:
                _isReady = true;
                return true;
            default:
                return true;
        }
    }

    private void Sample(SamplingMessage message)
    {
        foreach (var (id, environment) in _environments)
        {
            var terms = message.Environments.GetValueOrDefault(id);
            // The same object as long as nothing changes: what was sampled hangs on it.
            if (terms is null || environment.Sampling?.IsSame(terms) != true)
                environment.Sampling = terms;
        }
    }

    private void Replace(EnvironmentMessage message)
    {
        var id = message.Environment.Id;
        if (!TryCompile(message.Environment, () => Snapshot.Load(message.Document.ToUtf8()), out var snapshot))
        {
            _broken.Add(id);
            return;
        }
        _broken.Remove(id);
        var environment = _environments.GetOrAdd(id, static key => new EnvironmentReplica(key));
        Swap(environment, new EnvironmentState(message.Environment, message.Document, snapshot, message.CommittedAt), null);
    }

    private bool Change(PatchMessage message)
    {
        if (_broken.Contains(message.EnvironmentId))
            return true;
        if (Find(message.EnvironmentId) is not { Current: { } state } environment || state.Revision != message.Patch.From)
        {
            // A repeated patch is nothing to worry about.
            return Find(message.EnvironmentId)?.Current is { } newer && newer.Revision >= message.Patch.Revision;
        }
        if (!TryCompile(state.Identity, () => state.Snapshot.Apply(message.Patch.ToUtf8()), out var snapshot))
        {
            _broken.Add(message.EnvironmentId);
            return false;
        }
        Swap(environment, new EnvironmentState(state.Identity, state.Document.Apply(message.Patch), snapshot, message.CommittedAt), message.Patch);
        return true;
    }

    private void Remove(Guid id)
    {
        _broken.Remove(id);
        if (!_environments.TryRemove(id, out var environment))
            return;
        environment.Current = null;
        Tell(new ReplicaChange(environment, null, null));
    }

    private void Swap(EnvironmentReplica environment, EnvironmentState state, EnvironmentPatch? patch)
    {
        environment.Current = state;
        Tell(new ReplicaChange(environment, state, patch));
    }

    private void Tell(ReplicaChange change)
    {
        foreach (var observer in _observers)
            observer.Changed(change);
    }

    private bool TryCompile(EnvironmentIdentity environment, Func<Snapshot> compile, [NotNullWhen(true)] out Snapshot? snapshot)
    {
        try
        {
            snapshot = compile();
            return true;
        }
        catch (SnapshotException exception)
        {
            // The last good one stays: an old answer is better than none.
            LogRefused(environment.Project, environment.Key, exception.Message);
            snapshot = null;
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "The new snapshot of {Project}/{Environment} cannot be used and the last one stays: {Error}")]
    private partial void LogRefused(string project, string environment, string error);
}
