using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>Brings the schema to where this program needs it. Any number of nodes may do so at once: one works, the others wait.</summary>
public sealed partial class Migrator(ILogger<Migrator> log)
{
    /// <summary>"togglr" in ASCII, the advisory lock that nodes meet at.</summary>
    private const long LockKey = 0x746F67676C72;

    /// <summary>Applies the migrations that are missing.</summary>
    /// <param name="database">The database.</param>
    /// <param name="migrations">Usually <see cref="Migration.All"/>.</param>
    /// <param name="time">Dates the entries in <c>schema_migrations</c>.</param>
    /// <param name="cancellationToken">Ends the work between two migrations.</param>
    /// <returns>How many were applied.</returns>
    /// <exception cref="StoreStartException">The database was made by a newer program, or an applied migration was changed.</exception>
    public async Task<int> ApplyAsync(NpgsqlDataSource database, IReadOnlyList<Migration> migrations, TimeProvider time, CancellationToken cancellationToken = default)
    {
        using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken).ConfigureAwait(false);
        try
        {
            return await ApplyLockedAsync(connection, migrations, time, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new StoreStartException(
                $"The database needs to be brought up to date, which this role may not do ({refused.MessageText}). Run togglr migrate with the owner of the tables in "
                + "TOGGLR_MIGRATION_DATABASE_URL.", refused);
        }
        finally
        {
            // A broken connection has let go of the lock already.
            if (connection.FullState == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<int> ApplyLockedAsync(NpgsqlConnection connection, IReadOnlyList<Migration> migrations, TimeProvider time, CancellationToken cancellationToken)
    {
        var applied = await ReadAppliedAsync(connection, cancellationToken).ConfigureAwait(false);
        foreach (var (number, (name, checksum)) in applied)
        {
            if (migrations.FirstOrDefault(migration => migration.Number == number) is not { } known)
            {
                throw new StoreStartException(
                    $"The database has migration {number} ({name}), this program knows {migrations.Count}: it was used by a newer version of Togglr. Start that version or restore a backup.");
            }

            if (known.Checksum != checksum)
            {
                throw new StoreStartException(
                    $"Migration {number} ({name}) was applied to the database with other contents than this program has. Use the program that belongs to the database.");
            }
        }

        var missing = migrations.Where(migration => !applied.ContainsKey(migration.Number)).ToList();
        foreach (var migration in missing)
        {
            using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            using (var command = new NpgsqlCommand(migration.Sql, connection, transaction) { CommandTimeout = 0 })
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            using (var note = new NpgsqlCommand("INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)", connection, transaction))
            {
                note.Parameters.Add(new NpgsqlParameter { Value = migration.Number });
                note.Parameters.Add(new NpgsqlParameter { Value = migration.Name });
                note.Parameters.Add(new NpgsqlParameter { Value = migration.Checksum });
                note.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
                await note.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            LogApplied(migration.Number, migration.Name);
        }

        return missing.Count;
    }

    private static async Task<SortedDictionary<int, (string Name, string Checksum)>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Asked first, because a role that does not own the schema may read it but create nothing.
        using (var exists = new NpgsqlCommand("SELECT to_regclass('schema_migrations') IS NOT NULL", connection))
        {
            if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!)
            {
                await ExecuteAsync(
                    connection,
                    "CREATE TABLE schema_migrations (number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL)",
                    cancellationToken).ConfigureAwait(false);
            }
        }

        var applied = new SortedDictionary<int, (string, string)>();
        using var command = new NpgsqlCommand("SELECT number, name, checksum FROM schema_migrations", connection);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetString(2)));
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(3001, LogLevel.Information, "Applied migration {Number} ({Name})")]
    private partial void LogApplied(int number, string name);
}

/// <summary>The store cannot start for a reason that the operator can do something about; the message says what.</summary>
public sealed class StoreStartException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it may go away by itself: the database is not there yet.</summary>
    public bool IsTransient => InnerException is { } cause && TogglrDbContext.IsUnavailable(cause);
}

/// <summary>The database was asked for before it was there: expected while an external one does not answer.</summary>
public sealed class StoreNotStartedException() : InvalidOperationException("The database is not there yet.");
