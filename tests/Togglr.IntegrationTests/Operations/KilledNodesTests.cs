using System.Net.Http.Json;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Security;

namespace Togglr.IntegrationTests.Operations;

/// <summary>
/// Two servers on one database, one of which is killed without a warning in the middle of what happens by itself: the other one does the rest, and nothing is done twice. Schedules, change requests and
/// messages are held to the same beside their own tests.
/// </summary>
public sealed class KilledNodesTests(PostgresFixture postgres)
{
    private const int Flags = 24;
    private const string Here = "project_id = (SELECT id FROM projects WHERE key = 'nodes')";
    private const string Project = "api/v1/orgs/default/projects/nodes";

    private static readonly string Keys = "1:" + Convert.ToBase64String(new byte[32]);

    [Fact]
    public async Task Every_ramp_makes_its_step_once()
    {
        await using var nodes = await Nodes.StartAsync(postgres);
        for (var i = 0; i < Flags; i++)
        {
            await nodes.CreateFlagAsync($"flag-{i}");
            await nodes.PostAsync($"{Project}/flags/flag-{i}/environments/prod/ramps", new { from = "off", to = "on", steps = new object[] { new { percentage = 10, holdMinutes = 60 }, new { percentage = 50, holdMinutes = 60 } } });
        }
        await nodes.ExecuteAsync("UPDATE ramps r SET hold_until = now() + interval '2 seconds' + substr(flag_key, 6)::int * interval '50 milliseconds'; UPDATE ramp_clocks c SET due_at = r.hold_until, tick = tick + 1 FROM ramps r WHERE r.id = c.ramp_id");
        await nodes.KillWhenAsync($"SELECT count(*) >= {Flags / 3} FROM ramps WHERE step = 1");

        await nodes.UntilAsync($"SELECT count(*) = {Flags} FROM ramps WHERE step = 1 AND state = 'running'");
        Assert.Equal(Flags, await nodes.CountAsync("SELECT count(*) FROM audit_entries WHERE action = 'ramp.stepped'"));
        Assert.Equal(Flags, await nodes.CountAsync("SELECT count(DISTINCT entity_id) FROM audit_entries WHERE action = 'ramp.stepped'"));
        Assert.Equal(Flags, await nodes.CountAsync("SELECT count(*) FROM audit_entries WHERE action = 'flag.configured' AND actor_name = 'ramp'"));
        Assert.Equal(Flags, await nodes.CountAsync($"SELECT count(*) FROM flag_environments WHERE {Here} AND environment_key = 'prod' AND default_serve -> 'rollout' -> 'variations' -> 1 ->> 'weight' = '5000'"));
        Assert.Equal(0, await nodes.CountAsync("SELECT count(*) FROM ramp_clocks c JOIN ramps r ON r.id = c.ramp_id WHERE c.due_at IS DISTINCT FROM r.hold_until"));
    }

    [Fact]
    public async Task Every_flag_that_fails_is_switched_off_or_asked_about_once()
    {
        await using var nodes = await Nodes.StartAsync(postgres);
        for (var i = 0; i < Flags; i++)
        {
            await nodes.CreateFlagAsync($"flag-{i}");
            await nodes.PutAsync($"{Project}/flags/flag-{i}/environments/prod/health/settings", new { maxErrors = 10, windowSeconds = 600, action = i % 2 == 0 ? "disable" : "request" });
        }
        await nodes.PostAsync($"{Project}/change-policies", new { environment = "prod" });
        // As a node delivers what it counted.
        await nodes.ExecuteAsync(
            """
            INSERT INTO health_slots SELECT s.environment_id, s.flag_id, date_trunc('second', now()), 'on', 100, 50, 0, 0 FROM flag_environments s JOIN projects p ON p.id = s.project_id WHERE p.key = 'nodes' AND s.environment_key = 'prod';
            INSERT INTO health_watches SELECT DISTINCT environment_id, organization_id, now() FROM flag_environments WHERE environment_id IN (SELECT environment_id FROM health_slots)
            ON CONFLICT (environment_id) DO UPDATE SET due_at = excluded.due_at
            """);
        await nodes.KillWhenAsync($"SELECT count(*) >= {Flags / 4} FROM incidents");

        await nodes.UntilAsync($"SELECT count(*) = {Flags} FROM incidents WHERE ask_at IS NULL AND (measure = 'disable') = (change_request IS NULL)");
        Assert.Equal(Flags, await nodes.CountAsync("SELECT count(DISTINCT entity_id) FROM audit_entries WHERE action = 'incident.opened'"));
        Assert.Equal(Flags, await nodes.CountAsync("SELECT count(*) FROM audit_entries WHERE action = 'incident.opened'"));
        Assert.Equal(Flags / 2, await nodes.CountAsync("SELECT count(*) FROM audit_entries WHERE action = 'flag.auto_disabled'"));
        Assert.Equal(Flags / 2, await nodes.CountAsync($"SELECT count(*) FROM flag_environments WHERE {Here} AND killed"));
        Assert.Equal(Flags / 2, await nodes.CountAsync("SELECT count(*) FROM change_requests WHERE state = 'pending'"));
        Assert.Equal(Flags / 2, await nodes.CountAsync("SELECT count(*) FROM change_requests"));
        Assert.Equal(Flags / 2, await nodes.CountAsync("SELECT count(*) FROM incident_events WHERE kind = 'requested'"));
        Assert.Equal(Flags, await nodes.CountAsync($"SELECT count(*) FROM flag_health WHERE {Here} AND state IN ('failing', 'disabled')"));
    }

    /// <summary>One server that lives and one that does not, and their database.</summary>
    private sealed class Nodes(TogglrServer survivor, TogglrProcess victim, HttpClient admin, NpgsqlDataSource data, string directory) : IAsyncDisposable
    {
        private bool _isKilled;

        public static async Task<Nodes> StartAsync(PostgresFixture postgres)
        {
            var database = await postgres.CreateDatabaseAsync();
            string[] options = ["--database-url", PostgresFixture.AsWorkRole(database), "--migration-database-url", database, "--encryption-keys", Keys, "--demo", "true"];
            var survivor = await TogglrServer.StartAsync(options);
            await Eventually.TrueAsync(async () => (await survivor.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
            var directory = Directory.CreateTempSubdirectory("togglr-killed-").FullName;
            var victim = TogglrProcess.Start(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir", directory, .. options]);
            var nodes = new Nodes(survivor, victim, await survivor.SignInAsync(), NpgsqlDataSource.Create(database), directory);
            await nodes.UntilAsync("SELECT count(DISTINCT pid) >= 2 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'");
            await nodes.PostAsync("api/v1/orgs/default/projects", new { key = "nodes", name = "Nodes" });
            return nodes;
        }

        public Task CreateFlagAsync(string key) => PostAsync($"{Project}/flags", new { key, type = "boolean", defaultVariant = "off", environments = new { prod = new { enabled = true } } });

        public async Task PostAsync(string path, object body)
        {
            using var answer = await admin.PostAsJsonAsync(path, body);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        public async Task PutAsync(string path, object body)
        {
            using var answer = await admin.PutAsJsonAsync(path, body);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        /// <summary>Kills one server without asking as soon as a condition holds.</summary>
        public async Task KillWhenAsync(string sql)
        {
            await UntilAsync(sql);
            await KillAsync();
        }

        public Task UntilAsync(string sql) => Eventually.TrueAsync(async () => (bool)(await ScalarAsync(sql))!, 60);

        public async Task<long> CountAsync(string sql) => (long)(await ScalarAsync(sql))!;

        public async Task ExecuteAsync(string sql)
        {
            await using var command = data.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await KillAsync();
            admin.Dispose();
            await survivor.DisposeAsync();
            await data.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }

        private async Task KillAsync()
        {
            if (!_isKilled)
                await victim.DisposeAsync();
            _isKilled = true;
        }

        private async Task<object?> ScalarAsync(string sql)
        {
            await using var command = data.CreateCommand(sql);
            return await command.ExecuteScalarAsync();
        }
    }
}
