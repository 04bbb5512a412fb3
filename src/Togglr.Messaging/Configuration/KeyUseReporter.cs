using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Togglr.Messaging.Configuration;

/// <summary>A key and when it was used.</summary>
/// <param name="Hash">SHA-256 of the key.</param>
/// <param name="At">When, to the minute.</param>
/// <param name="Address">From where; null when unknown.</param>
public readonly record struct KeyUse(SdkKeyHash Hash, DateTimeOffset At, string? Address);

/// <summary>Where uses of keys are kept: the database in the control plane's own process, its HTTP address elsewhere.</summary>
public interface IKeyUses
{
    /// <summary>Keeps them. Throws when that does not work now; the same uses may be reported again.</summary>
    Task ReportAsync(IReadOnlyList<KeyUse> uses, CancellationToken cancellationToken);
}

/// <summary>
/// Tells when keys were last used: the first use of a key within seconds, then at most once a minute, all keys in one report. Requests only set a flag on
/// the key. Best effort: uses that cannot be reported are reported later, and lost when the process dies.
/// </summary>
public sealed partial class KeyUseReporter(ConfigurationReplica replica, IKeyUses uses, TimeProvider time, ILogger<KeyUseReporter> logger) : BackgroundService
{
    /// <summary>The most uses in one report.</summary>
    public const int MaximumInReport = 5_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeyInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<SdkKeyHash, DateTimeOffset> _reported = [];
    private readonly Dictionary<SdkKeyHash, KeyUse> _waiting = [];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await ReportAsync(KeyInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                LogFailed(exception.Message);
            }
        }
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(1));
            await ReportAsync(TimeSpan.Zero, patience.Token);
        }
        catch (Exception exception)
        {
            LogFailed(exception.Message);
        }
    }

    private async Task ReportAsync(TimeSpan keyInterval, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var identity in replica.Keys.All)
        {
            if (_reported.TryGetValue(identity.Hash, out var last) && now - last < keyInterval || !identity.TakeUse(out var address))
                continue;
            _waiting[identity.Hash] = new KeyUse(identity.Hash, now, (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString());
            _reported[identity.Hash] = now;
        }
        while (_waiting.Count > 0)
        {
            var report = _waiting.Values.Take(MaximumInReport).ToList();
            await uses.ReportAsync(report, cancellationToken);
            foreach (var use in report)
                _waiting.Remove(use.Hash);
        }
        // Keys that are gone need no memory.
        if (_reported.Count > replica.Keys.Count + 1000)
            _reported.Clear();
    }

    [LoggerMessage(LogLevel.Debug, "When keys were last used cannot be reported now: {Error}")]
    private partial void LogFailed(string error);
}
