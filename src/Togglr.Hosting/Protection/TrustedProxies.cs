using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Togglr.Hosting.Configuration;

namespace Togglr.Hosting.Protection;

/// <summary>
/// Where a request really came from when a reverse proxy passed it on: <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> count only as far as they were written by proxies that the operator
/// named. Anybody else can write what they like into them, and nothing believes it.
/// </summary>
public static class TrustedProxies
{
    /// <summary>Does so where proxies are named, for limits, the audit log and the question whether a request came over TLS alike. Belongs before everything that asks for an address.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app, TogglrOptions options)
    {
        if (options.TrustedProxies.Count == 0)
            return;
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var network in options.TrustedProxies)
            forwarded.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(forwarded);
    }

    /// <summary>The address as it is counted by limits: all of an IPv6 subscriber's addresses are one.</summary>
    internal static UInt128 NetworkOf(IPAddress? address)
    {
        if (address is null)
            return 0;
        Span<byte> bytes = stackalloc byte[16];
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        address.TryWriteBytes(bytes, out var length);
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return length == 16 ? number >> 64 << 64 : number >> 96;
    }
}
