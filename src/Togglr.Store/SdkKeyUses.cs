using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>Keeps when SDK keys were last used. Book-keeping: no audit entry, no new version.</summary>
public sealed class SdkKeyUses(TogglrDatabase database, TimeProvider time)
{
    /// <summary>Writes uses of keys; older ones than known, and keys that nobody has, change nothing.</summary>
    /// <param name="hashes">SHA-256 of each key.</param>
    /// <param name="times">When it was used; the future counts as now.</param>
    /// <param name="addresses">From where.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task WriteAsync(byte[][] hashes, DateTimeOffset[] times, string?[] addresses, CancellationToken cancellationToken)
    {
        using var command = database.DataSource.CreateCommand(
            """
            UPDATE sdk_keys k SET last_used_at = least(u.at, $4), last_used_address = u.address FROM unnest($1, $2, $3) u(hash, at, address)
            WHERE k.hash = u.hash AND (k.last_used_at IS NULL OR k.last_used_at < u.at)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = hashes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(times, static at => at.UtcDateTime), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = addresses, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
