using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>A flag in an environment.</summary>
internal readonly record struct FlagPlace(Guid Organization, Guid Project, Guid Flag, Guid Environment);

/// <summary>What is due, by the clock of the database.</summary>
/// <param name="Now">What time it is there.</param>
/// <param name="Places">Where something is due, longest first.</param>
/// <param name="Next">How long until the next thing is; null for never.</param>
internal sealed record DueWork(DateTimeOffset Now, IReadOnlyList<FlagPlace> Places, TimeSpan? Next);

/// <summary>
/// Asks the database what is due. All processes go by its clock alone: one whose own clock is wrong neither hurries nor is late. A clock that goes back does no harm
/// either, because what is done is not due any more.
/// </summary>
internal sealed class DueSchedules(TogglrDatabase database)
{
    /// <summary>The most places of one answer.</summary>
    public const int Most = 500;

    public async Task<DueWork> ReadAsync(CancellationToken cancel)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        var due = new NpgsqlBatchCommand("SELECT organization_id, project_id, flag_id, environment_id FROM schedule_clocks WHERE next_at <= now() ORDER BY next_at LIMIT $1");
        due.Parameters.Add(new NpgsqlParameter { Value = Most, NpgsqlDbType = NpgsqlDbType.Integer });
        batch.BatchCommands.Add(due);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT now(), (SELECT min(next_at) FROM schedule_clocks WHERE next_at > now()) - now()"));
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var places = new List<FlagPlace>();
        while (await reader.ReadAsync(cancel))
            places.Add(new FlagPlace(reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetGuid(3)));
        await reader.NextResultAsync(cancel);
        await reader.ReadAsync(cancel);
        var next = await reader.IsDBNullAsync(1, cancel) ? (TimeSpan?)null : reader.GetFieldValue<TimeSpan>(1);
        return new DueWork(reader.GetFieldValue<DateTimeOffset>(0), places, next);
    }
}
