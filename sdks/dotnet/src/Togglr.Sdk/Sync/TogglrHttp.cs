using System.Net;
using System.Net.Http.Headers;
using System.Reflection;

namespace Togglr.Sdk.Sync;

/// <summary>The client's connection to the SDK API: address, key, connection handling.</summary>
internal sealed class TogglrHttp : IDisposable
{
    /// <summary>Longest pause that a server's <c>Retry-After</c> can ask for.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client;
    private readonly Uri _base;
    private readonly string _key;
    private readonly TimeProvider _time;

    public TogglrHttp(TogglrClientOptions options)
    {
        _key = options.SdkKey;
        _time = options.TimeProvider;
        var path = options.Endpoint.AbsoluteUri;
        _base = new Uri((path.EndsWith('/') ? path : path + "/") + "sdk/v1/", UriKind.Absolute);
        var handler = options.HttpMessageHandler ?? new SocketsHttpHandler
        {
            // Addresses behind a name change; a redirect would carry the key to somewhere nobody configured.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = options.RequestTimeout,
        };
        _client = new HttpClient(handler, disposeHandler: options.HttpMessageHandler is null) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Name and version of this SDK, as the server's statistics show it.</summary>
    public static string SdkName { get; } = "dotnet/" + (typeof(TogglrHttp).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0");

    public HttpRequestMessage Get(string path) => Request(HttpMethod.Get, path);

    public HttpRequestMessage Post(string path, ReadOnlyMemory<byte> json, string? coding = null)
    {
        var request = Request(HttpMethod.Post, path);
        request.Content = new ReadOnlyMemoryContent(json);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (coding is not null)
            request.Content.Headers.ContentEncoding.Add(coding);
        return request;
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);

    public TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return asked is not { } pause || pause <= TimeSpan.Zero ? null : pause < LongestRetryAfter ? pause : LongestRetryAfter;
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(_base, path));
        request.Headers.TryAddWithoutValidation("Authorization", _key);
        request.Headers.TryAddWithoutValidation("User-Agent", "togglr-" + SdkName);
        return request;
    }
}
