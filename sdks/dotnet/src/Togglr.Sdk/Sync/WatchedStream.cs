namespace Togglr.Sdk.Sync;

/// <summary>A response body that tells when bytes arrive, heartbeats included, and refuses to grow one message without end.</summary>
internal sealed class WatchedStream(Stream inner, long maxMessageBytes, Action<byte> received) : Stream
{
    private long _sinceMessage;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The message is complete; the limit applies to the next one.</summary>
    public void MessageCompleted() => _sinceMessage = 0;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (count == 0)
            return 0;
        received(buffer.Span[0]);
        _sinceMessage += count;
        // A read may hold the end of one message and the start of the next, hence one read of slack. Not one buffer: the parser's grows with the message.
        return _sinceMessage <= maxMessageBytes + count
            ? count
            : throw new InvalidDataException($"A message is larger than {nameof(TogglrClientOptions.MaxSnapshotBytes)} ({maxMessageBytes}).");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
