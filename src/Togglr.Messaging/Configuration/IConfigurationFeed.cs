namespace Togglr.Messaging.Configuration;

/// <summary>
/// Where an edge gets its configuration from: <see cref="ConfigurationHub"/> when the publisher lives in the same process,
/// <see cref="HttpConfigurationFeed"/> when it is reached over the network.
/// </summary>
public interface IConfigurationFeed
{
    /// <summary>
    /// One connection: first what is missing, then <see cref="KeysMessage"/> and <see cref="SyncedMessage"/>, then changes as they happen.
    /// Ends, or throws, when the connection is lost or the receiver has fallen too far behind: connect again with what is known by then.
    /// </summary>
    /// <param name="known">The revision that the receiver holds of each environment.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    IAsyncEnumerable<FeedMessage> ConnectAsync(IReadOnlyDictionary<Guid, long> known, CancellationToken cancellationToken);
}
