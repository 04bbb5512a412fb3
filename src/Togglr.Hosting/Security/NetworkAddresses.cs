using System.Net;
using System.Net.Sockets;

namespace Togglr.Hosting.Security;

/// <summary>What kind of network an address belongs to, so that this server can be kept from talking to places that whoever names them could not reach.</summary>
public static class NetworkAddresses
{
    /// <summary>Whether an address is not reachable from everywhere: a private network, this machine, documentation, nobody.</summary>
    public static bool IsPrivate(IPAddress address)
    {
        address = Plain(address);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // Only 2000::/3 is public, and in it neither what embeds IPv4 addresses (6to4, Teredo) nor documentation.
            return (bytes[0] & 0xE0) != 0x20 || bytes is [0x20, 0x02, ..] or [0x20, 0x01, 0x00 or 0x01, ..] or [0x20, 0x01, 0x0D, 0xB8, ..];
        }
        return bytes[..4] is [0 or 10 or 127 or >= 224, ..] or [100, >= 64 and < 128, ..] or [169, 254, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [192, 0, 0 or 2, _]
            or [198, 18 or 19, ..] or [198, 51, 100, _] or [203, 0, 113, _];
    }

    /// <summary>Whether nothing that people connect is ever there: link-local (where clouds keep their secrets), multicast, nobody.</summary>
    public static bool IsForbidden(IPAddress address)
    {
        address = Plain(address);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.Equals(IPAddress.IPv6Any) || bytes is [0xFD, 0x00, 0x0E, 0xC2, ..]
            : bytes[..4] is [0 or >= 224, ..] or [169, 254, ..];
    }

    /// <summary>An IPv4 address that is written as an IPv6 one is the IPv4 one.</summary>
    private static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        // 64:ff9b::/96, which gateways translate.
        return bytes[..12] is [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] ? new IPAddress(bytes[12..]) : address;
    }
}
