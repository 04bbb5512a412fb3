using Togglr.Evaluation;
using Togglr.Messaging.Events;
using Togglr.Messaging.Sampling;

namespace Togglr.Messaging.Configuration;

/// <summary>One environment as this process follows it. The object stays the same for the environment's whole life; what it holds is swapped as one reference.</summary>
/// <param name="id">The environment's id.</param>
public sealed class EnvironmentReplica(Guid id)
{
    private volatile EnvironmentState? _current;
    private volatile SamplingTerms? _sampling;
    private volatile UnitKey? _units;

    /// <summary>The environment's id.</summary>
    public Guid Id { get; } = id;

    /// <summary>The newest state; null before the first snapshot and after the environment was deleted.</summary>
    public EnvironmentState? Current
    {
        get => _current;
        internal set => _current = value;
    }

    /// <summary>What may be kept of its contexts; null for nothing.</summary>
    public SamplingTerms? Sampling
    {
        get => _sampling;
        internal set => _sampling = value;
    }

    /// <summary>The key under which its units are hashed; null before it has come.</summary>
    public UnitKey? Units
    {
        get => _units;
        internal set => _units = value;
    }
}

/// <summary>One revision of one environment: immutable, shared by every request that started while it was the newest.</summary>
public sealed class EnvironmentState
{
    private object? _view;

    internal EnvironmentState(EnvironmentIdentity identity, EnvironmentDocument document, Snapshot snapshot, DateTimeOffset? committedAt)
    {
        Identity = identity;
        Document = document;
        Snapshot = snapshot;
        CommittedAt = committedAt;
    }

    /// <summary>The names of the environment.</summary>
    public EnvironmentIdentity Identity { get; }

    /// <summary>The snapshot document as SDKs get it.</summary>
    public EnvironmentDocument Document { get; }

    /// <summary>The same, compiled.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>When the revision was committed, if the feed said so.</summary>
    public DateTimeOffset? CommittedAt { get; }

    /// <summary>The revision.</summary>
    public long Revision => Document.Revision;

    /// <summary>What a role derives from the state, made on first use and kept with it. One role uses this.</summary>
    public T View<T>(Func<EnvironmentState, T> make)
        where T : class
    {
        if (_view is T made)
            return made;
        var view = make(this);
        _view = view;
        return view;
    }
}

/// <summary>What happened to one environment.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="State">Its new state; null when it was deleted.</param>
/// <param name="Patch">What led here from the state before; null when it was replaced as a whole.</param>
public sealed record ReplicaChange(EnvironmentReplica Environment, EnvironmentState? State, EnvironmentPatch? Patch);
