using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Publishing;
using Togglr.Edge;
using Togglr.Hosting;
using Togglr.Hosting.Configuration;
using Togglr.Ingest;
using Togglr.Store;

namespace Togglr.IntegrationTests.Edge;

/// <summary>One Togglr process with the roles asked for, on a real socket; without the management API, which these tests do not need.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string EdgeToken = "an-edge-token-for-tests";

    private readonly WebApplication _app;

    private TestServer(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { BaseAddress = address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Starts a process.</summary>
    /// <param name="roles">As in TOGGLR_ROLES.</param>
    /// <param name="settings">More options, by name.</param>
    public static async Task<TestServer> StartAsync(string roles, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["TOGGLR_ROLES"] = roles, ["TOGGLR_EDGE_TOKEN"] = EdgeToken };
        foreach (var (name, value) in settings)
            environment[name] = value;
        if (!environment.ContainsKey("TOGGLR_DATA_DIR"))
            environment["TOGGLR_DATA_DIR"] = Directory.CreateTempSubdirectory("togglr-edge-").FullName;
        var options = TogglrOptions.Load([], environment);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.Listen[0].Port == 8080 ? 0 : options.Listen[0].Port));
        builder.Services.AddRoutingCore();
        builder.Services.AddTogglrHosting(options);
        if (options.Has("control") || options.Has("ingest"))
            builder.Services.AddTogglrStore(_ => new StoreOptions { DatabaseUrl = options.DatabaseUrl, StartTimeout = TimeSpan.FromSeconds(20) });
        if (options.Has("control"))
            builder.Services.AddPublishing();
        if (options.Has("edge"))
            builder.Services.AddEdge(options);
        if (options.Has("ingest"))
            builder.Services.AddIngest(static provider => provider.GetRequiredService<TogglrDatabase>().DataSource);
        var app = builder.Build();
        app.MapOperations(options);
        if (options.Has("edge"))
            app.MapEdge();
        if (options.Has("ingest"))
            app.MapIngest();
        if (options.Has("control"))
            app.MapFeed();
        await app.StartAsync();
        if (app.Services.GetService<TogglrDatabase>() is { } store)
            await store.Started;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TestServer(app, new Uri(address));
    }

    /// <summary>Sends a request with a key and answers what came back.</summary>
    public async Task<Answered> SendAsync(HttpMethod method, string path, string? key, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", key);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Client.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        return new Answered((int)response.StatusCode, response, bytes);
    }

    public Task<Answered> PostAsync(string path, string? key, string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, key, body, headers);

    public Task<Answered> GetAsync(string path, string? key, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, key, null, headers);

    /// <summary>Waits until the edge answers from a revision, and fails after ten seconds.</summary>
    public async Task UntilRevisionAsync(string serverKey, long revision)
    {
        await Soon.TrueAsync(async () =>
        {
            var answer = await GetAsync("/sdk/v1/config", serverKey);
            return answer.Status == 200 && answer.Json.GetProperty("revision").GetInt64() >= revision;
        }, $"revision {revision} did not arrive");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }
}

/// <summary>An answer that has been read.</summary>
internal sealed record Answered(int Status, HttpResponseMessage Response, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

    public string? Header(string name) => Response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values)
        : Response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;
}

/// <summary>Waiting for what happens soon.</summary>
internal static class Soon
{
    public static async Task TrueAsync(Func<Task<bool>> condition, string failure, int seconds = 10)
    {
        var giveUp = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(giveUp) < TimeSpan.FromSeconds(seconds))
        {
            if (await condition())
                return;
            await Task.Delay(20);
        }
        Assert.Fail(failure);
    }

    public static Task TrueAsync(Func<bool> condition, string failure, int seconds = 10) => TrueAsync(() => Task.FromResult(condition()), failure, seconds);
}

/// <summary>A client of server-sent events that shows them one by one.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;
    private bool _isFirst = true;

    private EventStream(HttpResponseMessage response, Stream stream) => (_response, _reader) = (response, new StreamReader(stream));

    public static async Task<EventStream> OpenAsync(TestServer server, string path, string? key, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", key);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new EventStream(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>
    /// The next event; null when the stream ended. The first thing of a stream may be a heartbeat, later ones are passed over. Fails after twenty seconds without a line.
    /// </summary>
    public async Task<StreamEvent?> NextAsync()
    {
        var next = await ReadAsync();
        while (next is { Comment: "hb" } && !_isFirst)
            next = await ReadAsync();
        _isFirst = false;
        return next;
    }

    private async Task<StreamEvent?> ReadAsync()
    {
        string? id = null, name = null, data = null, comment = null;
        while (true)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            if (await _reader.ReadLineAsync(limit.Token) is not { } line)
                return null;
            if (line.Length == 0)
                return new StreamEvent(id, name, data, comment);
            if (line.StartsWith(':'))
                comment = line[1..].Trim();
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else
                Assert.Fail($"Not a line of an event stream: {line}");
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal sealed record StreamEvent(string? Id, string? Name, string? Data, string? Comment)
{
    public JsonElement Json => JsonDocument.Parse(Data!).RootElement;
}
