using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Security;

namespace Togglr.IntegrationTests.Events;

/// <summary>Servers that are killed without warning while events come: what was answered with 202 is there, once.</summary>
public sealed class EventsOfKilledNodesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Senders = 3;
    private const int BatchSize = 200;
    private const int Kills = 3;

    private static readonly string Keys = "1:" + Convert.ToBase64String(new byte[32]);

    private readonly List<string> _directories = [];
    private readonly ConcurrentBag<long> _accepted = [];
    private readonly Node[] _nodes = new Node[2];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private string _database = "";
    private string _flag = "";
    private string _variant = "";
    private long _next;
    private volatile bool _isOver;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        for (var i = 0; i < _nodes.Length; i++)
        {
            _nodes[i] = new Node(this, Directory.CreateTempSubdirectory("togglr-events-").FullName);
            _directories.Add(_nodes[i].Folder);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        foreach (var node in _nodes)
            await node.KillAsync();
        _http.Dispose();
        foreach (var directory in _directories)
            Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Every_event_counts_once_however_often_servers_die()
    {
        foreach (var node in _nodes)
            await node.StartAsync();
        await using var database = NpgsqlDataSource.Create(_database);
        (_flag, _variant) = await AddAlgorithmAsync(database);
        var sending = Enumerable.Range(0, Senders).Select(_ => Task.Run(SendAsync)).ToArray();
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = _accepted.Count;
            // At no particular moment of what it does; what matters is that something goes on.
            await Eventually.TrueAsync(() => Task.FromResult(_accepted.Count > before + 5 * BatchSize + Random.Shared.Next(10 * BatchSize)));
            var victim = _nodes[kill % _nodes.Length];
            await victim.KillAsync();
            await victim.StartAsync();
        }
        _isOver = true;
        await Task.WhenAll(sending);

        await Eventually.TrueAsync(async () => await ScalarAsync(database, "SELECT count(*) FROM event_groups") == 0);
        var expected = _accepted.Order().ToList();
        Assert.Equal(expected.Distinct().Count(), expected.Count);
        Assert.True(expected.Count >= Kills * 5 * BatchSize);
        await using var command = database.CreateCommand("SELECT value::bigint FROM events_metric WHERE event = 'counted' ORDER BY value");
        await using var reader = await command.ExecuteReaderAsync();
        var stored = new List<long>();
        while (await reader.ReadAsync())
            stored.Add(reader.GetInt64(0));
        Assert.Equal(expected, stored);
        Assert.Equal(expected.Count, await ScalarAsync(database, "SELECT sum(count)::bigint FROM event_hours WHERE kind = 'metric' AND name = 'counted'"));
        // One of every batch was feedback that an algorithm learns from.
        Assert.Equal(expected.Count / BatchSize, await ScalarAsync(database, "SELECT sum(outcomes)::bigint FROM algorithm_counts"));
        Assert.Equal(0, await ScalarAsync(database, "SELECT count(*) - count(DISTINCT batch || ':' || value) FROM events_metric"));
    }

    /// <summary>An algorithm for a flag of the demo, as a request would make it; the flag and one of its variants.</summary>
    private static async Task<(string Flag, string Variant)> AddAlgorithmAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            """
            WITH f AS (
                SELECT s.*, f.key, ARRAY(SELECT v ->> 'key' FROM json_array_elements(f.variants) v) AS arms FROM flag_environments s JOIN flags f ON f.id = s.flag_id
                WHERE s.environment_key = 'prod' AND json_array_length(f.variants) = 2 AND f.archived_at IS NULL ORDER BY f.key LIMIT 1),
            a AS (
                INSERT INTO flag_algorithms (id, organization_id, project_id, flag_id, environment_id, flag_key, environment_key, kind, arms, settings, reward, context, holdout, interval_seconds, paused, generation,
                    version, created_at, updated_at)
                SELECT gen_random_uuid(), organization_id, project_id, flag_id, environment_id, key, 'prod', 'thompson', arms, '{"floor":0.01,"discount":1,"discountMinutes":60,"coldStart":1000000,"priorSuccesses":1,"priorFailures":1}',
                    '{"source":"outcome","windowMinutes":0}', '[]', 0, 1, true, 1, 1, now(), now() FROM f RETURNING *),
            s AS (
                INSERT INTO algorithm_steps (algorithm_id, number, organization_id, generation, learned, weights, at)
                SELECT id, 1, organization_id, 1, false, json_build_object('arms', arms, 'cells', json_build_object('', ARRAY[5000, 5000])), now() FROM a)
            INSERT INTO algorithm_weights (algorithm_id, organization_id, project_id, flag_id, environment_id, number, learned, weights, at, version, created_at, updated_at)
            SELECT id, organization_id, project_id, flag_id, environment_id, 1, false, json_build_object('arms', arms, 'cells', json_build_object('', ARRAY[5000, 5000])), now(), 1, now(), now() FROM a
            RETURNING (SELECT flag_key FROM a), (SELECT arms[1] FROM a)
            """);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return (reader.GetString(0), reader.GetString(1));
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Sends batches until it is over, each of them again and again to any server until one says that it has it. After the last 202 it is sent once more, as a sender does that did not hear it.</summary>
    private async Task SendAsync()
    {
        while (!_isOver)
        {
            var first = Interlocked.Add(ref _next, BatchSize) - BatchSize;
            var body = Encoding.UTF8.GetBytes(EventsProject.Batch(Enumerable.Range(0, BatchSize).Select(i => EventsProject.Metric("counted", $"u{i % 7}", $"{first + i}", $"event-{first + i}"))
                .Append($$"""{"type":"feedback","id":"feedback-{{first}}","at":"{{EventsProject.Now()}}","flag":"{{_flag}}","variant":"{{_variant}}","outcome":"success","weightsVersion":1}""")));
            while (!await PostAsync(body))
                await Task.Delay(30);
            for (var i = 0; i < BatchSize; i++)
                _accepted.Add(first + i);
            await PostAsync(body);
        }
    }

    private async Task<bool> PostAsync(byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_nodes[Random.Shared.Next(_nodes.Length)].Address, "sdk/v1/events")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod"));
        try
        {
            using var answer = await _http.SendAsync(request);
            Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}");
            return answer.StatusCode == HttpStatusCode.Accepted;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException or IOException)
        {
            return false;
        }
    }

    private sealed class Node(EventsOfKilledNodesTests test, string folder)
    {
        private TogglrProcess? _process;

        public string Folder => folder;

        public Uri Address { get; private set; } = new("http://127.0.0.1:1");

        public async Task StartAsync()
        {
            Address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
            _process = TogglrProcess.Start(
                "serve", "--listen", Address.Authority, "--log-level", "error", "--data-dir", folder, "--database-url", PostgresFixture.AsWorkRole(test._database),
                "--migration-database-url", test._database, "--encryption-keys", Keys, "--demo", "true");
            await Eventually.TrueAsync(async () =>
            {
                try
                {
                    return (await test._http.GetAsync(new Uri(Address, "ready"))).IsSuccessStatusCode;
                }
                catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
                {
                    return false;
                }
            });
        }

        public async Task KillAsync()
        {
            if (_process is null)
                return;
            // Disposing kills without asking.
            await _process.DisposeAsync();
            _process = null;
        }
    }
}
