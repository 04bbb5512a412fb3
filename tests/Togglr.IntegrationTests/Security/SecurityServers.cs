using System.Net.Sockets;
using System.Text;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Security;

/// <summary>The tests that share the two servers.</summary>
[CollectionDefinition(Name)]
public sealed class SecurityTests : ICollectionFixture<SecurityServers>
{
    public const string Name = "security";
}

/// <summary>One server as it stands on its own, and one behind a reverse proxy that ends TLS, with low limits and another origin let in.</summary>
public sealed class SecurityServers(PostgresFixture postgres) : IAsyncLifetime
{
    public const int ApiLimit = 200;
    public const int SignInLimit = 20;

    internal TogglrServer Plain { get; private set; } = null!;

    internal TogglrServer Proxied { get; private set; } = null!;

    internal Api Admin { get; private set; } = null!;

    /// <summary>Where both servers take the admin UI from.</summary>
    internal string Web { get; } = Directory.CreateTempSubdirectory("togglr-web-").FullName;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(Web, "index.html"), "<!doctype html><meta property=\"csp-nonce\" nonce=\"__TOGGLR_NONCE__\"><script src=\"/theme.js\"></script>");
        await File.WriteAllTextAsync(Path.Combine(Web, "theme.js"), "1");
        Plain = await TogglrServer.StartAsync(postgres, "--web-dir", Web);
        Proxied = await TogglrServer.StartAsync(
            postgres, "--web-dir", Web, "--public-url", "https://flags.example.com", "--trusted-proxies", "127.0.0.1", "--api-rate-limit", $"{ApiLimit}", "--sign-in-rate-limit", $"{SignInLimit}",
            "--api-cors-origins", "https://tools.example.com");
        Admin = new Api(await Plain.SignInAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Proxied.DisposeAsync();
        await Plain.DisposeAsync();
        Directory.Delete(Web, recursive: true);
    }

    /// <summary>A request with headers as given.</summary>
    internal static async Task<HttpResponseMessage> SendAsync(TogglrServer server, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body as string ?? System.Text.Json.JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        // Cookies are set by hand where they matter.
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = server.Address };
        var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        return response;
    }

    /// <summary>Sends bytes as they are and reads until the server closes the connection.</summary>
    internal static async Task<string> SendRawAsync(TogglrServer server, string request, int patienceSeconds = 30)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(patienceSeconds));
    }
}

/// <summary>What tests ask of answers.</summary>
internal static class Answers
{
    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    public static async Task<string?> CodeAsync(this HttpResponseMessage response) =>
        System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString();
}
