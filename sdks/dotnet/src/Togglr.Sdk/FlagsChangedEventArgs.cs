namespace Togglr.Sdk;

/// <summary>The snapshot was replaced and some flags may now serve something else.</summary>
/// <param name="keys">See <see cref="Keys"/>.</param>
/// <param name="revision">See <see cref="Revision"/>.</param>
public sealed class FlagsChangedEventArgs(IReadOnlyCollection<string> keys, long revision) : EventArgs
{
    /// <summary>
    /// Flags that were added, removed or changed, and those whose segments, experiments or prerequisites did. What a flag serves to a
    /// certain context may still be the same: <see cref="TogglrClient.Watch{T}"/> tells that.
    /// </summary>
    public IReadOnlyCollection<string> Keys { get; } = keys;

    /// <summary>Revision of the snapshot in which they changed.</summary>
    public long Revision { get; } = revision;
}

/// <summary>The client's state changed.</summary>
/// <param name="status">See <see cref="Status"/>.</param>
public sealed class ClientStatusChangedEventArgs(ClientStatus status) : EventArgs
{
    /// <summary>The new state.</summary>
    public ClientStatus Status { get; } = status;
}

/// <summary>What a watched flag serves changed for the watched context.</summary>
/// <param name="Key">The flag.</param>
/// <param name="Old">What it served before.</param>
/// <param name="New">What it serves now.</param>
/// <typeparam name="T">Type of the value.</typeparam>
public sealed record FlagValueChange<T>(string Key, T Old, T New);

/// <summary>What <see cref="TogglrClient.Track(string, Togglr.Evaluation.EvaluationContext, FeedbackKind, string, double?)"/> tells about a served variant.</summary>
public enum FeedbackKind
{
    /// <summary>It did what it was meant to.</summary>
    Success,

    /// <summary>It did not.</summary>
    Failure,

    /// <summary>It failed technically.</summary>
    Error,
}
