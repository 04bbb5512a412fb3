using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Togglr.Messaging;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.Streaming;

/// <summary>All open streams. Changes of the replica are handed to the streams of their environment; one timer beats for all and drops the stalled.</summary>
internal sealed class StreamHub : BackgroundService
{
    private const int HeartbeatSeconds = 15;
    private const int PatchesKept = 256;
    private const int Followed = 256;
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(20);

    private readonly ConfigurationReplica _replica;
    private readonly EdgeMetrics _metrics;
    private readonly FlagActivity _activity;
    private readonly ReachReporter _reporter;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Guid, EnvironmentStreams> _environments = new();
    private readonly ConcurrentDictionary<StreamConnection, Action> _connections = new();
    private int _nextBeat;
    private volatile bool _isStopping;

    public StreamHub(ConfigurationReplica replica, EdgeMetrics metrics, FlagActivity activity, ReachReporter reporter, TimeProvider time)
    {
        (_replica, _metrics, _activity, _reporter, _time) = (replica, metrics, activity, reporter, time);
        metrics.ObserveStreams(() => _connections.Count);
        replica.Observe(OnChanged, OnKeysChanged);
    }

    /// <summary>How many streams are open.</summary>
    public int Count => _connections.Count;

    /// <summary>Runs one stream until it ends.</summary>
    /// <param name="connection">The stream.</param>
    /// <param name="state">The state that the environment is known to have.</param>
    /// <param name="resumeFrom">The revision that the client has; null for none.</param>
    /// <param name="output">The response.</param>
    /// <param name="abort">Cuts the connection, for clients that accept nothing.</param>
    /// <param name="aborted">The client went away.</param>
    public async Task RunAsync(StreamConnection connection, EnvironmentState state, long? resumeFrom, System.IO.Pipelines.PipeWriter output, Action abort, CancellationToken aborted)
    {
        connection.Beat = Interlocked.Increment(ref _nextBeat) & int.MaxValue;
        var streams = StreamsOf(connection.Identity.Environment.Id, state);
        _connections.TryAdd(connection, abort);
        _activity.AddStream(connection.Identity.Environment.Id, 1);
        streams.Join(connection, resumeFrom);
        try
        {
            // The key may have been revoked, or the server told to stop, between the check and the moment the stream could be found.
            if (!_replica.Keys.Contains(connection.Identity))
                Revoke(connection);
            if (_isStopping)
                connection.Close();
            await connection.RunAsync(output, message => Sent(connection, message), aborted);
        }
        finally
        {
            streams.Leave(connection);
            _activity.AddStream(connection.Identity.Environment.Id, -1);
            _connections.TryRemove(connection, out _);
        }
    }

    /// <inheritdoc />
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        CloseAll();
        return base.StopAsync(cancellationToken);
    }

    /// <summary>Ends all streams and lets no new ones begin: the server is about to stop, and clients should find another.</summary>
    public void CloseAll()
    {
        _isStopping = true;
        foreach (var (connection, _) in _connections)
            connection.Close();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        for (var second = 0; ; second++)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(stoppingToken))
                    return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            Tick(second % HeartbeatSeconds);
        }
    }

    private void Tick(int beat)
    {
        foreach (var (connection, abort) in _connections)
        {
            if (connection.IsStalled(StallLimit))
            {
                _metrics.Dropped();
                connection.Close();
                abort();
            }
            else if (connection.Identity.IsExpired(_time))
            {
                Revoke(connection);
            }
            else if (connection.Beat % HeartbeatSeconds == beat)
            {
                connection.OfferHeartbeat();
            }
        }
    }

    private EnvironmentStreams StreamsOf(Guid id, EnvironmentState state) => _environments.GetOrAdd(id, static (_, first) => new EnvironmentStreams(first), state);

    private void Sent(StreamConnection connection, StreamMessage message)
    {
        _metrics.Sent(message.CommittedAt);
        if (message.Reach is not { } reach)
            return;
        connection.Revision = reach.Revision;
        reach.Reach(_time.GetUtcNow());
    }

    private void OnChanged(ReplicaChange change)
    {
        if (change.State is { } state)
        {
            if (StreamsOf(change.Environment.Id, state) is { } streams)
                streams.Change(state, change.Patch, change.Environment.Id, _time.GetUtcNow(), _reporter);
            _metrics.Applied(state.CommittedAt);
            return;
        }
        _environments.TryRemove(change.Environment.Id, out _);
        foreach (var (connection, _) in _connections)
        {
            if (ReferenceEquals(connection.Identity.Environment, change.Environment))
                Revoke(connection);
        }
    }

    private void OnKeysChanged(KeyTable keys)
    {
        foreach (var (connection, _) in _connections)
        {
            if (!keys.Contains(connection.Identity))
                Revoke(connection);
        }
    }

    private static void Revoke(StreamConnection connection) =>
        connection.Offer(connection.Kind == StreamKind.Patches ? StreamMessage.Revoked : StreamMessage.Close);

    /// <summary>The streams of one environment, and the recent patches for those that come back.</summary>
    private sealed class EnvironmentStreams(EnvironmentState first)
    {
        private readonly Lock _gate = new();
        private readonly HashSet<StreamConnection> _connections = [];
        private readonly PatchHistory _history = new(PatchesKept);
        private readonly Queue<ReachOfRevision> _followed = new();
        private EnvironmentState _state = first;

        public void Join(StreamConnection connection, long? resumeFrom)
        {
            lock (_gate)
            {
                _connections.Add(connection);
                connection.Revision = _state.Revision;
                if (resumeFrom == _state.Revision)
                    connection.OfferHeartbeat();
                else if (connection.Kind == StreamKind.Refetch)
                    connection.Offer(StreamMessage.Refetch(_state, isChange: false)); // Also at first: something may have changed since the evaluation that named the stream.
                else if (resumeFrom is { } revision && _history.Since(revision) is { } patch)
                    connection.Offer(StreamMessage.Patch(patch, null));
                else
                    connection.Offer(StreamMessage.Full(_state));
            }
        }

        public void Leave(StreamConnection connection)
        {
            lock (_gate)
            {
                _connections.Remove(connection);
                foreach (var reach in _followed)
                {
                    if (reach.Revision > connection.Revision)
                        reach.Leave();
                }
            }
        }

        public void Change(EnvironmentState state, EnvironmentPatch? patch, Guid environment, DateTimeOffset now, ReachReporter reporter)
        {
            lock (_gate)
            {
                // Already seen: the first stream of an environment brings the newest state with it.
                if (ReferenceEquals(_state, state))
                    return;
                patch = patch?.From == _state.Revision ? patch : null;
                _state = state;
                if (patch is null)
                    _history.Clear();
                else
                    _history.Add(patch);
                // Without the time of its commit it is no change of this moment: the edge catches up with what happened before.
                var reach = state.CommittedAt is null ? null : new ReachOfRevision(environment, state.Revision, state.CommittedAt, now, _connections.Count);
                if (reach is not null)
                {
                    while (_followed.TryPeek(out var oldest) && (oldest.IsDone || _followed.Count >= Followed))
                        _followed.Dequeue();
                    _followed.Enqueue(reach);
                    reporter.Follow(reach);
                }
                if (_connections.Count == 0)
                    return;
                var change = (patch is null ? StreamMessage.Full(state) : StreamMessage.Patch(patch, state.CommittedAt)) with { Reach = reach };
                var refetch = StreamMessage.Refetch(state, isChange: true) with { Reach = reach };
                foreach (var connection in _connections)
                    connection.Offer(connection.Kind == StreamKind.Patches ? change : refetch);
            }
        }
    }
}
