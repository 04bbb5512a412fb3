using System.Net;
using System.Text;

namespace Togglr.LoadBench.Load;

/// <summary>A request that is sent over and over, encoded once, and where it goes.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Address">The server.</param>
/// <param name="Request">The bytes of the request, head and body.</param>
internal sealed record Target(string Name, IPEndPoint Address, byte[] Request)
{
    public static Target Post(string name, int port, string path, string key, string body)
    {
        var text = $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {key}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
        return new Target(name, new IPEndPoint(IPAddress.Loopback, port), Encoding.UTF8.GetBytes(text));
    }
}
