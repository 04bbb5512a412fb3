using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Messaging.Configuration;
using Togglr.Store;

namespace Togglr.IntegrationTests.Events;

/// <summary>One server with all roles for the tests of a class; each test makes a project of its own.</summary>
public sealed class EventsServer(PostgresFixture postgres) : IAsyncLifetime
{
    private TogglrServer? _server;
    private int _number;

    public TogglrServer Server => _server!;

    public Api Admin { get; private set; } = null!;

    public NpgsqlDataSource Database => Server.Services.GetRequiredService<TogglrDatabase>().DataSource;

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

    /// <summary>A project with a flag for servers and one for clients, an experiment in prod, and a server key of prod that works.</summary>
    public async Task<EventsProject> CreateProjectAsync()
    {
        var project = new EventsProject(this, $"events{Interlocked.Increment(ref _number)}");
        await Admin.PostAsync("/api/v1/orgs/default/projects", new { key = project.Key, name = "Events" }, 201);
        await Admin.PostAsync($"{project.Path}/flags", new { key = "checkout", type = "boolean", environments = new { prod = new { enabled = true } } }, 201);
        await Admin.PostAsync($"{project.Path}/flags", new { key = "banner", type = "boolean", clientVisible = true }, 201);
        project.SdkKey = (await Admin.PostAsync($"{project.Path}/environments/prod/keys", new { name = "server", kind = "server" }, 201)).Get("secret");
        project.ClientKey = (await Admin.PostAsync($"{project.Path}/environments/prod/keys", new { name = "client", kind = "client" }, 201)).Get("secret");
        project.EnvironmentId = await ScalarAsync<Guid>("SELECT e.id FROM environments e JOIN projects p ON p.id = e.project_id WHERE p.key = $1 AND e.key = 'prod'", project.Key);
        await ExecuteAsync(
            """
            WITH d AS (INSERT INTO snapshot_documents (id, body) VALUES (gen_random_uuid(), '{}') RETURNING id)
            INSERT INTO snapshot_entries (environment_id, kind, key, revision, superseded_at_revision, document_id) SELECT $1, 'experiment', 'checkout-test', 1, 2, id FROM d
            """, project.EnvironmentId);
        var replica = Server.Services.GetRequiredService<ConfigurationReplica>();
        await Eventually.TrueAsync(() => Task.FromResult(replica.Find(project.EnvironmentId) is { Units: not null, Current: { } state } && state.Snapshot.TryGetFlag("banner", out _)));
        await Eventually.TrueAsync(async () => (await project.SendAsync("""{"events":[]}""")).Status == HttpStatusCode.Accepted);
        await Eventually.TrueAsync(async () => (await project.SendAsync("""{"events":[]}""", key: project.ClientKey)).Status == HttpStatusCode.Accepted);
        return project;
    }

    public async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (T)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>What was answered to a batch.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Json">The body.</param>
public sealed record BatchAnswer(HttpStatusCode Status, JsonElement Json)
{
    public (int Accepted, int Duplicates, int Rejected) Verdicts =>
        (Json.GetProperty("accepted").GetInt32(), Json.GetProperty("duplicates").GetInt32(), Json.GetProperty("rejected").GetArrayLength());

    /// <summary>Code and path of the first refused event, of either kind of answer.</summary>
    public string First
    {
        get
        {
            var first = Json.TryGetProperty("rejected", out var rejected) ? rejected[0] : Json.GetProperty("errors")[0];
            return $"{first.GetProperty("code").GetString()} {first.GetProperty("path").GetString()}";
        }
    }
}

/// <summary>A project of one test.</summary>
public sealed class EventsProject(EventsServer server, string key)
{
    public string Key { get; } = key;

    public string Path { get; } = $"/api/v1/orgs/default/projects/{key}";

    public string SdkKey { get; set; } = "";

    public string ClientKey { get; set; } = "";

    public Guid EnvironmentId { get; set; }

    public static string Now(double hours = 0) => TimeProvider.System.GetUtcNow().AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Exposure(string unit = "user-1", string variant = "treatment", string? id = null, string more = "") =>
        $$"""{"type":"exposure","id":"{{id ?? Guid.CreateVersion7().ToString()}}","at":"{{Now()}}","experiment":"checkout-test","flag":"checkout","variant":"{{variant}}","unit":"{{unit}}"{{more}}}""";

    public static string Metric(string name = "purchase", string unit = "user-1", string value = "12.5", string? id = null, string more = "") =>
        $$"""{"type":"metric","id":"{{id ?? Guid.CreateVersion7().ToString()}}","at":"{{Now()}}","event":"{{name}}","unit":"{{unit}}","value":{{value}}{{more}}}""";

    public static string Batch(params IEnumerable<string> events) => $$"""{"events":[{{string.Join(',', events)}}]}""";

    /// <summary>Sends as an SDK would.</summary>
    public async Task<BatchAnswer> SendAsync(string body, string? coding = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/events") { Content = new ByteArrayContent(Pack(Encoding.UTF8.GetBytes(body), coding)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (coding is not null)
            request.Content.Headers.ContentEncoding.Add(coding);
        request.Headers.TryAddWithoutValidation("Authorization", key ?? SdkKey);
        using var answer = await server.Server.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync();
        return new BatchAnswer(answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>How many rows of a table belong to the project's environment.</summary>
    public Task<long> CountAsync(string table, string where = "true") =>
        server.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE environment_id = $1 AND {where}", EnvironmentId);

    /// <summary>Waits until a table has so many rows of the environment.</summary>
    public async Task UntilAsync(string table, long count, string where = "true")
    {
        await Eventually.TrueAsync(async () => await CountAsync(table, where) >= count, 20);
        Assert.Equal(count, await CountAsync(table, where));
    }

    public static byte[] Pack(byte[] body, string? coding)
    {
        using var packed = new MemoryStream();
        using (Stream stream = coding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new BufferedStream(packed),
        })
        {
            stream.Write(body);
            stream.Flush();
            if (coding is null or "zip")
                return packed.ToArray();
        }
        return packed.ToArray();
    }
}
