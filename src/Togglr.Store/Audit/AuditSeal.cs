using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>
/// What makes a rewritten audit log noticeable: signs every entry and the head of every chain, and remembers outside the database how far every chain had come, so
/// that one that was set back to an earlier, rightly signed state is noticed as well. Does nothing without keys.
/// </summary>
public sealed partial class AuditSeal(StoreOptions options, ILogger<AuditSeal> log)
{
    private const string FileName = "audit.heads";

    private readonly ConcurrentDictionary<Guid, KnownHead> _known = new();
    private readonly Lock _file = new();
    private int _changes;
    private int _saved;

    private AuditKeys? Keys => options.AuditKeys;

    private string FilePath => Path.Combine(options.DataDirectory, FileName);

    /// <summary>The chains that this server has written to or seen, with how far they had come.</summary>
    internal IReadOnlyDictionary<Guid, KnownHead> Known => _known;

    internal bool IsOn => Keys is not null;

    /// <summary>True once it is known how far the chains had come.</summary>
    internal bool IsOpen { get; private set; }

    internal byte[]? Sign(byte[] entryHash) => Keys?.Sign(MessageOf(entryHash));

    internal AuditSignature Check(AuditEntry entry) =>
        entry.Signature is null || Keys is null ? AuditSignature.Wrong : Keys.Check(entry.Signature, MessageOf(entry.Hash));

    internal AuditHead Sign(AuditHead head) => Keys is null ? head : head with { Signature = Keys.Sign(AuditChain.Message(head.Fields())) };

    internal AuditSignature Check(AuditHead head) =>
        head.Signature is null || Keys is null ? AuditSignature.Wrong : Keys.Check(head.Signature, AuditChain.Message(head.Fields()));

    /// <summary>
    /// The head after the next entry. Where the head was not as the program left it, the new one says so for good: writing on must not cover up what was done.
    /// </summary>
    internal AuditHead Advance(AuditHead head, long sequence, byte[] hash)
    {
        var next = head with { Sequence = sequence, Hash = hash };
        if (Keys is null)
            return next;
        if (FaultOf(head, KnownOf(head.OrganizationId)) is { } fault)
        {
            LogSuspect(head.OrganizationId, fault);
            next = next with { SuspectFrom = head.SuspectFrom ?? sequence };
        }

        return Sign(next with { SignedFrom = head.SignedFrom ?? sequence });
    }

    /// <summary>How far a chain had come; null where nothing is known.</summary>
    internal KnownHead? KnownOf(Guid chain) => _known.GetValueOrDefault(chain);

    /// <summary>What is wrong with a head as it was found; null for nothing.</summary>
    /// <param name="head">Read (or locked) after <paramref name="known"/> was asked for: the other way round it would seem to lag behind.</param>
    /// <param name="known">How far the chain had come.</param>
    internal string? FaultOf(AuditHead head, KnownHead? known)
    {
        if (Keys is null)
            return null;
        if (known is not null && known.Sequence > head.Sequence)
            return $"the chain had come to entry {known.Sequence} and now ends at {head.Sequence}";
        if (head.Signature is null)
            return head.Sequence == 0 && known is null ? null : "the head of the chain is not signed";
        return Check(head) switch
        {
            AuditSignature.Good => null,
            AuditSignature.UnknownKey => "the head of the chain is signed with a key that this server does not have (do all control planes have the same TOGGLR_ENCRYPTION_KEYS?)",
            _ => "the head of the chain was altered",
        };
    }

    /// <summary>Takes note of what was committed.</summary>
    internal void Remember(IEnumerable<AuditHead> heads)
    {
        if (Keys is null)
            return;
        foreach (var head in heads)
            _known.AddOrUpdate(head.OrganizationId, new KnownHead(head.Sequence, head.Hash), (_, known) => known.Sequence > head.Sequence ? known : new KnownHead(head.Sequence, head.Hash));
        Interlocked.Increment(ref _changes);
    }

    /// <summary>Forgets what was known of a chain, because somebody accepted it as it is.</summary>
    internal void Replace(AuditHead head)
    {
        _known[head.OrganizationId] = new KnownHead(head.Sequence, head.Hash);
        Interlocked.Increment(ref _changes);
    }

    /// <summary>Reads what was known when the program ended; the very first time signs the chains that there are, which come from before there were signatures.</summary>
    internal async Task OpenAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (Keys is null || Load())
        {
            IsOpen = true;
            return;
        }

        using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var heads = new List<AuditHead>();
        using (var read = new NpgsqlCommand($"SELECT organization_id, {AuditHead.Columns} FROM audit_chains ORDER BY organization_id FOR UPDATE", connection, transaction))
        {
            using var reader = await read.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                heads.Add(AuditHead.Read(reader, reader.GetGuid(0), 1));
        }

        foreach (var head in heads.Where(head => head.Signature is null))
        {
            using var write = new NpgsqlCommand("UPDATE audit_chains SET signed_from = $2, signature = $3 WHERE organization_id = $1", connection, transaction);
            var signed = Sign(head with { SignedFrom = head.Sequence + 1 });
            write.Parameters.Add(new NpgsqlParameter { Value = head.OrganizationId });
            write.Parameters.Add(new NpgsqlParameter { Value = signed.SignedFrom });
            write.Parameters.Add(new NpgsqlParameter { Value = signed.Signature });
            await write.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        Remember(heads);
        IsOpen = true;
        Save();
    }

    /// <summary>Writes what is known beside the database, if it changed.</summary>
    internal void Save()
    {
        if (Keys is null || !IsOpen)
            return;
        lock (_file)
        {
            var changes = Volatile.Read(ref _changes);
            if (changes == _saved && File.Exists(FilePath))
                return;
            Directory.CreateDirectory(options.DataDirectory);
            var temporary = $"{FilePath}.{Environment.ProcessId}";
            var file = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(temporary, file))
            {
                using (var writer = new StreamWriter(stream, leaveOpen: true))
                {
                    foreach (var (chain, known) in _known)
                        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chain} {known.Sequence} {Convert.ToHexStringLower(known.Hash)}"));
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, FilePath, overwrite: true);
            _saved = changes;
        }
    }

    /// <summary>Reads the file; false when there is none yet.</summary>
    /// <exception cref="StoreStartException">It is damaged.</exception>
    public bool Load()
    {
        if (!File.Exists(FilePath))
            return false;
        foreach (var line in File.ReadLines(FilePath))
        {
            if (line.Split(' ') is not [var chain, var sequence, { Length: 64 } hash] || !Guid.TryParse(chain, out var id)
                || !long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || !hash.All(char.IsAsciiHexDigitLower))
                throw new StoreStartException($"{FilePath} is damaged. Restore it from the backup of the data directory, or see \"The audit log\" in docs/operations.md.");
            _known[id] = new KnownHead(number, Convert.FromHexString(hash));
        }

        return true;
    }

    private static byte[] MessageOf(byte[] entryHash) => [.. "togglr audit entry 1 "u8, .. entryHash];

    [LoggerMessage(3050, LogLevel.Critical, "The audit chain {Chain} was tampered with or set back: {Fault}. Run togglr verify-audit")]
    private partial void LogSuspect(Guid chain, string fault);
}

/// <summary>How far a chain had come.</summary>
internal sealed record KnownHead(long Sequence, byte[] Hash);
