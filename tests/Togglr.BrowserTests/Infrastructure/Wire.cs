using System.Net;
using System.Net.Sockets;

namespace Togglr.BrowserTests.Infrastructure;

/// <summary>The wire between browsers and a server: it can be cut, mended, and led to another server.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly List<Socket> _open = [];
    private readonly Lock _gate = new();
    private readonly int _port;
    private Uri _server;
    private TcpListener _listener;

    public Wire(Uri server)
    {
        _server = server;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(_listener);
    }

    /// <summary>The address that browsers know.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}/");

    /// <summary>Ends all connections at once and refuses new ones.</summary>
    public void Cut()
    {
        _listener.Dispose();
        lock (_gate)
        {
            foreach (var socket in _open)
            {
                // As when a cable is pulled or a process is killed: no farewell.
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Dispose();
            }
            _open.Clear();
        }
    }

    /// <summary>Lets connections through again, to the same server or another one.</summary>
    public void Mend(Uri? server = null)
    {
        _server = server ?? _server;
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptSocketAsync();
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                lock (_gate)
                    _open.AddRange([near, far]);
                await far.ConnectAsync(IPAddress.Loopback, _server.Port);
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            int length;
            while ((length = await from.ReceiveAsync(buffer)) > 0)
            {
                for (var sent = 0; sent < length;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Cut, or one side has hung up.
        }
    }
}
