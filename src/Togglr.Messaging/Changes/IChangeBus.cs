namespace Togglr.Messaging.Changes;

/// <summary>
/// A hint that something was committed. It may be lost, repeated or late, so it never carries the change itself: whoever receives it reads
/// the change log from the revision that it has.
/// </summary>
/// <param name="Payload">What changed, in the words of whoever announced it; empty when that is unknown: something may have been lost.</param>
public readonly record struct ChangeNotice(string Payload)
{
    /// <summary>Something may have happened that nobody told: look at everything.</summary>
    public static ChangeNotice Unknown { get; } = new("");

    /// <summary>Whether the receiver must look at everything.</summary>
    public bool IsUnknown => Payload is not { Length: > 0 };
}

/// <summary>
/// Tells every control-plane node that something was committed: <see cref="LocalChangeBus"/> within one process,
/// <see cref="PostgresChangeBus"/> between processes that share a database.
/// </summary>
public interface IChangeBus
{
    /// <summary>Announces a committed change to every listener, this process included. Never throws for a lost connection: listeners catch up by themselves.</summary>
    ValueTask AnnounceAsync(ChangeNotice notice, CancellationToken cancellationToken = default);

    /// <summary>
    /// All notices from now on. Starts with, and after any possible loss repeats, <see cref="ChangeNotice.Unknown"/>; reconnects by itself and
    /// ends only when cancelled.
    /// </summary>
    IAsyncEnumerable<ChangeNotice> ListenAsync(CancellationToken cancellationToken);
}
