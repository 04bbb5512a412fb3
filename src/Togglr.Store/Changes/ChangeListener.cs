using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>Hears of changes that other nodes committed and passes them on to <see cref="ChangeSignal"/>, over a connection of its own that is made again when it breaks.</summary>
internal sealed partial class ChangeListener(TogglrDatabase database, ChangeSignal signal, TimeProvider time, ILogger<ChangeListener> log) : BackgroundService
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    /// <summary>How often a silent connection is asked whether it is still alive.</summary>
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var delay = FirstDelay;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => delay = FirstDelay, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed) || failed is InvalidOperationException)
            {
                LogLost((int)delay.TotalMilliseconds, failed.Message);
                await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = delay * 2 > LongestDelay ? LongestDelay : delay * 2;
            }
        }
    }

    private async Task ListenAsync(Action connected, CancellationToken cancellationToken)
    {
        using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var heard = new Queue<string>();
        connection.Notification += (_, notification) => heard.Enqueue(notification.Payload);
        using (var listen = new NpgsqlCommand("LISTEN togglr_changes", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        connected();
        // Whatever was committed while nobody listened is found by comparing revisions.
        signal.Raise(new ChangeNotice { Action = "store.resync", Entity = "store", EntityKey = "", At = time.GetUtcNow(), Resync = true });
        while (true)
        {
            if (!await connection.WaitAsync(Probe, cancellationToken).ConfigureAwait(false))
            {
                using var probe = new NpgsqlCommand("SELECT 1", connection);
                await probe.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            while (heard.TryDequeue(out var payload))
                await PassOnAsync(payload, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PassOnAsync(string payload, CancellationToken cancellationToken)
    {
        ChangeMessage? message;
        try
        {
            message = JsonSerializer.Deserialize<ChangeMessage>(payload, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            LogForeign();
            return;
        }

        if (message is null || message.Origin == signal.NodeId)
            return;
        if ((message.Notice ?? await ReadAsync(message.Id, cancellationToken).ConfigureAwait(false)) is { } notice)
            signal.Raise(notice);
    }

    private async Task<ChangeNotice?> ReadAsync(long id, CancellationToken cancellationToken)
    {
        using var command = database.DataSource.CreateCommand("SELECT body::text FROM outbox WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string body
            ? JsonSerializer.Deserialize<ChangeMessage>(body, JsonSerializerOptions.Web)?.Notice
            : null;
    }

    [LoggerMessage(3030, LogLevel.Warning, "The connection that hears of changes is lost; trying again in {Delay} ms: {Reason}")]
    private partial void LogLost(int delay, string reason);

    [LoggerMessage(3031, LogLevel.Warning, "Somebody else sent something on the channel togglr_changes; ignored")]
    private partial void LogForeign();
}
