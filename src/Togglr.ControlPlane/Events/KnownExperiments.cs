using Npgsql;
using NpgsqlTypes;

namespace Togglr.ControlPlane.Events;

/// <summary>The experiments that environments have or had, by the change log: exposures may come a day after an experiment ended.</summary>
internal sealed class KnownExperiments
{
    private const int Most = 100_000;

    // What was there once stays in the log, so only what is known is remembered.
    private readonly HashSet<(Guid Environment, string Experiment)> _known = [];

    /// <summary>Whether an environment has or had an experiment, after it was asked for.</summary>
    public bool Contains(Guid environment, string experiment) => _known.Contains((environment, experiment));

    /// <summary>Asks about experiments.</summary>
    public async Task LoadAsync(NpgsqlConnection connection, IEnumerable<(Guid Environment, string Experiment)> asked, CancellationToken cancel)
    {
        var unknown = asked.Where(pair => !_known.Contains(pair)).ToList();
        if (unknown.Count == 0)
            return;
        if (_known.Count > Most)
            _known.Clear();
        await using var command = new NpgsqlCommand(
            "SELECT a.environment_id, a.key FROM unnest($1, $2) a(environment_id, key) WHERE EXISTS (SELECT FROM snapshot_entries s WHERE s.environment_id = a.environment_id AND s.kind = 'experiment' AND s.key = a.key)",
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = unknown.ConvertAll(static pair => pair.Environment).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = unknown.ConvertAll(static pair => pair.Experiment).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            _known.Add((reader.GetGuid(0), reader.GetString(1)));
    }
}
