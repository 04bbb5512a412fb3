namespace Togglr.Messaging;

/// <summary>Spreads retries out so that many clients that lost the same server do not come back at the same instant.</summary>
internal static class Jitter
{
    /// <summary>Somewhere between half and one and a half times the delay.</summary>
    public static TimeSpan Around(TimeSpan delay)
    {
#pragma warning disable CA5394 // Not a secret: it only has to differ between processes.
        return delay * (0.5 + Random.Shared.NextDouble());
#pragma warning restore CA5394
    }
}
