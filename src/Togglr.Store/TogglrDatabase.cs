using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>The way to the control data: starts the embedded PostgreSQL or connects to a given one, and brings its schema up to date.</summary>
public sealed partial class TogglrDatabase(
    StoreOptions settings, Migrator migrator, TimeProvider time, ILogger<TogglrDatabase> log) : IAsyncDisposable
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
            var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
            connection.MaxPoolSize = settings.MaximumConnections;
            connection.ApplicationName ??= "togglr";
            if (connection.MaxAutoPrepare == 0)
                connection.MaxAutoPrepare = 50;
            var dataSource = new NpgsqlDataSourceBuilder(connection.ConnectionString).Build();
            try
            {
                await WaitForConnectionAsync(dataSource, connection, cancellationToken).ConfigureAwait(false);
                HasAnswered = true;
                await migrator.ApplyAsync(dataSource, Migration.All, time, cancellationToken).ConfigureAwait(false);
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

    private async Task<NpgsqlConnectionStringBuilder> ConnectionAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(settings.DatabaseUrl))
        {
            try
            {
                var external = DatabaseUrl.Parse(settings.DatabaseUrl);
                LogExternal(DatabaseUrl.Mask(external));
                return external;
            }
            catch (FormatException failed)
            {
                throw new StoreStartException(failed.Message, failed);
            }
        }

        if (OperatingSystem.IsWindows())
            throw new StoreStartException("The embedded PostgreSQL runs on Linux and macOS. Set TOGGLR_DATABASE_URL.");
        _embedded = await EmbeddedPostgres.StartAsync(settings, log, cancellationToken).ConfigureAwait(false);
        return new NpgsqlConnectionStringBuilder(_embedded.ConnectionString);
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
        using var context = new TogglrDbContext(builder.Options, TimeProvider.System, new ChangeSignal());
        _ = context.Model;
    }

    private async Task StopEmbeddedAsync()
    {
        if (!OperatingSystem.IsWindows() && Interlocked.Exchange(ref _embedded, null) is { } embedded)
            await embedded.DisposeAsync().ConfigureAwait(false);
    }

    [LoggerMessage(3020, LogLevel.Information, "Using the database {Address}")]
    private partial void LogExternal(string address);

    [LoggerMessage(3021, LogLevel.Warning, "Waiting for the database {Address}: {Reason}")]
    private partial void LogWaiting(string address, string reason);
}
