using System.Buffers;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Togglr.Messaging.Events;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>Decides where each event of a batch goes: to the event store, to the log of feedback and errors, to the dead letters, or nowhere because it was there before.</summary>
internal sealed class EventSorting(
    long batch, HashSet<Guid> environments, KnownExperiments experiments, KnownAlgorithms algorithms, bool hasRepetitions, HashSet<Guid> stored, IEventWriter writer, EventRollup rollup, DateTimeOffset now)
{
    private readonly AlgorithmLedger _ledger = new();
    private readonly HashSet<Guid> _seen = [];
    private readonly List<(Guid Environment, long ReceivedAt, string Kind, string Code, string Path, string Content)> _dead = [];
    private readonly List<(short Kind, Guid Environment, string Flag, long At, byte[] Payload)> _log = [];
    private byte[] _lastExperiment = [];
    private Guid _lastEnvironment;
    private bool _isLastKnown;

    /// <summary>The number of the batch.</summary>
    public long Batch => batch;

    /// <summary>Sorts the events of a group.</summary>
    public void Add(ReadOnlySpan<byte> payload)
    {
        while (!payload.IsEmpty)
        {
            var (environment, receivedAt, _) = EventBatch.Read(ref payload, out var events);
            // It is gone, and with it everything that happened in it.
            if (!environments.Contains(environment))
                continue;
            while (!events.IsEmpty)
                Add(environment, receivedAt, RecordedEvent.Read(ref events));
        }
    }

    /// <summary>Writes everything.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await writer.WriteAsync(connection, cancel);
        await rollup.WriteAsync(connection, cancel);
        await _ledger.WriteAsync(connection, batch, cancel);
        if (_log.Count > 0)
            await WriteLogAsync(connection, cancel);
        if (_dead.Count > 0)
            await WriteDeadAsync(connection, cancel);
    }

    private void Add(Guid environment, long receivedAt, in RecordedEvent recorded)
    {
        if (recorded.Id != Guid.Empty && (stored.Contains(recorded.Id) || (hasRepetitions && !_seen.Add(recorded.Id))))
        {
            rollup.Add(environment, receivedAt, "duplicate", default, default);
            return;
        }
        switch (recorded.Kind)
        {
            case RecordedKind.Exposure when recorded.Name.IsEmpty:
                AddServed(environment, receivedAt, recorded);
                break;
            case RecordedKind.Exposure when IsKnown(environment, recorded.Name):
                writer.Add(new StoredExposure
                {
                    EnvironmentId = environment, Experiment = recorded.Name, Phase = recorded.Phase, Flag = recorded.Flag, Variant = recorded.Detail, Unit = recorded.Unit,
                    At = recorded.At, ReceivedAt = receivedAt, Propensity = recorded.Value, WeightsVersion = recorded.WeightsVersion, Attributes = recorded.Content,
                });
                rollup.Add(environment, recorded.At, "exposure", recorded.Name, recorded.Detail);
                break;
            case RecordedKind.Exposure:
                Bury(environment, receivedAt, recorded, "unknown_experiment", "/experiment", "The environment has no such experiment and never had one.");
                break;
            case RecordedKind.Metric:
                writer.Add(new StoredMetricEvent
                {
                    EnvironmentId = environment, Event = recorded.Name, Unit = recorded.Unit, At = recorded.At, ReceivedAt = receivedAt, Value = recorded.Value, Properties = recorded.Content,
                });
                rollup.Add(environment, recorded.At, "metric", recorded.Name, default, 1, recorded.Value ?? 0);
                break;
            case RecordedKind.Feedback:
                _log.Add((2, environment, Encoding.UTF8.GetString(recorded.Name), recorded.At, recorded.Content.ToArray()));
                rollup.Add(environment, recorded.At, "feedback", recorded.Name, recorded.Detail);
                AddFeedback(environment, recorded);
                break;
            case RecordedKind.Error:
                _log.Add((3, environment, Encoding.UTF8.GetString(recorded.Name), recorded.At, recorded.Content.ToArray()));
                rollup.Add(environment, recorded.At, "error", recorded.Name, recorded.Detail, (long)(recorded.Value ?? 1));
                break;
            default:
                rollup.Add(environment, receivedAt, "dead", recorded.Name, default, (long)(recorded.Value ?? 1));
                if (!recorded.Content.IsEmpty)
                    _dead.Add((environment, receivedAt, Encoding.UTF8.GetString(recorded.Flag), Encoding.UTF8.GetString(recorded.Name), Encoding.UTF8.GetString(recorded.Detail), Encoding.UTF8.GetString(recorded.Content)));
                break;
        }
    }

    /// <summary>An exposure that names no experiment: an algorithm shared it out. It is filed under a name that no experiment can have.</summary>
    private void AddServed(Guid environment, long receivedAt, in RecordedEvent recorded)
    {
        if (algorithms.Find(environment, recorded.Flag) is not { } algorithm)
        {
            Bury(environment, receivedAt, recorded, "unknown_algorithm", "/flag", "The flag has no algorithm in this environment.");
            return;
        }
        byte[] name = [.. "algorithm:"u8, .. recorded.Flag];
        _ledger.AddExposure(algorithm, recorded);
        writer.Add(new StoredExposure
        {
            EnvironmentId = environment, Experiment = name, Flag = recorded.Flag, Variant = recorded.Detail, Unit = recorded.Unit, At = recorded.At, ReceivedAt = receivedAt,
            Propensity = recorded.Value, WeightsVersion = recorded.WeightsVersion, Attributes = recorded.Content,
        });
        rollup.Add(environment, recorded.At, "exposure", name, recorded.Detail);
    }

    /// <summary>Counts how it ended, by flag and variant: what success rates are made of, and what algorithms learn from.</summary>
    private void AddFeedback(Guid environment, in RecordedEvent recorded)
    {
        if (EventOutcomes.Of(recorded.Content) is not { } outcome)
            return;
        rollup.Add(environment, recorded.At, EventOutcomes.Kind, recorded.Name, EventOutcomes.Detail(outcome, recorded.Detail), 1, recorded.Value ?? 0);
        if (algorithms.Find(environment, recorded.Name) is { } algorithm)
            _ledger.AddFeedback(algorithm, recorded, outcome);
    }

    private bool IsKnown(Guid environment, ReadOnlySpan<byte> experiment)
    {
        if (environment == _lastEnvironment && experiment.SequenceEqual(_lastExperiment))
            return _isLastKnown;
        (_lastEnvironment, _lastExperiment) = (environment, experiment.ToArray());
        return _isLastKnown = experiments.Contains(environment, Encoding.UTF8.GetString(experiment));
    }

    /// <summary>An exposure of something that the environment never had.</summary>
    private void Bury(Guid environment, long receivedAt, in RecordedEvent recorded, string code, string path, string message)
    {
        rollup.Add(environment, receivedAt, "dead", Encoding.UTF8.GetBytes(code), default);
        if (_dead.Count >= DeadLetters.MostPerBatch)
            return;
        var content = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            json.WriteString("message"u8, message);
            json.WriteString("at"u8, EventBatch.Time(recorded.At));
            if (!recorded.Name.IsEmpty)
                json.WriteString("experiment"u8, recorded.Name);
            json.WriteString("flag"u8, recorded.Flag);
            json.WriteString("variant"u8, recorded.Detail);
            json.WriteString("unit"u8, recorded.Unit);
            json.WriteEndObject();
        }
        _dead.Add((environment, receivedAt, "exposure", code, path, Encoding.UTF8.GetString(content.WrittenSpan)));
    }

    private async Task WriteLogAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var import = await connection.BeginBinaryImportAsync("COPY event_log (kind, environment_id, flag, at, payload) FROM STDIN (FORMAT BINARY)", cancel);
        foreach (var (kind, environment, flag, at, payload) in _log)
        {
            await import.StartRowAsync(cancel);
            await import.WriteAsync(kind, NpgsqlDbType.Smallint, cancel);
            await import.WriteAsync(environment, NpgsqlDbType.Uuid, cancel);
            await import.WriteAsync(flag, NpgsqlDbType.Text, cancel);
            await import.WriteAsync(EventBatch.Time(at).UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
            await import.WriteAsync(payload, NpgsqlDbType.Json, cancel);
        }
        await import.CompleteAsync(cancel);
    }

    private async Task WriteDeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var import = await connection.BeginBinaryImportAsync(
            "COPY event_dead_letters (id, environment_id, received_at, kind, code, path, content) FROM STDIN (FORMAT BINARY)", cancel);
        foreach (var (environment, receivedAt, kind, code, path, content) in _dead)
        {
            await import.StartRowAsync(cancel);
            await import.WriteAsync(Guid.CreateVersion7(now), NpgsqlDbType.Uuid, cancel);
            await import.WriteAsync(environment, NpgsqlDbType.Uuid, cancel);
            await import.WriteAsync(EventBatch.Time(receivedAt).UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
            await import.WriteAsync(kind, NpgsqlDbType.Text, cancel);
            await import.WriteAsync(code, NpgsqlDbType.Text, cancel);
            await import.WriteAsync(path, NpgsqlDbType.Text, cancel);
            await import.WriteAsync(content, NpgsqlDbType.Jsonb, cancel);
        }
        await import.CompleteAsync(cancel);
    }
}
