using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.ControlPlane.Encryption;
using Togglr.Hosting.Security;
using Togglr.Messaging.Events;
using Togglr.Store;

namespace Togglr.ControlPlane.Publishing;

/// <summary>The keys under which units of events are hashed: one for each organization, made when it is first needed and never again, kept encrypted.</summary>
internal sealed partial class UnitKeyReader(TogglrDatabase database, SecretProtector protector, ILogger<UnitKeyReader> logger)
{
    private static readonly EncryptedColumn Column = EncryptedColumns.All.Single(static column => column.Table == "event_keys");

    // Decrypted once: this is asked for with every change of an environment.
    private readonly Dictionary<Guid, (byte[] Stored, UnitKey? Key)> _known = [];
    private volatile FrozenSet<Guid> _unreadable = [];

    /// <summary>The organizations whose key cannot be decrypted: nobody accepts events for them.</summary>
    public IReadOnlySet<Guid> Unreadable => _unreadable;

    /// <summary>The key of every environment.</summary>
    public async Task<FrozenDictionary<Guid, UnitKey>> ReadAsync(CancellationToken cancellationToken)
    {
        var missing = new List<Guid>();
        await using (var command = database.DataSource.CreateCommand("SELECT o.id FROM organizations o WHERE NOT EXISTS (SELECT FROM event_keys k WHERE k.id = o.id)"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                missing.Add(reader.GetGuid(0));
        }
        foreach (var organization in missing)
            await AddAsync(organization, cancellationToken);
        var keys = new Dictionary<Guid, UnitKey>();
        await using (var command = database.DataSource.CreateCommand("SELECT e.id, k.id, k.secret FROM environments e JOIN event_keys k ON k.id = e.organization_id"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                if (KeyOf(reader.GetGuid(1), reader.GetFieldValue<byte[]>(2)) is { } key)
                    keys.Add(reader.GetGuid(0), key);
            }
        }
        _unreadable = _known.Where(static pair => pair.Value.Key is null).Select(static pair => pair.Key).ToFrozenSet();
        return keys.ToFrozenDictionary();
    }

    private async Task AddAsync(Guid organization, CancellationToken cancellationToken)
    {
        var secret = protector.Protect(RandomNumberGenerator.GetBytes(UnitKey.KeyBytes), Column.PurposeOf(organization));
        // Of several nodes that make one at once, the first stays. The organization may be gone by now.
        await using var command = database.DataSource.CreateCommand("INSERT INTO event_keys (id, secret) SELECT o.id, $2 FROM organizations o WHERE o.id = $1 ON CONFLICT DO NOTHING");
        command.Parameters.Add(new NpgsqlParameter { Value = organization });
        command.Parameters.Add(new NpgsqlParameter { Value = secret });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private UnitKey? KeyOf(Guid organization, byte[] stored)
    {
        if (_known.TryGetValue(organization, out var known) && known.Stored.AsSpan().SequenceEqual(stored))
            return known.Key;
        // Not another key in its place: the same people would be somebody else from then on. Events are refused until the right encryption key is back.
        var key = protector.Unprotect(stored, Column.PurposeOf(organization)) is { Length: UnitKey.KeyBytes } secret ? new UnitKey(secret) : null;
        if (key is null)
            LogUnreadable(organization);
        _known[organization] = (stored, key);
        return key;
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Error, Message = "The event key of organization {Organization} cannot be decrypted; no events are accepted for it until the encryption key is back")]
    private partial void LogUnreadable(Guid organization);
}
