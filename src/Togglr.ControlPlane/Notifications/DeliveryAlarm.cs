using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>Wakes who sends messages in this process.</summary>
internal sealed class DeliveryAlarm : IDisposable
{
    private readonly Alarm _alarm = new();

    /// <summary>There is something to send.</summary>
    public void Ring() => _alarm.Ring();

    /// <summary>Sleeps until there is, or for this long.</summary>
    public Task SleepAsync(TimeSpan longest, CancellationToken cancel) => _alarm.SleepAsync(longest, cancel);

    /// <inheritdoc/>
    public void Dispose() => _alarm.Dispose();
}
