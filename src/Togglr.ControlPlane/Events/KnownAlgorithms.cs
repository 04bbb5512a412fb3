using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Togglr.Messaging.Events;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>The algorithms of environments, kept between batches: what they are is read before each, what they have served once.</summary>
internal sealed class KnownAlgorithms(TimeProvider time)
{
    /// <summary>An event may be a day late; of the versions before that, the last was still served then.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromHours(26);

    private const int MostEnvironments = 10_000;

    private readonly Dictionary<Guid, Dictionary<string, CountedAlgorithm>> _known = [];
    private Guid _lastEnvironment;
    private byte[] _lastFlag = [];
    private CountedAlgorithm? _last;

    /// <summary>The algorithm of a flag in an environment that was asked about.</summary>
    public CountedAlgorithm? Find(Guid environment, ReadOnlySpan<byte> flag)
    {
        if (environment == _lastEnvironment && flag.SequenceEqual(_lastFlag))
            return _last;
        (_lastEnvironment, _lastFlag) = (environment, flag.ToArray());
        return _last = _known.TryGetValue(environment, out var flags) ? flags.GetValueOrDefault(Encoding.UTF8.GetString(flag)) : null;
    }

    /// <summary>Asks about environments.</summary>
    public async Task LoadAsync(NpgsqlConnection connection, IReadOnlyCollection<Guid> environments, CancellationToken cancel)
    {
        (_lastEnvironment, _lastFlag, _last) = (Guid.Empty, [], null);
        if (_known.Count > MostEnvironments)
            _known.Clear();
        var before = environments.SelectMany(environment => _known.GetValueOrDefault(environment)?.Values ?? Enumerable.Empty<CountedAlgorithm>()).ToDictionary(static algorithm => algorithm.Id);
        foreach (var environment in environments)
            _known.Remove(environment);
        var behind = new Dictionary<Guid, CountedAlgorithm>();
        await using (var command = new NpgsqlCommand(
            """
            SELECT a.id, a.environment_id, a.flag_key, a.version, a.generation, a.arms, a.context::text, a.settings::text, a.reward::text, w.number
            FROM flag_algorithms a JOIN algorithm_weights w ON w.algorithm_id = a.id WHERE a.environment_id = ANY ($1)
            """, connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = environments.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                var algorithm = before.GetValueOrDefault(reader.GetGuid(0)) is { } known && known.Version == reader.GetInt32(3) ? known : Read(reader, before);
                if (!_known.TryGetValue(reader.GetGuid(1), out var flags))
                    _known.Add(reader.GetGuid(1), flags = new Dictionary<string, CountedAlgorithm>(StringComparer.Ordinal));
                flags[reader.GetString(2)] = algorithm;
                if (algorithm.Number != reader.GetInt64(9))
                    behind.Add(algorithm.Id, algorithm);
            }
        }
        if (behind.Count > 0)
            await ReadServedAsync(connection, behind, cancel);
    }

    private static CountedAlgorithm Read(NpgsqlDataReader reader, Dictionary<Guid, CountedAlgorithm> before)
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, double>>(reader.GetString(7), ExperimentJson.Options)!;
        var algorithm = new CountedAlgorithm(
            reader.GetGuid(0), reader.GetInt32(3), reader.GetInt32(4), reader.GetFieldValue<string[]>(5), JsonSerializer.Deserialize<List<AlgorithmContext>>(reader.GetString(6), ExperimentJson.Options)!,
            (long)settings[AlgorithmSettings.DiscountMinutes] * 60_000_000, JsonSerializer.Deserialize<AlgorithmReward>(reader.GetString(8), ExperimentJson.Options)!);
        if (before.TryGetValue(algorithm.Id, out var other) && other.Generation == algorithm.Generation)
            algorithm.Continue(other);
        return algorithm;
    }

    /// <summary>Reads the versions of weights that are not known. They are committed one after the other, so there is none before the last that was read.</summary>
    private async Task ReadServedAsync(NpgsqlConnection connection, Dictionary<Guid, CountedAlgorithm> behind, CancellationToken cancel)
    {
        var oldest = time.GetUtcNow() - Lateness;
        await using (var command = new NpgsqlCommand(
            """
            SELECT s.algorithm_id, s.number, s.weights::text, s.at FROM unnest($1, $2, $3) k(id, generation, number) JOIN algorithm_steps s ON s.algorithm_id = k.id
            WHERE s.generation = k.generation AND s.number > k.number
                AND s.at >= coalesce((SELECT max(b.at) FROM algorithm_steps b WHERE b.algorithm_id = k.id AND b.at < $4), '-infinity')
            ORDER BY s.algorithm_id, s.number
            """, connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = behind.Keys.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
            command.Parameters.Add(new NpgsqlParameter { Value = behind.Values.Select(static algorithm => algorithm.Generation).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
            command.Parameters.Add(new NpgsqlParameter { Value = behind.Values.Select(static algorithm => algorithm.Number).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            command.Parameters.Add(new NpgsqlParameter { Value = oldest, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                behind[reader.GetGuid(0)].Add(
                    reader.GetInt64(1), EventBatch.Microseconds(reader.GetFieldValue<DateTimeOffset>(3)), JsonSerializer.Deserialize<WeightTable>(reader.GetString(2), ExperimentJson.Options)!);
            }
        }
        foreach (var algorithm in behind.Values)
            algorithm.Forget(EventBatch.Microseconds(oldest));
    }
}
