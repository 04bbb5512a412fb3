using Npgsql;

namespace Togglr.Store;

/// <summary>
/// What the role that the program works as may do. Apart from the owner of the tables it can read and add audit entries, and nothing else with them: not change, remove
/// or truncate them, nor switch their triggers off.
/// </summary>
internal static class DatabaseRoles
{
    /// <summary>Where several nodes meet that grant at once: changing the same rights at the same time fails.</summary>
    private const string Lock = "SELECT pg_advisory_xact_lock(128022223939425)";

    /// <summary>Gives a role what the program needs. With a password the role is ours: it is made if it is not there, and gets the password.</summary>
    internal static async Task AdmitAsync(NpgsqlDataSource owner, string role, string? password, CancellationToken cancellationToken)
    {
        using var connection = await owner.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var name = $"\"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await ExecuteAsync(connection, Lock, cancellationToken).ConfigureAwait(false);
        if (password is not null)
        {
            using var exists = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", connection) { Parameters = { new NpgsqlParameter { Value = role } } };
            var verb = (bool)(await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))! ? "ALTER" : "CREATE";
            await ExecuteAsync(
                connection, $"{verb} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{password}'", cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await ExecuteAsync(
                connection,
                $"""
                GRANT USAGE ON SCHEMA public TO {name};
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name};
                REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public FROM {name};
                REVOKE UPDATE, DELETE ON audit_entries FROM {name};
                REVOKE DELETE ON audit_chains FROM {name};
                REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {name};
                GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name};
                GRANT EXECUTE ON FUNCTION remove_audit_entries, add_event_partitions, remove_event_partitions, remove_events_of, index_event_day TO {name};
                """,
                cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new StoreStartException(
                $"The role {role} of TOGGLR_DATABASE_URL cannot be given its rights by the one of TOGGLR_MIGRATION_DATABASE_URL: {refused.MessageText}. "
                + "The first must exist, the second must own the tables; see \"Roles of the database\" in docs/operations.md.", refused);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Where there is one role for everything, it gives up what it never needs. As the owner it could take that back, but no statement of the program does.</summary>
    internal static async Task RenounceAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, Lock, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(
            connection,
            """
            DO $$ BEGIN
                IF (SELECT relowner = current_user::regrole FROM pg_class WHERE oid = 'audit_entries'::regclass) AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                    AND has_table_privilege('audit_entries', 'UPDATE, DELETE, TRUNCATE') THEN
                    REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM CURRENT_USER;
                END IF;
            END $$
            """,
            cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the role of these connections could rewrite the audit log although another one owns it, or should.</summary>
    internal static async Task<bool> MayRewriteAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        using var command = database.CreateCommand(
            """
            SELECT pg_has_role(relowner, 'MEMBER') OR has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') FROM pg_class WHERE oid = 'audit_entries'::regclass
            """);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
