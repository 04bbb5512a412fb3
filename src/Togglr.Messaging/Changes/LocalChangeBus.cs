using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Togglr.Messaging.Changes;

/// <summary>The change bus of a control plane that is alone with its database.</summary>
public sealed class LocalChangeBus : IChangeBus
{
    // A listener that is this far behind is told to look at everything instead.
    private const int Backlog = 1024;

    private ImmutableArray<Channel<ChangeNotice>> _listeners = [];

    /// <inheritdoc />
    public ValueTask AnnounceAsync(ChangeNotice notice, CancellationToken cancellationToken = default)
    {
        foreach (var listener in _listeners)
            ChangeQueue.Post(listener, notice);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ChangeNotice> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = ChangeQueue.Create(Backlog);
        ImmutableInterlocked.Update(ref _listeners, static (list, added) => list.Add(added), channel);
        try
        {
            yield return ChangeNotice.Unknown;
            await foreach (var notice in channel.Reader.ReadAllAsync(cancellationToken))
                yield return notice;
        }
        finally
        {
            ImmutableInterlocked.Update(ref _listeners, static (list, removed) => list.Remove(removed), channel);
        }
    }
}

/// <summary>A bounded queue of notices whose overflow becomes one <see cref="ChangeNotice.Unknown"/>: nothing is ever lost without a trace.</summary>
internal static class ChangeQueue
{
    public static Channel<ChangeNotice> Create(int capacity) =>
        Channel.CreateBounded<ChangeNotice>(new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public static void Post(Channel<ChangeNotice> queue, ChangeNotice notice)
    {
        while (!queue.Writer.TryWrite(notice))
        {
            // Full: the oldest hint makes room for one that says "look at everything", which covers both.
            if (!queue.Reader.TryRead(out _))
                continue;
            notice = ChangeNotice.Unknown;
        }
    }
}
