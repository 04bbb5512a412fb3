using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Togglr.ControlPlane.Outgoing;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>What a provider answered, or why it did not.</summary>
/// <param name="Body">The body of an answer with a status of 200.</param>
/// <param name="Error">What went wrong, for people; names no secret.</param>
internal readonly record struct ProviderAnswer(byte[]? Body, string? Error);

/// <summary>
/// Talks to identity providers over HTTP: over TLS unless they are on this machine, with limits of time and size, without following anybody anywhere else, and only to addresses that
/// the operator allows. The address that was checked is the one that is connected to, so that a name cannot change its mind in between.
/// </summary>
internal sealed class ProviderHttp : IDisposable
{
    private const int LargestAnswer = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client;

    /// <summary>A client that reaches private addresses if the operator allows it.</summary>
    public ProviderHttp(ControlPlaneOptions options)
    {
        var guard = new AddressGuard((address, _) => options.AllowPrivateProviders || !NetworkAddresses.IsPrivate(address));
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(5), MaxResponseHeadersLength = 32,
            ConnectCallback = guard.ConnectAsync,
        })
        {
            Timeout = Patience, MaxResponseContentBufferSize = LargestAnswer,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Togglr", null));
    }

    /// <summary>An address that may be talked to: absolute, <c>https</c> (or <c>http</c> to this machine), without user information and fragment.</summary>
    public static bool IsAcceptable(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && IsAcceptable(address);

    /// <summary>Sends a request. Whatever happens on the way is a value.</summary>
    public async Task<ProviderAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (request.RequestUri is not { } address || !IsAcceptable(address))
            return new ProviderAnswer(null, "The address is not https.");
        try
        {
            using var response = await _client.SendAsync(request, cancel);
            if (response.StatusCode == HttpStatusCode.OK)
                return new ProviderAnswer(await response.Content.ReadAsByteArrayAsync(cancel), null);
            return new ProviderAnswer(null, $"{address.Host} answered {(int)response.StatusCode}.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException || (exception is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return new ProviderAnswer(null, exception switch
            {
                OperationCanceledException => $"{address.Host} did not answer within {Patience.TotalSeconds} seconds.",
                HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"The certificate of {address.Host} is not trusted.",
                HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => $"{address.Host} answered too much.",
                _ when exception.GetBaseException() is RefusedAddressException refused => refused.Message,
                _ => $"{address.Host} cannot be reached.",
            });
        }
    }

    /// <summary>Gets a document.</summary>
    public async Task<ProviderAnswer> GetAsync(string address, string accept, CancellationToken cancel)
    {
        if (!IsAcceptable(address))
            return new ProviderAnswer(null, "The address is not https.");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd(accept);
        return await SendAsync(request, cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static bool IsAcceptable(Uri address) =>
        address.IsAbsoluteUri && address.UserInfo.Length == 0 && address.Fragment.Length == 0 && address.Host.Length > 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
}
