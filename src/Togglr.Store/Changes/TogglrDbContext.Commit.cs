using System.Data;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Togglr.Store;

public sealed partial class TogglrDbContext
{
    private bool _committing;
    private AmbientTransaction? _ambient;

    /// <summary>
    /// Makes everything that this context reads and writes part of a transaction that others take part in as well: a commit writes but does not end it. Before the first query.
    /// </summary>
    public void Join(AmbientTransaction ambient)
    {
        ArgumentNullException.ThrowIfNull(ambient);
        _ambient = ambient;
        Database.SetDbConnection(ambient.Connection);
        Database.UseTransaction(ambient.Transaction);
    }

    /// <summary>
    /// Writes everything that was changed on tracked entities in one transaction: the entities, the next revision and the new documents of every environment
    /// that is affected, one audit entry, one outbox row. Then tells the listeners. Nothing tracked has changed: nothing is written.
    /// </summary>
    /// <returns>
    /// What was written, or <c>precondition_failed</c> (a row changed since it was read), <c>already_exists</c>, <c>in_use</c>, <c>validation_failed</c>
    /// (an unknown or circular reference), <c>approval_required</c> (a policy guards it; then the context can go on), <c>unavailable</c>. After a failure, and after a rehearsal, nothing is in the database; throw this context away.
    /// </returns>
    public async Task<Result<Committed>> CommitAsync(Change change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var plan = ChangePlan.Of(this);
        if (plan.Entries.Count == 0 && !change.Always)
        {
            await SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return new Committed(false, 0, []);
        }

        try
        {
            if (await WriteAsync(change, plan, cancellationToken).ConfigureAwait(false) is not { } notice)
                return new Committed(false, 0, []);
            ChangeTracker.AcceptAllChanges();
            foreach (var segment in plan.Segments)
                segment.KeyEditsWritten();
            foreach (var (id, _, revision) in notice.Notice.Environments)
            {
                if (Environments.Local.FindEntry(id) is { } tracked)
                {
                    tracked.Entity.Revision = revision;
                    tracked.State = EntityState.Unchanged;
                }
            }

            if (_ambient is null)
                _signal.Raise(notice.Notice);
            return new Committed(true, notice.AuditSequence, notice.Notice.Environments);
        }
        catch (CommitRefusedException refused)
        {
            return refused.Error;
        }
        catch (DbUpdateConcurrencyException lost)
        {
            return await LostUpdateAsync(lost, cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException failed) when (failed.InnerException is PostgresException refusal && Explain(refusal, plan) is { } error)
        {
            return error;
        }
        catch (PostgresException refusal) when (Explain(refusal, plan) is { } error)
        {
            return error;
        }
        catch (Exception failed) when (IsUnavailable(failed))
        {
            return new StoreError(ErrorCodes.Unavailable, "The database cannot be reached. Try again.");
        }
    }

    /// <summary>What the audit entry would tell of the changes so far: the changed rows as they were and as they are; null where there are none.</summary>
    public (string? Before, string? After) DescribeChanges()
    {
        var plan = ChangePlan.Of(this);
        plan.Describe();
        return (plan.Before, plan.After);
    }

    /// <summary>True when a query failed because the database is away for now, rather than because of the query.</summary>
    public static bool IsUnavailable(Exception exception) => exception switch
    {
        PostgresException refusal => refusal.IsTransient || refusal.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
        NpgsqlException or SocketException or TimeoutException or StoreNotStartedException => true,
        _ => exception.InnerException is { } inner && IsUnavailable(inner),
    };

    /// <inheritdoc/>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        RefuseUnaudited();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <inheritdoc/>
    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        RefuseUnaudited();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    private void RefuseUnaudited()
    {
        if (!_committing && ChangeTracker.Entries<Versioned>().Any(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted))
            throw new InvalidOperationException("Changes of audited entities are saved by CommitAsync only.");
    }

    /// <summary>Null after a rehearsal, of which nothing is left.</summary>
    private async Task<(ChangeNotice Notice, long AuditSequence)?> WriteAsync(Change change, ChangePlan plan, CancellationToken cancellationToken)
    {
        if (_ambient is { } ambient)
        {
            if (change.Rehearsal)
                throw new CommitRefusedException(Result.Invalid("", "A dry run changes nothing."));
            var writer = new CommitWriter(ambient.Connection, ambient.Transaction, OrganizationId, _seal);
            var (told, sequence) = (await WriteRowsAsync(writer, change, plan, cancellationToken).ConfigureAwait(false))!.Value;
            ambient.Wrote(change, plan, told, writer.Heads);
            return (told, sequence);
        }

        var transaction = await Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            var writer = new CommitWriter((NpgsqlConnection)Database.GetDbConnection(), (NpgsqlTransaction)transaction.GetDbTransaction(), OrganizationId, _seal);
            if (await WriteRowsAsync(writer, change, plan, cancellationToken).ConfigureAwait(false) is not { } written)
                return null;
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            _seal.Remember(writer.Heads);
            return written;
        }
    }

    /// <summary>Everything of a commit but its end; null for a rehearsal.</summary>
    private async Task<(ChangeNotice Notice, long AuditSequence)?> WriteRowsAsync(CommitWriter writer, Change change, ChangePlan plan, CancellationToken cancellationToken)
    {
        var now = Truncate(_time.GetUtcNow());
        await writer.LockAccessAsync(plan, cancellationToken).ConfigureAwait(false);
        await writer.LockProjectsAsync(plan, cancellationToken).ConfigureAwait(false);
        await CheckGuardAsync(writer, change, plan, cancellationToken).ConfigureAwait(false);
        foreach (var entry in plan.Entries)
        {
            if (entry.State == EntityState.Added)
                entry.Entity.StampCreated(now, change.Actor.UserId);
            else if (entry.State == EntityState.Modified)
                entry.Entity.StampUpdated(now, change.Actor.UserId);
        }

        _committing = true;
        try
        {
            await base.SaveChangesAsync(acceptAllChangesOnSuccess: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _committing = false;
        }

        await writer.CheckOwnersAsync(plan, cancellationToken).ConfigureAwait(false);
        await writer.RemoveEventsAsync(plan, cancellationToken).ConfigureAwait(false);
        await writer.WriteSegmentKeysAsync(plan, cancellationToken).ConfigureAwait(false);
        await writer.FillInStatesAsync(plan, now, cancellationToken).ConfigureAwait(false);
        await writer.WakeSchedulesAsync(plan, ScheduleClocks.Local, cancellationToken).ConfigureAwait(false);
        await writer.CheckReferencesAsync(plan, cancellationToken).ConfigureAwait(false);
        if (change.Rehearsal)
            return null;
        var revisions = await writer.AdvanceRevisionsAsync(plan, cancellationToken).ConfigureAwait(false);
        await writer.WriteDocumentsAsync(plan, revisions, cancellationToken).ConfigureAwait(false);
        plan.Describe();
        var audit = await writer.WriteAuditAsync(change, plan, now, cancellationToken).ConfigureAwait(false);
        await writer.WriteRevisionsAsync(change, revisions, audit, now, cancellationToken).ConfigureAwait(false);
        var notice = await writer.WriteOutboxAsync(change, plan, revisions, now, _signal.NodeId, cancellationToken).ConfigureAwait(false);
        return (notice, audit.Sequence);
    }

    /// <summary>Nothing that is guarded is changed without the right to. Throws before anything of the tracked rows was touched.</summary>
    private async Task CheckGuardAsync(CommitWriter writer, Change change, ChangePlan plan, CancellationToken cancellationToken)
    {
        if (change.Authority.Kind == AuthorityKind.Approved && _ambient is null)
            throw new InvalidOperationException("A change request is applied in a transaction of its own.");
        if (plan.RemovesOrganization)
            return;
        var guard = await writer.FindGuardAsync(plan, cancellationToken).ConfigureAwait(false);
        _ambient?.Found(plan, guard);
        var passes = change.Authority.Kind switch
        {
            AuthorityKind.Direct => change.Rehearsal,
            AuthorityKind.Emergency => plan.OnlyKills,
            _ => true,
        };
        if (guard.Policies.Count > 0 && !passes)
            throw new CommitRefusedException(new StoreError(ErrorCodes.ApprovalRequired, "This is guarded: the change needs an approval.") { Guard = guard });
    }

    private static async Task<StoreError> LostUpdateAsync(DbUpdateConcurrencyException lost, CancellationToken cancellationToken)
    {
        int? current = null;
        try
        {
            if (lost.Entries.Count > 0 && await lost.Entries[0].GetDatabaseValuesAsync(cancellationToken).ConfigureAwait(false) is { } values)
                current = values.TryGetValue<int>(nameof(Versioned.Version), out var version) ? version : null;
        }
        catch (Exception failed) when (IsUnavailable(failed))
        {
            // The answer is the same without the number.
        }

        return new StoreError(ErrorCodes.PreconditionFailed, "Somebody else changed this meanwhile. Read it again.") { CurrentVersion = current };
    }

    private static StoreError? Explain(PostgresException refusal, ChangePlan plan) => refusal.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => new StoreError(ErrorCodes.AlreadyExists, "This key is taken already.", "key"),
        PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.RestrictViolation => plan.RemovesSomething
            ? new StoreError(ErrorCodes.InUse, $"Something still refers to this ({refusal.TableName}).")
            : new StoreError(ErrorCodes.ValidationFailed, $"Something that this refers to does not exist ({refusal.ConstraintName})."),
        _ => null,
    };

    /// <summary>PostgreSQL keeps microseconds; what was hashed must be what is read back.</summary>
    internal static DateTimeOffset Truncate(DateTimeOffset time) => time.Floor(TimeSpan.TicksPerMicrosecond);
}

/// <summary>Rolls a commit back with an expected failure that only the database could find; never leaves <see cref="TogglrDbContext.CommitAsync"/>.</summary>
#pragma warning disable CA1064 // Internal on purpose: it is control flow through the transaction, not part of the surface.
internal sealed class CommitRefusedException(StoreError error) : Exception(error.Message)
#pragma warning restore CA1064
{
    internal StoreError Error { get; } = error;
}
