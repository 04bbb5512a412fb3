using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Outgoing;

/// <summary>
/// Which addresses the server connects to on somebody's word. The address that was checked is the one that is connected to, so that a name cannot change its mind in between. Link-local
/// addresses, where clouds keep their secrets, are never allowed.
/// </summary>
/// <param name="allows">Whether a private address is allowed, for the scheme of the request.</param>
internal sealed class AddressGuard(Func<IPAddress, string, bool> allows)
{
    /// <summary>Looks the host up and connects to an address of it that is allowed; for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="RefusedAddressException">There is none.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, scheme) = (context.DnsEndPoint.Host, context.InitialRequestMessage.RequestUri!.Scheme);
        var addresses = await Dns.GetHostAddressesAsync(host, cancel);
        var allowed = addresses.Where(address => !NetworkAddresses.IsForbidden(address) && allows(address, scheme)).ToArray();
        if (allowed.Length == 0)
            throw new RefusedAddressException($"{host} has no address that this server may talk to.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A host has no address that may be talked to; its message is for people.</summary>
#pragma warning disable CA1064 // It never leaves the classes that send requests.
internal sealed class RefusedAddressException(string message) : IOException(message);
#pragma warning restore CA1064
