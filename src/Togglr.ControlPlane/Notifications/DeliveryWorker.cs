using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Notifications.Channels;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>Sends what waits in the outbox: several destinations at the same time, to each one message after the other, so that one that is slow holds up nobody but itself.</summary>
internal sealed partial class DeliveryWorker(
    IServiceProvider services, IServiceScopeFactory scopes, DeliveryQueue queue, DeliveryAlarm alarm, DestinationSender sender, TimeProvider time, ILogger<DeliveryWorker> logger)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private const int AtOnce = 8;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan GiveUpInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Task> _busy = new();
    private long _cleanedAt = time.GetTimestamp();
    private long _gaveUpAt = time.GetTimestamp();

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        while (_busy.Count < AtOnce && await queue.TakeAsync([.. _busy.Keys], cancellationToken) is { } taken)
            Begin(taken, cancellationToken);
        if (Time.GetElapsedTime(_gaveUpAt) > GiveUpInterval)
        {
            _gaveUpAt = Time.GetTimestamp();
            await queue.GiveUpAsync(cancellationToken);
        }
        if (Time.GetElapsedTime(_cleanedAt) > CleanInterval)
        {
            _cleanedAt = Time.GetTimestamp();
            await queue.CleanAsync(cancellationToken);
        }
        return LongestSleep;
    }

    /// <inheritdoc />
    protected override Task SleepAsync(TimeSpan longest, CancellationToken cancellationToken) => alarm.SleepAsync(longest, cancellationToken);

    /// <inheritdoc />
    protected override async Task EndAsync() => await Task.WhenAll(_busy.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

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
        var began = Time.GetTimestamp();
        var outcome = taken.IsTooOld ? SendOutcome.Failed("It has waited too long.", isFinal: true) : await sender.SendAsync(taken.Id, taken.Body, destination, cancel);
        if (!outcome.IsOk)
            LogRefused(taken.Id, taken.Attempt, outcome.Status);
        // What has been sent is written down also while the process ends.
        await queue.FinishAsync(taken, outcome, Time.GetElapsedTime(began), CancellationToken.None);
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
