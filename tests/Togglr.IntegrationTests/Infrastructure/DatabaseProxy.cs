using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Togglr.IntegrationTests.Infrastructure;

/// <summary>A port through which a database is reached, so that a test can take the database away and give it back.</summary>
public sealed class DatabaseProxy(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _target = new(connectionString);
    private readonly int _port = FreePort.Next();
    private readonly List<Socket> _open = [];
    private readonly Lock _gate = new();
    private TcpListener? _listener;

    /// <summary>The database as seen through the port.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_target.ConnectionString) { Host = "127.0.0.1", Port = _port, Timeout = 2 }.ConnectionString;

    /// <summary>Lets connections through from now on.</summary>
    public void Open()
    {
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    /// <summary>Ends all connections and refuses new ones.</summary>
    public void Close()
    {
        _listener?.Stop();
        lock (_gate)
        {
            foreach (var socket in _open)
                socket.Dispose();
            _open.Clear();
        }
    }

    public ValueTask DisposeAsync()
    {
        Close();
        _listener?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptSocketAsync();
                var isLocal = _target.Host!.StartsWith('/');
                var far = isLocal ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
                lock (_gate)
                    _open.AddRange([near, far]);
                await far.ConnectAsync(isLocal ? new UnixDomainSocketEndPoint($"{_target.Host}/.s.PGSQL.{_target.Port}") : new DnsEndPoint(_target.Host, _target.Port));
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed on purpose.
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
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Either side went away.
        }

        from.Dispose();
        to.Dispose();
    }
}
