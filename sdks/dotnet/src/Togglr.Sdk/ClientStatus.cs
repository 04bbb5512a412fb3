namespace Togglr.Sdk;

/// <summary>What a client is doing about its snapshot.</summary>
public enum ClientState
{
    /// <summary>No snapshot yet; every evaluation gives its default with <c>PROVIDER_NOT_READY</c>.</summary>
    Initializing,

    /// <summary>The snapshot is the server's current one, as far as an open stream or the last poll tells.</summary>
    Ready,

    /// <summary>Serving the last good snapshot (received, from disk or bootstrap) while Togglr cannot be reached; reconnecting.</summary>
    Stale,

    /// <summary>Offline by option: serving what was found at start, or defaults.</summary>
    Offline,

    /// <summary>The key was refused or revoked. The last good snapshot, if any, keeps being served.</summary>
    Failed,

    /// <summary>Disposed: every evaluation gives its default.</summary>
    Disposed,
}

/// <summary>Where the snapshot in use came from.</summary>
public enum SnapshotSource
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The bootstrap file.</summary>
    Bootstrap,

    /// <summary>The last snapshot kept on disk.</summary>
    Disk,

    /// <summary>Togglr itself, in this process.</summary>
    Network,
}

/// <summary>The state of a client at one moment.</summary>
/// <param name="State">What it is doing.</param>
/// <param name="Since">When it began to.</param>
/// <param name="Source">Where the snapshot in use came from.</param>
/// <param name="Revision">Revision of the snapshot in use; null without one.</param>
/// <param name="Error">Why it is not <see cref="ClientState.Ready"/>, for people.</param>
public sealed record ClientStatus(ClientState State, DateTimeOffset Since, SnapshotSource Source, long? Revision, string? Error);
