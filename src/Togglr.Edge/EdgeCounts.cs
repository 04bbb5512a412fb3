using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Togglr.Evaluation;
using Togglr.Messaging;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;
using Togglr.Messaging.Health;

namespace Togglr.Edge;

/// <summary>
/// Sums up what was evaluated remotely and hands it on every few seconds: to the health figures of this process, and to the event log where there is
/// one. Best effort: what cannot be written is kept and added to, up to a limit, and lost when the process dies.
/// </summary>
internal sealed class EdgeCounts(FlagActivity activity, HealthCounters health, TimeProvider time, IEventLog? log = null) : BackgroundService
{
    private const int KeptLimit = 50_000;
    private const int KeptSketches = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A commit every few seconds is enough; only the first evaluation of an environment has somebody waiting for it.
    private const int TicksBetweenReports = 10;

    private readonly string _instance = "edge-" + Guid.CreateVersion7().ToString("N");
    private readonly ConcurrentDictionary<EnvironmentReplica, ExposureCounter> _counters = new();

    // What is asked for with public keys is told apart: strangers can ask as often as they like.
    private readonly ConcurrentDictionary<EnvironmentReplica, ExposureCounter> _publicCounters = new();
    private readonly Dictionary<(Guid Environment, string Flag, string? Variant, EvaluationReason Reason), long> _kept = [];
    private readonly Dictionary<(Guid Environment, string Flag), UserSketch> _users = [];
    private readonly Dictionary<(Guid Environment, string Flag), long> _unknown = [];
    private readonly ConcurrentDictionary<EnvironmentReplica, UnknownFlagCounter> _asked = new();
    private readonly HashSet<Guid> _reported = [];
    private DateTimeOffset _from;
    private int _ticks;

    /// <summary>The counter for what is asked for with a key.</summary>
    public ExposureCounter Of(SdkKeyIdentity key) => (key.Kind == SdkKeyKind.Client ? _publicCounters : _counters).GetOrAdd(key.Environment, static _ => new ExposureCounter());

    /// <summary>A flag was asked for that is not there, or not for the key.</summary>
    public void AddUnknown(EnvironmentReplica environment, string flag)
    {
        if (log is not null && environment.Current is { } state && !state.Snapshot.TryGetFlag(flag, out _))
            _asked.GetOrAdd(environment, static _ => new UnknownFlagCounter()).Add(flag);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _from = time.GetUtcNow();
        using var timer = new PeriodicTimer(Interval, time);
        var running = true;
        while (running)
        {
            try
            {
                running = await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                running = false;
            }
            await HandOnAsync(isLast: !running);
        }
    }

    private async Task HandOnAsync(bool isLast)
    {
        TakeOver(_counters, isPublic: false);
        TakeOver(_publicCounters, isPublic: true);
        TakeUnknown();
        if (log is null || _kept.Count + _unknown.Count == 0 || (++_ticks % TicksBetweenReports != 0 && !isLast && _kept.Keys.All(key => _reported.Contains(key.Environment))))
            return;
        var now = time.GetUtcNow();
        var events = new List<LogEvent>(_kept.Count);
        foreach (var (key, count) in _kept)
            events.Add(new LogEvent(EventKind.Counts, key.Environment, key.Flag, now, null, Payload(key.Variant, key.Reason, count)));
        foreach (var (key, users) in _users)
            events.Add(new LogEvent(EventKind.Counts, key.Environment, key.Flag, now, null, Payload(writer => writer.WriteBase64String("users"u8, users.ToBytes()))));
        foreach (var (key, count) in _unknown)
            events.Add(new LogEvent(EventKind.Counts, key.Environment, key.Flag, now, null, UnknownPayload(count)));
        if (await log.AppendAsync(events, CancellationToken.None) != AppendResult.Durable)
            return;
        _reported.UnionWith(_kept.Keys.Select(static key => key.Environment));
        _kept.Clear();
        _users.Clear();
        _unknown.Clear();
        _from = now;
    }

    private void TakeOver(ConcurrentDictionary<EnvironmentReplica, ExposureCounter> counters, bool isPublic)
    {
        foreach (var (environment, counter) in counters)
        {
            var users = new Dictionary<string, UserSketch>(StringComparer.Ordinal);
            foreach (var count in counter.Drain(log is null ? null : users))
            {
                activity.AddEvaluations(environment.Id, count.Flag, count.Count);
                if (environment.Current?.Snapshot.TryGetFlag(count.Flag, out var flag) == true)
                    health.AddEvaluations(environment.Id, flag, count.Variant, count.Count, isPublic);
                var key = (environment.Id, count.Flag, count.Variant, count.Reason);
                if (log is not null && (_kept.Count < KeptLimit || _kept.ContainsKey(key)))
                    _kept[key] = _kept.GetValueOrDefault(key) + count.Count;
            }
            foreach (var (flag, sketch) in users)
            {
                if (_users.TryGetValue((environment.Id, flag), out var known))
                    known.Merge(sketch);
                else if (_users.Count < KeptSketches)
                    _users.Add((environment.Id, flag), sketch);
            }
            if (environment.Current is null)
                counters.TryRemove(environment, out _);
        }
    }

    private void TakeUnknown()
    {
        foreach (var (environment, counter) in _asked)
        {
            foreach (var (flag, count) in counter.Drain())
            {
                if (_unknown.Count < KeptSketches || _unknown.ContainsKey((environment.Id, flag)))
                    _unknown[(environment.Id, flag)] = _unknown.GetValueOrDefault((environment.Id, flag)) + count;
            }
            if (environment.Current is null)
                _asked.TryRemove(environment, out _);
        }
    }

    private byte[] Payload(string? variant, EvaluationReason reason, long count) => Payload(writer =>
    {
        if (variant is not null)
            writer.WriteString("variant"u8, variant);
        writer.WriteString("reason"u8, reason.WireName());
        writer.WriteNumber("count"u8, count);
    });

    private byte[] UnknownPayload(long count) => Payload(writer =>
    {
        writer.WriteBoolean("unknown"u8, true);
        writer.WriteString("reason"u8, EvaluationReason.Error.WireName());
        writer.WriteNumber("count"u8, count);
    });

    private byte[] Payload(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("instance"u8, _instance);
            writer.WriteString("sdk"u8, "remote"u8);
            writer.WriteString("from"u8, _from);
            write(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
