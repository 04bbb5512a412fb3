using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Messaging.Changes;

/// <summary>
/// LISTEN/NOTIFY on one channel, over a connection of its own. The transaction that changes something calls <c>pg_notify</c> itself, so a
/// notice exists exactly when the change does. After every reconnection, and every <see cref="CheckInterval"/> in any case, listeners are told
/// to look at everything, so a lost message can never stay lost.
/// </summary>
public sealed partial class PostgresChangeBus(NpgsqlDataSource database, string channelName, TimeProvider time, ILogger<PostgresChangeBus> logger) : IChangeBus
{
    /// <summary>The channel that the store notifies within its transactions.</summary>
    public const string DefaultChannel = "togglr_changes";

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(5);

    /// <summary>How often listeners are told to look at everything although nothing was heard.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public async ValueTask AnnounceAsync(ChangeNotice notice, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = database.CreateCommand("SELECT pg_notify($1, $2)");
            command.Parameters.Add(new NpgsqlParameter { Value = channelName });
            command.Parameters.Add(new NpgsqlParameter { Value = notice.Payload });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            LogAnnounceFailed(exception.Message);
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ChangeNotice> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var queue = ChangeQueue.Create(4096);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listening = Task.Run(() => ListenForeverAsync(queue, stop.Token), CancellationToken.None);
        try
        {
            yield return ChangeNotice.Unknown;
            while (!cancellationToken.IsCancellationRequested)
            {
                var notice = await NextAsync(queue.Reader, cancellationToken);
                yield return notice;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await listening;
        }
    }

    private async Task<ChangeNotice> NextAsync(ChannelReader<ChangeNotice> queue, CancellationToken cancellationToken)
    {
        if (queue.TryRead(out var notice))
            return notice;
        using var check = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), check, CheckInterval, Timeout.InfiniteTimeSpan);
        try
        {
            return await queue.ReadAsync(check.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ChangeNotice.Unknown;
        }
    }

    private async Task ListenForeverAsync(Channel<ChangeNotice> queue, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                connection.Notification += (_, message) => ChangeQueue.Post(queue, new ChangeNotice(message.Payload));
                await using (var listen = new NpgsqlCommand($"LISTEN {QuotedChannel()}", connection))
                    await listen.ExecuteNonQueryAsync(cancellationToken);
                // Whatever was committed before LISTEN took effect was not heard.
                ChangeQueue.Post(queue, ChangeNotice.Unknown);
                LogListening(channelName);
                delay = FirstDelay;
                while (true)
                {
                    // A connection that was cut without a word is noticed by asking it something now and then.
                    if (!await connection.WaitAsync(CheckInterval, cancellationToken))
                    {
                        await using var ping = new NpgsqlCommand("SELECT 1", connection);
                        await ping.ExecuteNonQueryAsync(cancellationToken);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogConnectionLost(exception.Message, delay.TotalSeconds);
            }
            try
            {
                await Task.Delay(Jitter.Around(delay), time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            delay = delay * 2 < LastDelay ? delay * 2 : LastDelay;
        }
    }

    private string QuotedChannel() => "\"" + channelName.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    [LoggerMessage(LogLevel.Debug, "Listening for changes on {Channel}")]
    private partial void LogListening(string channel);

    [LoggerMessage(LogLevel.Warning, "The connection that listens for changes was lost ({Error}); trying again in about {Seconds} s, changes are caught up by revision")]
    private partial void LogConnectionLost(string error, double seconds);

    [LoggerMessage(LogLevel.Warning, "A change could not be announced ({Error}); other nodes find it with their next check")]
    private partial void LogAnnounceFailed(string error);
}
