using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Togglr.Messaging.Events;
using Togglr.Messaging.Sampling;

namespace Togglr.Messaging.Configuration;

/// <summary>
/// Where the publisher puts what it knows and every edge gets it from: directly in the same process, through the feed endpoint over the network.
/// Holds the newest document of each environment and its recent patches. Safe for any number of threads; order is that of the calls.
/// </summary>
public sealed class ConfigurationHub : IConfigurationFeed
{
    /// <summary>How many patches of an environment are kept for receivers that come back.</summary>
    public const int PatchesKept = 256;

    // A receiver that is further behind is disconnected and catches up by revision.
    private const int Backlog = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, PublishedEnvironment> _environments = [];
    private readonly List<Channel<FeedMessage>> _subscribers = [];
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private KeysMessage _keys = new(FrozenDictionary<Guid, SdkKey[]>.Empty);
    private SamplingMessage _sampling = new(FrozenDictionary<Guid, SamplingTerms>.Empty);
    private UnitKeysMessage _units = new(FrozenDictionary<Guid, UnitKey>.Empty);

    /// <summary>Whether everything that exists has been published once; nobody is told anything before that.</summary>
    public bool IsComplete => _complete.Task.IsCompleted;

    /// <summary>How many receivers are connected.</summary>
    public int Subscribers
    {
        get
        {
            lock (_gate)
                return _subscribers.Count;
        }
    }

    /// <summary>The document that was published last, or null.</summary>
    public EnvironmentDocument? Find(Guid environmentId)
    {
        lock (_gate)
            return _environments.TryGetValue(environmentId, out var environment) ? environment.Document : null;
    }

    /// <summary>The revision of every published environment.</summary>
    public Dictionary<Guid, long> Revisions()
    {
        lock (_gate)
        {
            var revisions = new Dictionary<Guid, long>(_environments.Count);
            foreach (var (id, environment) in _environments)
                revisions.Add(id, environment.Document.Revision);
            return revisions;
        }
    }

    /// <summary>Publishes an environment as a whole. What was kept for resuming is forgotten.</summary>
    public void Publish(EnvironmentMessage message)
    {
        lock (_gate)
        {
            _environments[message.Environment.Id] = new PublishedEnvironment(message);
            Send(message);
        }
    }

    /// <summary>Publishes a change of an environment that has been published as a whole before.</summary>
    /// <exception cref="InvalidOperationException">The environment is unknown or at another revision.</exception>
    public void Publish(PatchMessage message)
    {
        lock (_gate)
        {
            if (!_environments.TryGetValue(message.EnvironmentId, out var environment))
                throw new InvalidOperationException($"Environment {message.EnvironmentId} has not been published.");
            environment.Add(message);
            Send(message);
        }
    }

    /// <summary>Withdraws an environment; unknown ones are ignored.</summary>
    public void Publish(RemovedMessage message)
    {
        lock (_gate)
        {
            if (_environments.Remove(message.EnvironmentId))
                Send(message);
        }
    }

    /// <summary>Publishes the complete list of keys.</summary>
    public void Publish(KeysMessage message)
    {
        lock (_gate)
        {
            _keys = message;
            Send(message);
        }
    }

    /// <summary>Publishes what may be kept of contexts.</summary>
    public void Publish(SamplingMessage message)
    {
        lock (_gate)
        {
            _sampling = message;
            Send(message);
        }
    }

    /// <summary>Publishes the keys under which units are hashed.</summary>
    public void Publish(UnitKeysMessage message)
    {
        lock (_gate)
        {
            _units = message;
            Send(message);
        }
    }

    /// <summary>Everything that exists has been published: from now on receivers are served.</summary>
    public void MarkComplete() => _complete.TrySetResult();

    /// <inheritdoc />
    public async IAsyncEnumerable<FeedMessage> ConnectAsync(IReadOnlyDictionary<Guid, long> known, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _complete.Task.WaitAsync(cancellationToken);
        var channel = Channel.CreateBounded<FeedMessage>(new BoundedChannelOptions(Backlog) { SingleReader = true });
        var first = new List<FeedMessage>();
        lock (_gate)
        {
            foreach (var id in known.Keys)
            {
                if (!_environments.ContainsKey(id))
                    first.Add(new RemovedMessage(id));
            }
            foreach (var (id, environment) in _environments)
            {
                if (environment.Since(known.TryGetValue(id, out var revision) ? revision : null) is { } message)
                    first.Add(message);
            }
            first.Add(_keys);
            first.Add(_sampling);
            first.Add(_units);
            first.Add(SyncedMessage.Instance);
            _subscribers.Add(channel);
        }
        try
        {
            foreach (var message in first)
                yield return message;
            first.Clear();
            await foreach (var message in channel.Reader.ReadAllAsync(cancellationToken))
                yield return message;
        }
        finally
        {
            lock (_gate)
                _subscribers.Remove(channel);
        }
    }

    private void Send(FeedMessage message)
    {
        for (var i = _subscribers.Count - 1; i >= 0; i--)
        {
            if (_subscribers[i].Writer.TryWrite(message))
                continue;
            _subscribers[i].Writer.TryComplete();
            _subscribers.RemoveAt(i);
        }
    }

    private sealed class PublishedEnvironment(EnvironmentMessage message)
    {
        private readonly EnvironmentIdentity _identity = message.Environment;
        private readonly PatchHistory _history = new(PatchesKept);
        private DateTimeOffset? _committedAt = message.CommittedAt;

        public EnvironmentDocument Document { get; private set; } = message.Document;

        public void Add(PatchMessage message)
        {
            Document = Document.Apply(message.Patch);
            _committedAt = message.CommittedAt;
            _history.Add(message.Patch);
        }

        /// <summary>What brings a receiver from a revision to the newest; null when nothing is missing.</summary>
        public FeedMessage? Since(long? revision)
        {
            if (revision == Document.Revision)
                return null;
            if (revision is { } from && _history.Since(from) is { } patch)
                return new PatchMessage(_identity.Id, patch, _committedAt);
            return new EnvironmentMessage(_identity, Document, _committedAt);
        }
    }
}
