using System.Net.Http.Headers;
using System.Text;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Edge;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.SdkKeys;

/// <summary>A whole server, and an edge in what might be another process.</summary>
public sealed class KeyServers(PostgresFixture postgres) : IAsyncLifetime
{
    public const string Keys = "/api/v1/orgs/default/projects/shop/environments/prod/keys";
    private const string EdgeToken = "an-edge-token-for-tests";

    internal TogglrServer Server { get; private set; } = null!;

    internal TogglrServer Edge { get; private set; } = null!;

    internal Api Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await TogglrServer.StartAsync(postgres, "--edge-token", EdgeToken, "--cors-origins", "https://default.example");
        Edge = await TogglrServer.StartAsync(["--roles", "edge", "--control-plane-url", Server.Address.ToString(), "--edge-token", EdgeToken, "--cors-origins", "https://default.example"]);
        Admin = new Api(await Server.SignInAsync());
        await Eventually.TrueAsync(async () => (await Edge.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>A new key, with what its creation answered.</summary>
    internal async Task<(string Id, string Secret, Answer Answer)> CreateAsync(object body)
    {
        var answer = await Admin.PostAsync(Keys, body, 201);
        return (answer.Get("id"), answer.Get("secret"), answer);
    }

    /// <summary>An evaluation with a key.</summary>
    internal static async Task<Answered> EvaluateAsync(TogglrServer server, string key, string? origin = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, "sdk/v1/evaluate") { Content = new StringContent("{\"context\":{}}", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin);
        using var response = await server.Anonymous.SendAsync(request);
        return new Answered((int)response.StatusCode, response, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Opens a stream; the reader stands after its first event.</summary>
    internal static async Task<StreamReader> OpenStreamAsync(TogglrServer server, string key)
    {
        var response = await server.Anonymous.GetAsync($"sdk/v1/stream?key={key}", HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Contains("event: full", await NextAsync(reader), StringComparison.Ordinal);
        return reader;
    }

    /// <summary>The next event that is no heartbeat; empty when the stream ended.</summary>
    internal static async Task<string> NextAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length > 0)
                text.Append(line).Append('\n');
            else if (text.ToString().StartsWith(':'))
                text.Clear();
            else
                return text.ToString();
        }
        return text.ToString();
    }
}
