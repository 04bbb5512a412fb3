using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Background;
using Togglr.ControlPlane.Notifications.Channels;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>Sends what waits in the outbox: several destinations at the same time, to each one message after the other, so that one that is slow holds up nobody but itself.</summary>
internal sealed partial class DeliveryWorker(
    IServiceProvider services, IServiceScopeFactory scopes, DeliveryQueue queue, DeliveryAlarm alarm, DestinationSender sender, TimeProvider time, ILogger<DeliveryWorker> logger) : BackgroundService
{
    private const int AtOnce = 8;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan GiveUpInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Task> _busy = new();

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await services.WaitForDatabaseAsync(stoppingToken) is null)
                return;
            var (clean, giveUp) = (time.GetTimestamp(), time.GetTimestamp());
            while (true)
            {
                try
                {
                    while (_busy.Count < AtOnce && await queue.TakeAsync([.. _busy.Keys], stoppingToken) is { } taken)
                        Begin(taken, stoppingToken);
                    await alarm.SleepAsync(LongestSleep, stoppingToken);
                    if (time.GetElapsedTime(giveUp) > GiveUpInterval)
                    {
                        giveUp = time.GetTimestamp();
                        await queue.GiveUpAsync(stoppingToken);
                    }
                    if (time.GetElapsedTime(clean) > CleanInterval)
                    {
                        clean = time.GetTimestamp();
                        await queue.CleanAsync(stoppingToken);
                    }
                }
                catch (Exception failed) when (failed is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(failed.Message);
                    await Task.Delay(Pause, time, stoppingToken);
                }
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or StoreStartException)
        {
            // The process ends, or the database never came.
        }
        await Task.WhenAll(_busy.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Begin(TakenDelivery taken, CancellationToken cancel)
    {
        // The place is taken before the task can end and free it.
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _busy[taken.DestinationId] = RunAsync(begin.Task, taken, cancel);
        begin.SetResult();
    }

    private async Task RunAsync(Task begin, TakenDelivery taken, CancellationToken cancel)
    {
        await begin;
        try
        {
            await SendAsync(taken, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await GiveBackAsync(taken);
        }
        catch (Exception failed)
        {
            // It stays taken for a while, and is then tried again.
            LogFailed(failed.Message);
        }
        finally
        {
            _busy.TryRemove(taken.DestinationId, out _);
            alarm.Ring();
        }
    }

    private async Task SendAsync(TakenDelivery taken, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(taken.OrganizationId);
        if (await db.NotificationDestinations.AsNoTracking().SingleOrDefaultAsync(row => row.Id == taken.DestinationId, cancel) is not { } destination)
            return;
        var began = time.GetTimestamp();
        var outcome = taken.IsTooOld ? SendOutcome.Failed("It has waited too long.", isFinal: true) : await sender.SendAsync(taken.Id, taken.Body, destination, cancel);
        if (!outcome.IsOk)
            LogRefused(taken.Id, taken.Attempt, outcome.Status);
        // What has been sent is written down also while the process ends.
        await queue.FinishAsync(taken, outcome, time.GetElapsedTime(began), CancellationToken.None);
    }

    private async Task GiveBackAsync(TakenDelivery taken)
    {
        try
        {
            await queue.ReleaseAsync(taken, CancellationToken.None);
        }
        catch (Exception failed)
        {
            LogFailed(failed.Message);
        }
    }

    [LoggerMessage(3081, LogLevel.Warning, "Notifications could not be sent and are tried again: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(3082, LogLevel.Information, "The notification {Delivery} was not taken (attempt {Attempt}, status {Status})")]
    private partial void LogRefused(Guid delivery, int attempt, int? status);
}

/// <summary>Sends a message by the channel of its destination's kind.</summary>
internal sealed class DestinationSender(IEnumerable<IDestinationChannel> channels, DestinationSecrets secrets)
{
    /// <summary>Tries once.</summary>
    public async Task<SendOutcome> SendAsync(Guid delivery, string body, NotificationDestination destination, CancellationToken cancel) =>
        secrets.Read(destination) is { } known
            ? await channels.Single(channel => channel.Serves(destination.Kind)).SendAsync(new OutgoingMessage(delivery, body, destination, known), cancel)
            : SendOutcome.Failed("The destination's secrets cannot be decrypted any more. Set them again.", isFinal: true);
}
