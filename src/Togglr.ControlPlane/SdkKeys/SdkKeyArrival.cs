using Microsoft.Extensions.DependencyInjection;
using Togglr.Messaging.Configuration;
using SdkKey = Togglr.Store.SdkKey;

namespace Togglr.ControlPlane.SdkKeys;

/// <summary>
/// Waits until the edge of this process, where there is one, knows what was just committed about a key, so that a new key works and a revoked one does not the
/// moment the answer is there. Gives up after a second: the change is committed and arrives anyway.
/// </summary>
internal sealed class SdkKeyArrival(IServiceProvider services, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly ConfigurationReplica? _replica = services.GetService<ConfigurationReplica>();

    /// <summary>Waits for what the key is now.</summary>
    public async Task OfAsync(SdkKey key, CancellationToken cancel)
    {
        if (_replica is not { IsReady: true } replica)
            return;
        var hash = SdkKeyHash.FromBytes(key.Hash);
        var isGood = key.RevokedAt is null && !(key.ExpiresAt <= time.GetUtcNow());
        var started = time.GetTimestamp();
        while (!HasArrived() && time.GetElapsedTime(started) < Patience)
            await Task.Delay(Pause, time, cancel);

        bool HasArrived() => replica.Keys.Find(hash) is { Terms: var terms }
            ? isGood && terms.RateLimit == key.RateLimit && AreSame(terms.ExpiresAt, key.ExpiresAt)
                && (terms.Origins is null ? key.Origins is null : key.Origins is not null && terms.Origins.SetEquals(key.Origins))
            : !isGood;
    }

    // The database keeps microseconds.
    private static bool AreSame(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other is null ? one == other : (one.Value - other.Value).Duration() < TimeSpan.FromMilliseconds(1);
}
