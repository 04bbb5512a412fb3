using System.Net;
using System.Net.Sockets;

namespace Togglr.IntegrationTests.Infrastructure;

/// <summary>A port that nobody listens on at the moment.</summary>
public static class FreePort
{
    public static int Next()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
