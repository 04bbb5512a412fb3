using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Accounts;
using Togglr.Hosting.Configuration;
using Togglr.Hosting.Security;
using Togglr.Server;

namespace Togglr.IntegrationTests.Infrastructure;

/// <summary>The server as users get it, on a free port and a database of its own, inside the test process.</summary>
public sealed class TogglrServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _directory;
    private readonly bool _ownsDirectory;

    private TogglrServer(WebApplication app, string directory, bool ownsDirectory)
    {
        _app = app;
        _directory = directory;
        _ownsDirectory = ownsDirectory;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Anonymous = new HttpClient { BaseAddress = Address };
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>A client that has not signed in.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>The server's own services, for what cannot be seen from outside.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a server with an empty database (or the demo's data) where the administrator is <see cref="FirstStart.DemoEmail"/>.</summary>
    /// <param name="postgres">The test run's PostgreSQL.</param>
    /// <param name="options">Further switches, such as <c>--edge-token</c>.</param>
    public static async Task<TogglrServer> StartAsync(PostgresFixture postgres, params string[] options)
    {
        var owner = await postgres.CreateDatabaseAsync();
        var server = await StartAsync(["--database-url", PostgresFixture.AsWorkRole(owner), "--migration-database-url", owner, "--demo", "true", .. options]);
        await Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
        return server;
    }

    /// <summary>Starts a server with these switches only.</summary>
    public static async Task<TogglrServer> StartAsync(string[] options)
    {
        var given = Array.IndexOf(options, "--data-dir");
        var directory = given >= 0 ? options[given + 1] : Directory.CreateTempSubdirectory("togglr-server-").FullName;
        string[] arguments = ["--listen", "127.0.0.1:0", "--log-level", "error", .. given >= 0 ? Array.Empty<string>() : ["--data-dir", directory], .. options];
        // Hashing passwords the slow way once per test server would be most of the run.
        var app = TogglrApp.Build(TogglrOptions.Load(arguments, new Dictionary<string, string>(StringComparer.Ordinal)), static services => services.AddSingleton(new Passwords(1000)));
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new TogglrServer(app, directory, given < 0);
    }

    /// <summary>A client signed in as the administrator.</summary>
    public Task<HttpClient> SignInAsync() => SignInAsync(FirstStart.DemoEmail, FirstStart.DemoPassword);

    /// <summary>A client signed in as somebody.</summary>
    public async Task<HttpClient> SignInAsync(string email, string password)
    {
        using var answer = await Anonymous.PostAsJsonAsync("api/v1/auth/login", new { email, password });
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return new HttpClient
        {
            BaseAddress = Address,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", body.GetProperty("accessToken").GetString()) },
        };
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsDirectory)
            Directory.Delete(_directory, recursive: true);
    }
}
