using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Togglr.Messaging.Configuration;

/// <summary>Keeps a <see cref="ConfigurationReplica"/> up to date: first from disk, then from the feed, for ever.</summary>
public sealed partial class ReplicaFollower : BackgroundService
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly ConfigurationReplica _replica;
    private readonly IConfigurationFeed _feed;
    private readonly ReplicaDisk? _disk;
    private readonly TimeProvider _time;
    private readonly ILogger<ReplicaFollower> _logger;

    /// <summary>Makes a follower.</summary>
    /// <param name="replica">What is kept up to date.</param>
    /// <param name="feed">Where changes come from.</param>
    /// <param name="disk">Where the last state is kept; null for nowhere.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public ReplicaFollower(ConfigurationReplica replica, IConfigurationFeed feed, ReplicaDisk? disk, TimeProvider time, ILogger<ReplicaFollower> logger)
    {
        (_replica, _feed, _disk, _time, _logger) = (replica, feed, disk, time, logger);
        if (disk is not null)
            replica.Observe(change => disk.Note(change.Environment.Id, change.State), _ => disk.Note(replica.KeysMessage!));
    }

    /// <summary>Whether a connection to the feed is up and everything it had has been received.</summary>
    public bool IsConnected { get; private set; }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        if (_disk is not null)
            Restore(_disk);
        var saving = SaveRegularlyAsync(stoppingToken);
        var delay = FirstDelay;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var message in _feed.ConnectAsync(_replica.Known(), stoppingToken))
                {
                    if (!_replica.Apply(message))
                    {
                        LogGap();
                        break;
                    }
                    if (message is not SyncedMessage)
                        continue;
                    IsConnected = true;
                    delay = FirstDelay;
                    LogSynced(_replica.Count);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                LogLost(exception.Message, delay.TotalSeconds);
            }
            IsConnected = false;
            await Task.Delay(Jitter.Around(delay), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LastDelay ? delay * 2 : LastDelay;
        }
        await saving;
    }

    private void Restore(ReplicaDisk disk)
    {
        var messages = disk.Load();
        foreach (var message in messages)
            _replica.Apply(message);
        if (messages is [.., KeysMessage])
        {
            _replica.Apply(SyncedMessage.Instance);
            LogRestored(_replica.Count);
        }
    }

    private async Task SaveRegularlyAsync(CancellationToken cancellationToken)
    {
        if (_disk is null)
            return;
        using var timer = new PeriodicTimer(SaveInterval, _time);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // One last time, so that nothing of the last second is lost.
            }
            _disk.Save();
        }
    }

    [LoggerMessage(LogLevel.Information, "Restored the last known configuration of {Count} environments from disk")]
    private partial void LogRestored(int count);

    [LoggerMessage(LogLevel.Information, "Connected to the configuration feed: {Count} environments")]
    private partial void LogSynced(int count);

    [LoggerMessage(LogLevel.Warning, "The configuration feed was lost ({Error}); serving what is known, trying again in about {Seconds} s")]
    private partial void LogLost(string error, double seconds);

    [LoggerMessage(LogLevel.Information, "Something is missing between two messages of the feed; connecting again")]
    private partial void LogGap();
}
