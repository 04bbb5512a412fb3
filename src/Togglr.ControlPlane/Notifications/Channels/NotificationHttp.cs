using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Togglr.ControlPlane.Outgoing;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Notifications.Channels;

/// <summary>
/// Posts to destinations: over TLS unless they are in a private network that the operator has named, with limits of time and size, without following anybody anywhere else, and never to private
/// addresses that were not named. What is allowed is decided when a connection is made, about the very address that it goes to.
/// </summary>
internal sealed class NotificationHttp : IDisposable
{
    private const int LongestExcerpt = 200;
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    private readonly HttpClient _client;
    private readonly NotificationTerms _terms;

    /// <summary>A client that reaches what the operator allows.</summary>
    public NotificationHttp(NotificationTerms terms)
    {
        _terms = terms;
        var guard = new AddressGuard((address, scheme) => IsNamed(address) || (scheme == Uri.UriSchemeHttps && !NetworkAddresses.IsPrivate(address)));
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = terms.Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(1), MaxResponseHeadersLength = 32,
            ConnectCallback = guard.ConnectAsync, MaxConnectionsPerServer = 4,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Togglr", null));
    }

    /// <summary>What is wrong with an address that somebody wants messages to go to; null when it may be tried. Where its name leads is looked at when a connection is made.</summary>
    public string? Fault(string? text)
    {
        if (text is not { Length: > 0 and <= 2000 } || !Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0 || address.Scheme is not ("http" or "https"))
            return "An address begins with https:// and has at most 2,000 characters.";
        if (address.UserInfo.Length > 0 || address.Fragment.Length > 0)
            return "An address has neither a user nor a fragment.";
        var isLiteral = IPAddress.TryParse(address.Host.Trim('[', ']'), out var literal);
        if (isLiteral && (NetworkAddresses.IsForbidden(literal!) || (NetworkAddresses.IsPrivate(literal!) && !IsNamed(literal!))))
            return "This server sends nothing to private addresses, except in networks that its operator names in TOGGLR_PRIVATE_DESTINATIONS.";
        return address.Scheme == Uri.UriSchemeHttps || _terms.PrivateNetworks.Count > 0 ? null : "An address begins with https://.";
    }

    /// <summary>Posts a body once.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="body">JSON.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="secrets">What must not be repeated in errors.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<SendOutcome> PostAsync(Uri address, byte[] body, IEnumerable<KeyValuePair<string, string>> headers, IEnumerable<string> secrets, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_terms.Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var status = (int)response.StatusCode;
            if (response.IsSuccessStatusCode)
                return new SendOutcome(true, status, null);
            var said = await ExcerptAsync(response, secrets, limit.Token);
            return new SendOutcome(false, status, string.Create(CultureInfo.InvariantCulture, $"{address.Host} answered {status}") + (said.Length > 0 ? $": {said}" : "."))
            {
                IsFinal = response.StatusCode == HttpStatusCode.Gone, RetryAfter = RetryAfter(response),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException || (exception is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return SendOutcome.Failed(exception switch
            {
                OperationCanceledException => string.Create(CultureInfo.InvariantCulture, $"{address.Host} did not answer within {_terms.Patience.TotalSeconds:0.#} seconds."),
                HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"The certificate of {address.Host} is not trusted, or it does not speak TLS.",
                HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => $"There is no host {address.Host}.",
                _ when exception.GetBaseException() is RefusedAddressException refused => refused.Message,
                _ when exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => $"There is no host {address.Host}.",
                _ => $"{address.Host} cannot be reached.",
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private bool IsNamed(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return NetworkAddresses.IsPrivate(plain) && _terms.PrivateNetworks.Any(network => network.Contains(plain));
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter?.Delta is not { } asked || asked <= TimeSpan.Zero)
            return null;
        return asked < LongestRetryAfter ? asked : LongestRetryAfter;
    }

    /// <summary>The beginning of what was answered, as one line of visible characters and without what it must not repeat.</summary>
    private static async Task<string> ExcerptAsync(HttpResponseMessage response, IEnumerable<string> secrets, CancellationToken cancel)
    {
        var buffer = new byte[1024];
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        var text = Encoding.UTF8.GetString(buffer, 0, length);
        foreach (var secret in secrets.Where(static secret => secret.Length > 0))
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        text = EventSource.Line(string.Concat(text.Where(static letter => letter != '\uFFFD' && !char.IsSurrogate(letter))));
        return text.Length <= LongestExcerpt ? text : text[..LongestExcerpt] + "…";
    }
}
