using Npgsql;

namespace Togglr.Store;

/// <summary>A row as a change found it.</summary>
/// <param name="Path">Its name in the audit log.</param>
/// <param name="Id">Its identifier; the flag's for the state of a flag, null where there is none.</param>
/// <param name="Version">Its version.</param>
public sealed record BaseVersion(string Path, Guid? Id, int Version);

/// <summary>What one commit inside an <see cref="AmbientTransaction"/> did.</summary>
/// <param name="Change">What it was about.</param>
/// <param name="Before">The changed rows as they were.</param>
/// <param name="After">What they became.</param>
public sealed record AmbientCommit(Change Change, string? Before, string? After);

/// <summary>
/// One transaction for several commits, each with a context of its own: all of them happen or none. Nobody is told before <see cref="CommitAsync"/>; without it everything
/// is undone. Used by one caller after the other, never by two at once.
/// </summary>
public sealed class AmbientTransaction : IAsyncDisposable
{
    private readonly ChangeSignal _signal;
    private readonly AuditSeal _seal;
    private readonly List<ChangeNotice> _notices = [];
    private readonly List<AuditHead> _heads = [];
    private readonly Dictionary<string, BaseVersion> _bases = new(StringComparer.Ordinal);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly List<AmbientCommit> _commits = [];

    private AmbientTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, ChangeSignal signal, AuditSeal seal) =>
        (Connection, Transaction, _signal, _seal) = (connection, transaction, signal, seal);

    internal NpgsqlConnection Connection { get; }

    internal NpgsqlTransaction Transaction { get; }

    /// <summary>The commits so far, in order.</summary>
    public IReadOnlyList<AmbientCommit> Commits => _commits;

    /// <summary>Everything that guards what was touched so far.</summary>
    public Guard Guard { get; private set; } = Guard.None;

    /// <summary>The rows that were there before and were changed, as they were found first.</summary>
    public IReadOnlyCollection<BaseVersion> Bases => _bases.Values;

    /// <summary>The environments whose snapshots are different inside, each with the revision that it has outside.</summary>
    public IReadOnlyList<EnvironmentRevision> Outdated =>
        [.. _notices.SelectMany(static notice => notice.Environments).GroupBy(static row => row.Id).Select(static rows => rows.MinBy(static row => row.Revision)!).Select(static row => row with { Revision = row.Revision - 1 })];

    /// <summary>The names of all rows that were changed or made so far.</summary>
    public IEnumerable<string> Touched => _bases.Keys.Union(_made, StringComparer.Ordinal);

    /// <summary>
    /// Begins one for a project: takes the locks that any commit inside may want, in the order in which commits take them, so that it never deadlocks with another.
    /// </summary>
    public static async Task<AmbientTransaction> BeginAsync(
        TogglrDatabase database, ChangeSignal signal, AuditSeal seal, Guid organizationId, Guid projectId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            foreach (var (sql, id) in new[]
            {
                ("SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE", organizationId), ("SELECT id FROM projects WHERE id = $1 FOR NO KEY UPDATE", projectId),
            })
            {
                using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 300 };
                command.Parameters.Add(new NpgsqlParameter { Value = id });
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            return new AmbientTransaction(connection, transaction, signal, seal);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes all of it last, and tells everybody.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        await Transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        _seal.Remember(_heads);
        foreach (var notice in _notices)
            _signal.Raise(notice);
    }

    /// <summary>Undoes everything unless it was committed.</summary>
    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync().ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
    }

    internal void Found(ChangePlan plan, Guard guard)
    {
        Guard = Guard.With(guard);
        foreach (var entry in plan.Entries)
        {
            var path = entry.Entity.AuditPath;
            if (entry.Entity is ChangeRequest)
                continue;
            if (entry.State == Microsoft.EntityFrameworkCore.EntityState.Added)
                _made.Add(path);
            else if (!_made.Contains(path))
                _bases.TryAdd(path, new BaseVersion(path, (entry.Entity as Entity)?.Id ?? (entry.Entity as FlagEnvironment)?.FlagId, (int)entry.Property(nameof(Versioned.Version)).OriginalValue!));
        }
    }

    internal void Wrote(Change change, ChangePlan plan, ChangeNotice notice, IReadOnlyList<AuditHead> heads)
    {
        _commits.Add(new AmbientCommit(change, plan.Before, plan.After));
        _notices.Add(notice);
        _heads.AddRange(heads);
    }
}
