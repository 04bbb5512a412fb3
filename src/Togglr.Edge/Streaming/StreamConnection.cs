using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.Streaming;

/// <summary>What a connection is told about changes.</summary>
internal enum StreamKind
{
    /// <summary>The changes themselves.</summary>
    Patches,

    /// <summary>Only that there was one (OFREP).</summary>
    Refetch,
}

/// <summary>One open stream: a short queue of shared messages and the loop that writes them. Made to be small while nothing happens.</summary>
internal sealed class StreamConnection(SdkKeyIdentity identity, StreamKind kind, TimeProvider time) : IValueTaskSource<bool>
{
    /// <summary>More messages than this behind: the client catches up by revision instead.</summary>
    private const int QueueLimit = 256;

    // Large documents are written in pieces, so that what waits for a slow client stays small.
    private const int PieceLength = 16 * 1024;

    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private StreamMessage? _next;
    private Queue<StreamMessage>? _more;
    private bool _isWaiting;
    private bool _isClosed;
    private long _writingSince;

    /// <summary>The key that opened the stream.</summary>
    public SdkKeyIdentity Identity { get; } = identity;

    /// <summary>What it is told.</summary>
    public StreamKind Kind { get; } = kind;

    /// <summary>The newest revision that it has, or that it was given when it began: what came later and is followed counts it.</summary>
    public long Revision { get; set; }

    /// <summary>Which of the seconds between two heartbeats is this connection's, so that they do not all beat at once.</summary>
    public int Beat { get; set; }

    /// <summary>Puts a message into the queue; closes the connection when the queue is full.</summary>
    public void Offer(StreamMessage message)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            if (_more is { Count: >= QueueLimit })
            {
                CloseLocked();
                return;
            }
            if (_next is null)
                _next = message;
            else
                (_more ??= new Queue<StreamMessage>()).Enqueue(message);
            Wake(true);
        }
    }

    /// <summary>A heartbeat, unless something waits to be written anyway.</summary>
    public void OfferHeartbeat()
    {
        lock (_gate)
        {
            if (_isClosed || _next is not null)
                return;
            _next = StreamMessage.Heartbeat;
            Wake(true);
        }
    }

    /// <summary>Ends the connection at once; what is queued is dropped.</summary>
    public void Close()
    {
        lock (_gate)
            CloseLocked();
    }

    /// <summary>Whether a write has been waiting for the client longer than this.</summary>
    public bool IsStalled(TimeSpan limit) => Volatile.Read(ref _writingSince) is var since and not 0 && time.GetElapsedTime(since) > limit;

    /// <summary>Writes messages until the connection ends.</summary>
    /// <param name="output">The response.</param>
    /// <param name="sent">Told about every message after it was written.</param>
    /// <param name="aborted">The client went away.</param>
    public async Task RunAsync(PipeWriter output, Action<StreamMessage> sent, CancellationToken aborted)
    {
        using var registration = aborted.UnsafeRegister(static state => ((StreamConnection)state!).Close(), this);
        while (await NextAsync())
        {
            while (Take() is { } message)
            {
                if (ReferenceEquals(message, StreamMessage.Close))
                    return;
                if (!await WriteAsync(output, message.Head, aborted) || !await WriteAsync(output, message.Data, aborted) || !await WriteAsync(output, StreamMessage.Terminator, aborted))
                    return;
                if (!await FlushAsync(output, aborted))
                    return;
                sent(message);
                if (message.IsLast)
                    return;
            }
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        lock (_gate)
        {
            var open = _signal.GetResult(token);
            _signal.Reset();
            return open;
        }
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private ValueTask<bool> NextAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
                return new ValueTask<bool>(false);
            if (_next is not null)
                return new ValueTask<bool>(true);
            _isWaiting = true;
            return new ValueTask<bool>(this, _signal.Version);
        }
    }

    private StreamMessage? Take()
    {
        lock (_gate)
        {
            if (_isClosed || _next is not { } message)
                return null;
            _next = null;
            if (_more is not null && !_more.TryDequeue(out _next))
                _more = null;
            return message;
        }
    }

    private void CloseLocked()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _next = null;
        _more = null;
        Wake(false);
    }

    private void Wake(bool open)
    {
        if (!_isWaiting)
            return;
        _isWaiting = false;
        _signal.SetResult(open);
    }

    private async ValueTask<bool> WriteAsync(PipeWriter output, ReadOnlyMemory<byte> bytes, CancellationToken aborted)
    {
        while (bytes.Length > PieceLength)
        {
            Copy(output, bytes[..PieceLength]);
            bytes = bytes[PieceLength..];
            if (!await FlushAsync(output, aborted))
                return false;
        }
        Copy(output, bytes);
        return true;
    }

    private async ValueTask<bool> FlushAsync(PipeWriter output, CancellationToken aborted)
    {
        var flushing = output.FlushAsync(aborted);
        if (!flushing.IsCompletedSuccessfully)
        {
            Volatile.Write(ref _writingSince, time.GetTimestamp());
            var result = await flushing;
            Volatile.Write(ref _writingSince, 0);
            return !result.IsCompleted && !result.IsCanceled && !Volatile.Read(ref _isClosed);
        }
        var done = flushing.Result;
        return !done.IsCompleted && !done.IsCanceled;
    }

    private static void Copy(PipeWriter output, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        bytes.Span.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }
}
