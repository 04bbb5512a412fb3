using Npgsql;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Encryption;

/// <summary>A stored secret that no key can read.</summary>
/// <param name="Column">Where.</param>
/// <param name="Row">The row's id.</param>
/// <param name="Key">The number of the key that it asks for; null when it is no secret at all.</param>
/// <param name="IsKeyKnown">Whether there is a key with this number: then it is another one than it was encrypted with, or the secret was altered.</param>
public sealed record UnreadableSecret(EncryptedColumn Column, Guid Row, int? Key, bool IsKeyKnown)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Column.Table}.{Column.Column} of {Row}: " + (Key, IsKeyKnown) switch
    {
        (null, _) => "it is damaged",
        (_, false) => $"key {Key} is missing",
        _ => $"key {Key} does not fit, it is another key than the one that encrypted",
    };
}

/// <summary>What a walk through all stored secrets did and found.</summary>
/// <param name="Rewritten">Encrypted anew with the newest key.</param>
/// <param name="Current">Had the newest key already.</param>
/// <param name="Unreadable">Could not be read.</param>
public sealed record StoredSecretsReport(int Rewritten, int Current, IReadOnlyList<UnreadableSecret> Unreadable);

/// <summary>Walks through everything that is encrypted in the database.</summary>
public sealed class StoredSecrets(SecretProtector protector, EncryptionKeys keys)
{
    private const int BatchSize = 500;

    /// <summary>Encrypts everything with the newest key. A row that somebody changes meanwhile is left to them: they have the newest key, too.</summary>
    /// <param name="database">The database.</param>
    /// <param name="rewrite">False to look only.</param>
    /// <param name="cancel">Cancels between two rows.</param>
    public async Task<StoredSecretsReport> WalkAsync(NpgsqlDataSource database, bool rewrite, CancellationToken cancel = default)
    {
        var (rewritten, current) = (0, 0);
        var unreadable = new List<UnreadableSecret>();
        foreach (var column in EncryptedColumns.All)
        {
            if (!await ExistsAsync(database, column, cancel))
                continue;
            var after = Guid.Empty;
            while (await ReadAsync(database, column, after, cancel) is { Count: > 0 } rows)
            {
                foreach (var (row, stored) in rows)
                {
                    var number = SecretProtector.KeyOf(stored);
                    if (protector.Unprotect(stored, column.PurposeOf(row)) is not { } secret)
                        unreadable.Add(new UnreadableSecret(column, row, number, number is { } known && keys.Find(known) is not null));
                    else if (number == keys.Newest.Number)
                        current++;
                    else if (rewrite && await WriteAsync(database, column, row, stored, protector.Protect(secret, column.PurposeOf(row)), cancel))
                        rewritten++;
                }
                after = rows[^1].Row;
            }
        }
        return new StoredSecretsReport(rewritten, current, unreadable);
    }

    private static async Task<bool> ExistsAsync(NpgsqlDataSource database, EncryptedColumn column, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("SELECT to_regclass($1) IS NOT NULL");
        command.Parameters.Add(new NpgsqlParameter { Value = column.Table });
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    // The names come from the list above, never from a request.
    private static async Task<List<(Guid Row, byte[] Stored)>> ReadAsync(NpgsqlDataSource database, EncryptedColumn column, Guid after, CancellationToken cancel)
    {
        await using var command = database.CreateCommand($"SELECT id, {column.Column} FROM {column.Table} WHERE id > $1 AND {column.Column} IS NOT NULL ORDER BY id LIMIT {BatchSize}");
        command.Parameters.Add(new NpgsqlParameter { Value = after });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<(Guid, byte[])>();
        while (await reader.ReadAsync(cancel))
            rows.Add((reader.GetGuid(0), reader.GetFieldValue<byte[]>(1)));
        return rows;
    }

    private static async Task<bool> WriteAsync(NpgsqlDataSource database, EncryptedColumn column, Guid row, byte[] before, byte[] after, CancellationToken cancel)
    {
        await using var command = database.CreateCommand($"UPDATE {column.Table} SET {column.Column} = $3 WHERE id = $1 AND {column.Column} = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = row });
        command.Parameters.Add(new NpgsqlParameter { Value = before });
        command.Parameters.Add(new NpgsqlParameter { Value = after });
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }
}
