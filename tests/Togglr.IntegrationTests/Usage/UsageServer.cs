using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Usage;

/// <summary>One server with all roles for the tests of a class; each test makes a project of its own.</summary>
public sealed class UsageServer(PostgresFixture postgres) : IAsyncLifetime
{
    private TogglrServer? _server;
    private int _number;

    public TogglrServer Server => _server!;

    public Api Admin { get; private set; } = null!;

    public CountAggregator Aggregator => Server.Services.GetRequiredService<CountAggregator>();

    public async ValueTask InitializeAsync()
    {
        _server = await TogglrServer.StartAsync(postgres);
        Admin = new Api(await _server.SignInAsync());
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>A project with one boolean flag that is on in prod, and a server key of prod that works.</summary>
    public async Task<UsageProject> CreateProjectAsync(string flag = "checkout")
    {
        var project = new UsageProject(this, $"usage{Interlocked.Increment(ref _number)}");
        await Admin.PostAsync("/api/v1/orgs/default/projects", new { key = project.Key, name = "Usage" }, 201);
        await Admin.PostAsync($"{project.Path}/flags", new { key = flag, type = "boolean", environments = new { prod = new { enabled = true } } }, 201);
        project.SdkKey = (await Admin.PostAsync($"{project.Path}/environments/prod/keys", new { name = "server", kind = "server" }, 201)).Get("secret");
        await Eventually.TrueAsync(async () => (await project.SendAsync("sdk/v1/evaluate", new { flag = "none", context = new { } })).IsSuccessStatusCode);
        return project;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Server.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Server.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>A project of one test.</summary>
public sealed class UsageProject(UsageServer server, string key)
{
    public string Key { get; } = key;

    public string Path { get; } = $"/api/v1/orgs/default/projects/{key}";

    public string SdkKey { get; set; } = "";

    /// <summary>Sends as an SDK would.</summary>
    public async Task<HttpResponseMessage> SendAsync(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", SdkKey) } };
        return await server.Server.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Reports counts and expects that they are taken.</summary>
    public async Task ReportAsync(params object[] counts)
    {
        using var answer = await SendAsync("sdk/v1/counts", new { instance = "test", sdk = "togglr-tests/1.0", counts });
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
    }

    /// <summary>Waits until the flag has been evaluated so often.</summary>
    public Task UntilAsync(long total, string flag = "checkout") => Eventually.TrueAsync(
        async () =>
        {
            var usage = await server.Admin.GetAsync($"{Path}/usage?environment=prod");
            return usage.At("flags").TryGetProperty(flag, out var found) && found.GetProperty("total").GetInt64() == total;
        }, 20);
}
