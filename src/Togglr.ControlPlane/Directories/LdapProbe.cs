using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Directories;

/// <summary>One server of a directory.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
internal sealed record LdapServer(string Host, int Port)
{
    /// <summary>The server of an address that was checked when it was stored.</summary>
    public static LdapServer Of(string url)
    {
        var address = new Uri(url);
        return new LdapServer(address.Host.Trim('[', ']'), address.Port > 0 ? address.Port : address.Scheme == "ldaps" ? 636 : 389);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>What may be connected to, and whom to trust there.</summary>
/// <param name="Trust">The directory with further certificates to trust; null for the machine's only.</param>
/// <param name="AllowsPrivate">Whether servers at private addresses may be asked.</param>
internal sealed record LdapReach(string? Trust, bool AllowsPrivate);

/// <summary>What OpenLDAP's library does not tell: whether a server can be reached in time, and why TLS with it fails.</summary>
internal static class LdapProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The request to begin TLS (RFC 4511, 4.14): message 1, extended request 1.3.6.1.4.1.1466.20037.</summary>
    private static readonly byte[] StartTls = [0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16, .. "1.3.6.1.4.1.1466.20037"u8];

    /// <summary>Opens and closes a connection.</summary>
    /// <exception cref="DirectoryFaultException">Nobody answers in time.</exception>
    public static void Reach(LdapServer server, LdapReach reach, TimeSpan patience)
    {
        using var client = Open(server, reach, patience);
    }

    /// <summary>Why TLS with a server fails; null when it does not, or nobody knows.</summary>
    public static string? ExplainTls(LdapSettings settings, LdapServer server, LdapReach reach)
    {
        try
        {
            using var client = Open(server, reach, Patience);
            using var stream = client.GetStream();
            (stream.ReadTimeout, stream.WriteTimeout) = ((int)Patience.TotalMilliseconds, (int)Patience.TotalMilliseconds);
            if (settings.Security == LdapSecurity.Starttls)
            {
                stream.Write(StartTls);
                // The extended response's result code is the first enumerated value in it.
                var answer = new byte[512];
                var length = stream.Read(answer);
                var at = answer.AsSpan(0, length).IndexOf((ReadOnlySpan<byte>)[0x0a, 0x01]);
                if (at < 0 || at + 2 >= length || answer[at + 2] != 0)
                    return $"{server} does not offer StartTLS.";
            }
            string? fault = null;
            using var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, certificate, _, errors) =>
            {
                fault = Fault(certificate as X509Certificate2, errors, settings.CaCertificate, server);
                return fault is null;
            });
            using var patience = new CancellationTokenSource(Patience);
            tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = server.Host, CertificateRevocationCheckMode = X509RevocationMode.NoCheck }, patience.Token)
                .ContinueWith(static done => done.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).GetAwaiter().GetResult();
            return fault ?? (tls.IsAuthenticated ? null : $"{server} does not speak TLS here.");
        }
        catch (Exception failed) when (failed is DirectoryFaultException or IOException or AuthenticationException or OperationCanceledException)
        {
            return failed is DirectoryFaultException ? failed.Message : $"{server} does not speak TLS here: {failed.Message}";
        }
    }

    private static TcpClient Open(LdapServer server, LdapReach reach, TimeSpan patience)
    {
        var client = new TcpClient();
        try
        {
            using var timeout = new CancellationTokenSource(patience);
            var addresses = Dns.GetHostAddresses(server.Host);
            // The library looks the name up by itself and takes any of its addresses, so none may be one to stay away from.
            if (addresses.Any(address => NetworkAddresses.IsForbidden(address) || (!reach.AllowsPrivate && NetworkAddresses.IsPrivate(address))))
                throw new DirectoryFaultException("connect", $"{server.Host} has an address that this server may not talk to.");
            client.ConnectAsync(addresses, server.Port, timeout.Token).AsTask().GetAwaiter().GetResult();
            return client;
        }
        catch (DirectoryFaultException)
        {
            client.Dispose();
            throw;
        }
        catch (Exception failed) when (failed is SocketException or OperationCanceledException or ArgumentException)
        {
            client.Dispose();
            throw new DirectoryFaultException("connect", failed switch
            {
                SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => $"There is no machine {server.Host}.",
                SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"Nobody listens at {server}.",
                OperationCanceledException => $"{server} did not answer within {patience.TotalSeconds:0} seconds.",
                _ => $"{server} cannot be reached: {failed.Message}",
            }, failed);
        }
    }

    private static string? Fault(X509Certificate2? certificate, SslPolicyErrors errors, string? pem, LdapServer server)
    {
        if (certificate is null)
            return $"{server} shows no certificate.";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"The certificate of {server} is for another name: {certificate.Subject}.";
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            return null;
        if (pem is not null)
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.CustomTrustStore.AddRange(LdapSettings.CertificatesOf(pem));
            if (chain.Build(certificate))
                return null;
        }
        return $"The certificate of {server} ({certificate.Subject}) was issued by {certificate.Issuer}, which is not trusted, or it has expired. Add the issuer's certificate as caCertificate.";
    }
}
