using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Togglr.Store;

/// <summary>The way to the control data: starts the embedded PostgreSQL or connects to a given one, and brings its schema up to date.</summary>
public sealed partial class TogglrDatabase(
    StoreOptions settings, Migrator migrator, AuditSeal seal, TimeProvider time, ILogger<TogglrDatabase> log) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NpgsqlDataSource? _dataSource;
    private EmbeddedPostgres? _embedded;

    /// <summary>The connections.</summary>
    /// <exception cref="StoreNotStartedException">The store has not started.</exception>
    public NpgsqlDataSource DataSource => Volatile.Read(ref _dataSource) ?? throw new StoreNotStartedException();

    /// <summary>Whether the database belongs to somebody else, who may start it after us.</summary>
    public bool IsExternal => !string.IsNullOrWhiteSpace(settings.DatabaseUrl);

    /// <summary>Whether the database has answered at least once.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Completes once the database is there and has the schema of this program.</summary>
    public Task Started => _started.Task;

    /// <summary>True once the database is there and has the schema of this program.</summary>
    public bool IsStarted => Volatile.Read(ref _dataSource) is not null;

    /// <summary>Starts or connects, and migrates. Doing it twice changes nothing.</summary>
    /// <exception cref="StoreStartException">With a message that tells the operator what to do.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsStarted)
                return;
            // Building the model takes a while and needs no database.
            var model = Task.Run(WarmUpModel, CancellationToken.None);
            var (work, owner) = await ConnectionsAsync(cancellationToken).ConfigureAwait(false);
            var dataSource = Build(work, settings.MaximumConnections);
            try
            {
                await PrepareAsync(dataSource, work, owner, cancellationToken).ConfigureAwait(false);
                await seal.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
                await model.ConfigureAwait(false);
                Volatile.Write(ref _dataSource, dataSource);
                _started.TrySetResult();
            }
            catch
            {
                await dataSource.DisposeAsync().ConfigureAwait(false);
                await StopEmbeddedAsync().ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes the connections and stops the embedded PostgreSQL. Doing it twice changes nothing.</summary>
    public async Task StopAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Interlocked.Exchange(ref _dataSource, null) is { } dataSource)
                await dataSource.DisposeAsync().ConfigureAwait(false);
            seal.Save();
            await StopEmbeddedAsync().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _gate.Dispose();
    }

    /// <summary>Asks the database something trivial.</summary>
    /// <returns>True when it answers within two seconds.</returns>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _dataSource) is not { } dataSource)
            return false;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            using var command = dataSource.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(timeout.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested && (failed is OperationCanceledException or ObjectDisposedException || TogglrDbContext.IsUnavailable(failed)))
        {
            return false;
        }
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder connection, int maximumConnections)
    {
        connection.MaxPoolSize = maximumConnections;
        connection.ApplicationName ??= "togglr";
        if (connection.MaxAutoPrepare == 0)
            connection.MaxAutoPrepare = 50;
        return new NpgsqlDataSourceBuilder(connection.ConnectionString).Build();
    }

    /// <summary>Brings the schema up to date as its owner, and gives the role that we work as what it needs and no more.</summary>
    private async Task PrepareAsync(NpgsqlDataSource dataSource, NpgsqlConnectionStringBuilder work, NpgsqlConnectionStringBuilder? owner, CancellationToken cancellationToken)
    {
        if (owner is null)
        {
            await WaitForConnectionAsync(dataSource, work, cancellationToken).ConfigureAwait(false);
            HasAnswered = true;
            await migrator.ApplyAsync(dataSource, Migration.All, time, cancellationToken).ConfigureAwait(false);
            await DatabaseRoles.RenounceAsync(dataSource, cancellationToken).ConfigureAwait(false);
            return;
        }

        var ownerSource = Build(owner, maximumConnections: 2);
        await using (ownerSource.ConfigureAwait(false))
        {
            await WaitForConnectionAsync(ownerSource, owner, cancellationToken).ConfigureAwait(false);
            HasAnswered = true;
            await migrator.ApplyAsync(ownerSource, Migration.All, time, cancellationToken).ConfigureAwait(false);
            await DatabaseRoles.AdmitAsync(ownerSource, work.Username!, IsExternal ? null : work.Password, cancellationToken).ConfigureAwait(false);
        }

        await WaitForConnectionAsync(dataSource, work, cancellationToken).ConfigureAwait(false);
        if (await DatabaseRoles.MayRewriteAsync(dataSource, cancellationToken).ConfigureAwait(false))
            LogTooMighty(work.Username!);
    }

    /// <summary>How we work, and where that is another role, how its owner connects.</summary>
    private async Task<(NpgsqlConnectionStringBuilder Work, NpgsqlConnectionStringBuilder? Owner)> ConnectionsAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(settings.DatabaseUrl))
        {
            try
            {
                var external = DatabaseUrl.Parse(settings.DatabaseUrl);
                LogExternal(DatabaseUrl.Mask(external));
                if (string.IsNullOrWhiteSpace(settings.MigrationDatabaseUrl))
                    return (external, null);
                var owner = DatabaseUrl.Parse(settings.MigrationDatabaseUrl, "TOGGLR_MIGRATION_DATABASE_URL");
                if (string.IsNullOrEmpty(external.Username))
                    throw new FormatException("TOGGLR_DATABASE_URL names no user, so nothing can be granted to it.");
                return (external, owner.Username == external.Username ? null : owner);
            }
            catch (FormatException failed)
            {
                throw new StoreStartException(failed.Message, failed);
            }
        }

        if (OperatingSystem.IsWindows())
            throw new StoreStartException("The embedded PostgreSQL runs on Linux and macOS. Set TOGGLR_DATABASE_URL.");
        _embedded = await EmbeddedPostgres.StartAsync(settings, log, cancellationToken).ConfigureAwait(false);
        var superuser = new NpgsqlConnectionStringBuilder(_embedded.ConnectionString);
        // Known to nobody else and made anew with every start.
        var work = new NpgsqlConnectionStringBuilder(_embedded.ConnectionString)
        {
            Username = EmbeddedPostgres.WorkUserName, Password = RandomNumberGenerator.GetHexString(48, lowercase: true),
        };
        return (work, superuser);
    }

    /// <summary>The database of a compose file or a cluster may come up after us.</summary>
    private async Task WaitForConnectionAsync(
        NpgsqlDataSource dataSource, NpgsqlConnectionStringBuilder connection, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var opened = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                if (opened.PostgreSqlVersion.Major < 14)
                    throw new StoreStartException($"{DatabaseUrl.Mask(connection)} is PostgreSQL {opened.PostgreSqlVersion}; Togglr needs 14 or later.");
                return;
            }
            catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed) && failed is not PostgresException { SqlState: "28P01" or "28000" or "3D000" })
            {
                if (Stopwatch.GetElapsedTime(began) > settings.StartTimeout)
                    throw new StoreStartException($"The database {DatabaseUrl.Mask(connection)} cannot be reached: {failed.Message}", failed);
                LogWaiting(DatabaseUrl.Mask(connection), failed.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException failed)
            {
                throw new StoreStartException($"The database {DatabaseUrl.Mask(connection)} refuses us: {failed.Message}", failed);
            }
        }
    }

    private static void WarmUpModel()
    {
        var builder = new DbContextOptionsBuilder<TogglrDbContext>().UseNpgsql();
        using var context = new TogglrDbContext(builder.Options, TimeProvider.System, new ChangeSignal(), new AuditSeal(new StoreOptions(), NullLogger<AuditSeal>.Instance));
        _ = context.Model;
    }

    private async Task StopEmbeddedAsync()
    {
        if (!OperatingSystem.IsWindows() && Interlocked.Exchange(ref _embedded, null) is { } embedded)
            await embedded.DisposeAsync().ConfigureAwait(false);
    }

    [LoggerMessage(3020, LogLevel.Information, "Using the database {Address}")]
    private partial void LogExternal(string address);

    [LoggerMessage(3023, LogLevel.Warning, "The database role {Role} can rewrite the audit log: it owns its table or is a superuser. See \"Roles of the database\" in docs/operations.md")]
    private partial void LogTooMighty(string role);

    [LoggerMessage(3021, LogLevel.Warning, "Waiting for the database {Address}: {Reason}")]
    private partial void LogWaiting(string address, string reason);
}
