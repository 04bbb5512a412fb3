using System.Threading.Channels;

namespace Togglr.Store;

/// <summary>
/// Tells everybody in this process about changes right after their commit, whichever node made them. Nobody may rely on hearing of every change:
/// who falls behind, or connects late, compares revisions (<see cref="SnapshotReader.ListEnvironmentsAsync"/>).
/// </summary>
public sealed class ChangeSignal
{
    private const int MaximumBacklog = 1024;

    private readonly Lock _gate = new();
    private Channel<ChangeNotice>[] _subscribers = [];

    /// <summary>Tells this process's own notifications from those of other nodes.</summary>
    internal Guid NodeId { get; } = Guid.CreateVersion7();

    /// <summary>Notices from now on. The oldest are dropped for a reader that is more than 1,024 behind.</summary>
    public Subscription Subscribe()
    {
        var channel = Channel.CreateBounded<ChangeNotice>(new BoundedChannelOptions(MaximumBacklog) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
            _subscribers = [.. _subscribers, channel];
        return new Subscription(this, channel);
    }

    internal void Raise(ChangeNotice notice)
    {
        foreach (var subscriber in Volatile.Read(ref _subscribers))
            subscriber.Writer.TryWrite(notice);
    }

    /// <summary>One reader of notices. Disposing it ends the reading.</summary>
    public sealed class Subscription : IDisposable
    {
        private readonly ChangeSignal _owner;
        private readonly Channel<ChangeNotice> _channel;

        internal Subscription(ChangeSignal owner, Channel<ChangeNotice> channel) => (_owner, _channel) = (owner, channel);

        /// <summary>The notices, in the order in which they were heard.</summary>
        public ChannelReader<ChangeNotice> Notices => _channel.Reader;

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (_owner._gate)
                _owner._subscribers = [.. _owner._subscribers.Where(subscriber => subscriber != _channel)];
            _channel.Writer.TryComplete();
        }
    }
}
