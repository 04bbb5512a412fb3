using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Togglr.LoadBench.Load;

/// <summary>A connected SDK as the server sees one: an open <c>/sdk/v1/stream</c>. Notes when each revision arrived and nothing else.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<EventStream, long, long> _onRevision;
    private readonly byte[] _line = new byte[64];
    private int _lineLength;

    /// <param name="onRevision">Called with the stream, the revision of an event and the time stamp of its arrival.</param>
    public EventStream(Action<EventStream, long, long> onRevision) => _onRevision = onRevision;

    /// <summary>Connects and returns when the first event is there.</summary>
    public async Task OpenAsync(int port, string key, CancellationToken cancellation)
    {
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation);
        var request = $"GET /sdk/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {key}\r\nAccept: text/event-stream\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellation);
        _ = ReadAsync();
        await _first.Task.WaitAsync(TimeSpan.FromSeconds(20), cancellation);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await _socket.ReceiveAsync(buffer)) > 0)
                Scan(buffer.AsSpan(0, count), Stopwatch.GetTimestamp());
            _first.TrySetException(new EndOfStreamException("The stream ended before its first event."));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            _first.TrySetException(error);
        }
    }

    // Only the beginning of each line matters: `id:` carries the revision. Heads of chunks are lines of their own and do no harm.
    private void Scan(ReadOnlySpan<byte> bytes, long now)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            var kept = part[..Math.Min(part.Length, _line.Length - _lineLength)];
            kept.CopyTo(_line.AsSpan(_lineLength));
            _lineLength += kept.Length;
            if (end < 0)
                return;
            var line = _line.AsSpan(0, _lineLength);
            _lineLength = 0;
            bytes = bytes[(end + 1)..];
            if (line.StartsWith("HTTP/1.1 "u8) && !line.StartsWith("HTTP/1.1 200 "u8))
                _first.TrySetException(new InvalidDataException(Encoding.ASCII.GetString(line)));
            if (line.StartsWith("id:"u8) && Utf8Parser.TryParse(line[3..].TrimStart((byte)' '), out long revision, out _))
            {
                _onRevision(this, revision, now);
                _first.TrySetResult();
            }
        }
    }
}
