using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Events;

/// <summary>What becomes of events when the database dies under them and when more come than can be sorted in. The database is the test's own, because it is killed.</summary>
public sealed class EventsInTroubleTests : IAsyncLifetime
{
    // That of the drain: who holds it keeps events from being sorted in.
    private const string TakeTurn = "SELECT pg_advisory_lock(128022223939429)";
    private const int BatchSize = 100;

    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-events-").FullName;
    private readonly ConcurrentBag<long> _accepted = [];
    private EmbeddedPostgres _postgres = null!;
    private TogglrServer _server = null!;
    private NpgsqlDataSource _database = null!;
    private long _next;
    private volatile bool _isOver;

    public async ValueTask InitializeAsync()
    {
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);
        _postgres = await EmbeddedPostgres.StartAsync(new StoreOptions { DataDirectory = _directory }, NullLogger.Instance);
        _server = await TogglrServer.StartAsync(["--database-url", _postgres.ConnectionString, "--demo", "true", "--event-backlog", "10000"]);
        await Eventually.TrueAsync(async () => (await _server.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
        _database = NpgsqlDataSource.Create(_postgres.ConnectionString);
        await Eventually.TrueAsync(async () => await PostAsync(EventsProject.Batch()) is { StatusCode: HttpStatusCode.Accepted });
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        await _server.DisposeAsync();
        await _database.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_when_the_database_is_killed_or_cannot_keep_up()
    {
        await Killing_the_database_loses_nothing();
        await Too_many_events_are_refused_until_there_is_room();
    }

    private async Task Killing_the_database_loses_nothing()
    {
        var sending = Enumerable.Range(0, 2).Select(_ => Task.Run(SendAsync)).ToArray();
        // At no particular moment of what it does.
        await Eventually.TrueAsync(() => Task.FromResult(_accepted.Count > (5 * BatchSize) + Random.Shared.Next(10 * BatchSize)));
        var victim = _postgres.ProcessId;
        // While it is restarted the number is 0, and killing 0 would kill our own process group.
        Assert.True(victim > 1);
        Process.GetProcessById(victim).Kill();
        await Eventually.TrueAsync(() => Task.FromResult(_postgres.ProcessId is var successor && successor > 1 && successor != victim));
        var last = _accepted.Count;
        await Eventually.TrueAsync(() => Task.FromResult(_accepted.Count > last + (5 * BatchSize)));
        _isOver = true;
        await Task.WhenAll(sending);
        await AssertAllOnceAsync();
    }

    private async Task Too_many_events_are_refused_until_there_is_room()
    {
        var bodies = new List<string>();
        HttpResponseMessage refused;
        await using (var turn = await _database.OpenConnectionAsync())
        {
            await ExecuteAsync(turn, TakeTurn);
            // Nobody sorts in now: it fills up, whatever comes.
            while (true)
            {
                bodies.Add(Body(out _));
                var answer = await PostAsync(bodies[^1]);
                Assert.NotNull(answer);
                if (answer.StatusCode != HttpStatusCode.Accepted)
                {
                    refused = answer;
                    break;
                }
                Assert.True(bodies.Count < 100_000, "There is no end to what is accepted.");
            }
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("rate_limited", JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString());
            Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
            Assert.True(await ScalarAsync("SELECT sum(events)::bigint FROM event_groups") > 10_000);
            // What the sender was told is what people see.
            using var admin = await _server.SignInAsync();
            var seen = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/orgs/default/projects/shop/environments/prod/events")).RootElement;
            Assert.Equal("backlog_full", seen.GetProperty("refusing").GetString());
            await ExecuteAsync(turn, "SELECT pg_advisory_unlock_all()");
        }
        // The same again, as the answer asks for, until there is room.
        await Eventually.TrueAsync(async () => await PostAsync(bodies[^1]) is { StatusCode: HttpStatusCode.Accepted });
        for (var i = 0; i < bodies.Count * BatchSize; i++)
            _accepted.Add(_next - 1 - i);
        await AssertAllOnceAsync();
    }

    private async Task AssertAllOnceAsync()
    {
        await Eventually.TrueAsync(async () => await ScalarAsync("SELECT count(*) FROM event_groups") == 0);
        var expected = _accepted.Order().ToList();
        await using var command = _database.CreateCommand("SELECT value::bigint FROM events_metric WHERE event = 'counted' ORDER BY value");
        await using var reader = await command.ExecuteReaderAsync();
        var stored = new List<long>();
        while (await reader.ReadAsync())
            stored.Add(reader.GetInt64(0));
        Assert.Equal(expected, stored);
        Assert.Equal(expected.Count, await ScalarAsync("SELECT sum(count)::bigint FROM event_hours WHERE kind = 'metric' AND name = 'counted'"));
    }

    /// <summary>Sends batches until it is over, each again and again until it is answered with 202, and then once more, as a sender does that did not hear it.</summary>
    private async Task SendAsync()
    {
        while (!_isOver)
        {
            var body = Body(out var first);
            while (await PostAsync(body) is not { StatusCode: HttpStatusCode.Accepted })
                await Task.Delay(20);
            for (var i = 0; i < BatchSize; i++)
                _accepted.Add(first + i);
            await PostAsync(body);
        }
    }

    private string Body(out long first)
    {
        var begin = first = Interlocked.Add(ref _next, BatchSize) - BatchSize;
        return EventsProject.Batch(Enumerable.Range(0, BatchSize).Select(i => EventsProject.Metric("counted", $"u{i % 7}", $"{begin + i}", $"event-{begin + i}")));
    }

    private async Task<HttpResponseMessage?> PostAsync(string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/events") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod"));
        var answer = await _server.Anonymous.SendAsync(request);
        Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}");
        return answer;
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
