using Togglr.Store;

namespace Togglr.ControlPlane.Publishing;

/// <summary>The newest revision of an environment that was heard of, and when it was committed.</summary>
/// <param name="Revision">0 when nothing was heard.</param>
/// <param name="At">When.</param>
internal readonly record struct PendingChange(long Revision, DateTimeOffset At)
{
    /// <summary>When a revision was committed, if this is about it.</summary>
    public DateTimeOffset? CommittedAt(long revision) => revision == Revision ? At : null;
}

/// <summary>What there is to look at.</summary>
internal sealed class PendingWork
{
    /// <summary>Compare everything.</summary>
    public bool Everything { get; set; }

    /// <summary>The list of keys changed.</summary>
    public bool Keys { get; set; }

    /// <summary>What is kept of contexts may have changed.</summary>
    public bool Sampling { get; set; }

    /// <summary>Environments with a newer revision.</summary>
    public Dictionary<Guid, PendingChange> Environments { get; } = [];

    /// <summary>Deleted environments.</summary>
    public HashSet<Guid> Removed { get; } = [];
}

/// <summary>Collects signals while the publisher is busy, so that a burst becomes one patch.</summary>
internal sealed class PendingChanges : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Alarm _alarm = new();
    private PendingWork _work = new() { Everything = true };
    private long _checkedAt;

    public void Add(ChangeNotice notice)
    {
        if (notice.Resync)
            AddEverything();
        // Also where something else is changed together with it, by a restoration or a change request.
        var isSampling = notice.Entity is "environment" or "attribute" or "project";
        if (notice.Environments.Count == 0 && notice.RemovedEnvironments.Count == 0 && !notice.KeysChanged && !isSampling)
            return;
        lock (_gate)
        {
            foreach (var environment in notice.Environments)
            {
                if (_work.Environments.GetValueOrDefault(environment.Id).Revision < environment.Revision)
                    _work.Environments[environment.Id] = new PendingChange(environment.Revision, notice.At);
            }
            _work.Removed.UnionWith(notice.RemovedEnvironments);
            _work.Keys |= notice.KeysChanged;
            _work.Sampling |= isSampling;
            _alarm.Ring();
        }
    }

    public void AddEverything()
    {
        lock (_gate)
        {
            _work.Everything = true;
            _alarm.Ring();
        }
    }

    /// <summary>Waits for something to do. Everything is looked at again when that has not happened for a while, whatever else goes on.</summary>
    public async Task<PendingWork> TakeAsync(TimeSpan fullCheckInterval, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            if (!HasWork())
                await _alarm.SleepAsync(fullCheckInterval, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return new PendingWork();
        }
        lock (_gate)
        {
            var work = _work;
            _work = new PendingWork();
            if (time.GetElapsedTime(_checkedAt) >= fullCheckInterval)
                work.Everything = true;
            if (work.Everything)
                _checkedAt = time.GetTimestamp();
            return work;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _alarm.Dispose();

    private bool HasWork()
    {
        lock (_gate)
            return _work.Everything || _work.Keys || _work.Sampling || _work.Environments.Count > 0 || _work.Removed.Count > 0;
    }
}
