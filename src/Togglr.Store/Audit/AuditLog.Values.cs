using Npgsql;

namespace Togglr.Store;

public sealed partial class AuditLog
{
    /// <summary>Most values of a kind.</summary>
    private const int MaximumValues = 500;

    /// <summary>The values that entries have. With <paramref name="projects"/> those of the newest entries of these projects, else all.</summary>
    public async Task<AuditValues> ReadValuesAsync(IReadOnlyCollection<string>? projects, CancellationToken cancellationToken = default)
    {
        if (projects is not null)
            return await ReadRecentValuesAsync(projects, cancellationToken).ConfigureAwait(false);
        var actors = new List<AuditActor>();
        using (var command = Command(
            $"""
            WITH RECURSIVE step AS (
                (SELECT actor_id FROM audit_entries WHERE organization_id = $1 AND actor_id IS NOT NULL ORDER BY actor_id LIMIT 1)
                UNION ALL
                SELECT (SELECT e.actor_id FROM audit_entries e WHERE e.organization_id = $1 AND e.actor_id > s.actor_id ORDER BY e.actor_id LIMIT 1)
                FROM step s WHERE s.actor_id IS NOT NULL)
            SELECT newest.actor_kind, newest.actor_id, newest.actor_name
            FROM (SELECT actor_id FROM step WHERE actor_id IS NOT NULL LIMIT {MaximumValues}) s
            CROSS JOIN LATERAL (
                SELECT actor_kind, actor_id, actor_name FROM audit_entries e WHERE e.organization_id = $1 AND e.actor_id = s.actor_id ORDER BY e.sequence DESC LIMIT 1) newest
            ORDER BY newest.actor_name, newest.actor_id
            """))
            await ReadActorsAsync(command, actors, cancellationToken).ConfigureAwait(false);
        return new AuditValues(
            actors, await ReadColumnAsync("action", cancellationToken).ConfigureAwait(false), await ReadColumnAsync("project", cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Hops from value to value of an indexed column.</summary>
    private async Task<IReadOnlyList<string>> ReadColumnAsync(string column, CancellationToken cancellationToken)
    {
        using var command = Command(
            $"""
            WITH RECURSIVE step AS (
                (SELECT {column} AS value FROM audit_entries WHERE organization_id = $1 AND {column} IS NOT NULL ORDER BY {column} LIMIT 1)
                UNION ALL
                SELECT (SELECT e.{column} FROM audit_entries e WHERE e.organization_id = $1 AND e.{column} > s.value ORDER BY e.{column} LIMIT 1)
                FROM step s WHERE s.value IS NOT NULL)
            SELECT value FROM step WHERE value IS NOT NULL LIMIT {MaximumValues}
            """);
        return await ReadTextsAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AuditValues> ReadRecentValuesAsync(IReadOnlyCollection<string> projects, CancellationToken cancellationToken)
    {
        string Recent(string columns) =>
            $"""
            SELECT DISTINCT {columns} FROM unnest($2) p(key) CROSS JOIN LATERAL (
                SELECT * FROM audit_entries e WHERE e.organization_id = $1 AND e.project = p.key ORDER BY e.sequence DESC LIMIT 2000) e
            """;
        var keys = projects.Take(100).ToArray();
        var actors = new List<AuditActor>();
        using (var command = Command($"{Recent("ON (e.actor_id) e.actor_kind, e.actor_id, e.actor_name")} WHERE e.actor_id IS NOT NULL ORDER BY e.actor_id, e.sequence DESC LIMIT {MaximumValues}", [keys]))
            await ReadActorsAsync(command, actors, cancellationToken).ConfigureAwait(false);
        using var actions = Command($"{Recent("e.action")} ORDER BY e.action LIMIT {MaximumValues}", [keys]);
        return new AuditValues(actors, await ReadTextsAsync(actions, cancellationToken).ConfigureAwait(false), [.. projects]);
    }

    private static async Task ReadActorsAsync(NpgsqlCommand command, List<AuditActor> actors, CancellationToken cancellationToken)
    {
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            actors.Add(new AuditActor(reader.GetString(0), reader.GetGuid(1), reader.GetString(2)));
    }

    private static async Task<IReadOnlyList<string>> ReadTextsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var values = new List<string>();
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            values.Add(reader.GetString(0));
        return values;
    }

    private NpgsqlCommand Command(string sql, params IReadOnlyList<object> values)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = organizationId });
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}

/// <summary>Values that entries have.</summary>
/// <param name="Actors">Who, with their newest names.</param>
/// <param name="Actions">Entity and verb.</param>
/// <param name="Projects">Keys.</param>
public sealed record AuditValues(IReadOnlyList<AuditActor> Actors, IReadOnlyList<string> Actions, IReadOnlyList<string> Projects);

/// <summary>Somebody or something that acted.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its newest name.</param>
public sealed record AuditActor(string Kind, Guid Id, string Name);
