using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Togglr.LoadBench.Load;

/// <summary>
/// One kept-alive HTTP/1.1 connection over a blocking socket: a send and a receive per request and nothing else, so that the load costs
/// as little processor time as it can on a machine that it shares with the server. One thread at a time.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _length;

    public HttpConnection(Target target)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000, SendTimeout = 10_000 };
        _socket.Connect(target.Address);
    }

    public void Send(byte[] request)
    {
        var sent = 0;
        while (sent < request.Length)
            sent += _socket.Send(request, sent, request.Length - sent, SocketFlags.None);
    }

    /// <summary>Reads one response to its end; anything but the expected status is an error, for a load that measures failures measures nothing.</summary>
    /// <returns>The bytes of the body, valid until the next call.</returns>
    public ReadOnlySpan<byte> Receive(int status = 200)
    {
        _length = 0;
        int head;
        while ((head = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
            Fill();
        var fields = _buffer.AsSpan(0, head + 2);
        if (!Utf8Parser.TryParse(fields[9..], out int answered, out _) || answered != status)
            throw new InvalidDataException($"Unexpected answer: {Encoding.UTF8.GetString(_buffer, 0, Math.Min(_length, 2000))}");
        head += 4;
        var at = fields.IndexOf("\r\nContent-Length: "u8);
        if (at < 0)
            return ReceiveChunks(head);
        if (!Utf8Parser.TryParse(fields[(at + 18)..], out int size, out _))
            throw new InvalidDataException("The answer's length is not a number.");
        while (_length < head + size)
            Fill();
        return _buffer.AsSpan(head, size);
    }

    public void Dispose() => _socket.Dispose();

    private Span<byte> ReceiveChunks(int start)
    {
        int written = start, at = start;
        while (true)
        {
            int line;
            while ((line = _buffer.AsSpan(at, _length - at).IndexOf("\r\n"u8)) < 0)
                Fill();
            if (!Utf8Parser.TryParse(_buffer.AsSpan(at, line), out int size, out _, 'x'))
                throw new InvalidDataException("The answer has neither a length nor chunks.");
            at += line + 2;
            while (_length < at + size + 2)
                Fill();
            if (size == 0)
                return _buffer.AsSpan(start, written - start);
            _buffer.AsSpan(at, size).CopyTo(_buffer.AsSpan(written));
            written += size;
            at += size + 2;
        }
    }

    private void Fill()
    {
        var count = _socket.Receive(_buffer, _length, _buffer.Length - _length, SocketFlags.None);
        if (count == 0)
            throw new EndOfStreamException("The server closed the connection.");
        _length += count;
    }
}
