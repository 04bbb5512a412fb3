using Npgsql;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Security;
using Togglr.Store;

namespace Togglr.IntegrationTests.ChangeRequests;

/// <summary>Two who do something at once, and a server that dies in the middle: the database settles it.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ChangeRequestRaceTests(ControlPlaneServer server, PostgresFixture postgres)
{
    private static readonly string Keys = "1:" + Convert.ToBase64String(new byte[32]);

    [Fact]
    public async Task Of_all_who_do_something_at_once_exactly_one_wins()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PostAsync($"{project}/change-policies", new { environment = "prod" }, 201);
        var (one, other) = (await server.CreateMemberAsync("default", BuiltInRole.Manager), await server.CreateMemberAsync("default", BuiltInRole.Manager));
        for (var round = 0; round < 4; round++)
        {
            async Task<string> AskAsync() => (await server.Admin.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = round % 2 == 0 }, 202)).Get("url");
            // Two approvals at once.
            var request = await AskAsync();
            var approvals = await Task.WhenAll(TryAsync(one, $"{request}/approve"), TryAsync(other, $"{request}/approve"));
            Assert.Single(approvals, status => status == 200);
            Assert.Equal("approved", (await one.GetAsync(request)).Get("state"));
            // Applied twice at once, and cancelled, and rejected.
            var ends = await Task.WhenAll(TryAsync(one, $"{request}/apply"), TryAsync(server.Admin, $"{request}/apply"), TryAsync(server.Admin, $"{request}/cancel"));
            Assert.Single(ends, status => status == 200);
            var state = (await one.GetAsync(request)).Get("state");
            Assert.True(state is "applied" or "cancelled", state);
            Assert.Equal(state == "applied" ? round % 2 == 0 : round % 2 != 0, (await one.GetAsync($"{project}/flags/f/environments/prod")).At("enabled").GetBoolean());
            if (state == "cancelled")
                await server.Admin.SendAsync(HttpMethod.Post, $"{project}/flags/f/environments/prod/toggle", new { enabled = round % 2 == 0, reason = "go on" }, 200, ("Togglr-Bypass", "true"));
        }
    }

    [Fact]
    public async Task An_approval_against_a_cancellation_and_a_direct_change_against_an_application()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PostAsync($"{project}/change-policies", new { environment = "prod" }, 201);
        var approver = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        for (var round = 0; round < 4; round++)
        {
            var request = (await server.Admin.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 202)).Get("url");
            var raced = await Task.WhenAll(TryAsync(approver, $"{request}/approve"), TryAsync(server.Admin, $"{request}/cancel"));
            var state = (await approver.GetAsync(request)).Get("state");
            // Cancelling an approved request is fine; approving a cancelled one is not.
            Assert.Equal(200, raced[1]);
            Assert.Equal("cancelled", state);
        }

        var versus = (await server.Admin.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 202)).Get("url");
        await approver.PostAsync($"{versus}/approve");
        var direct = server.Admin.SendAsync(
            HttpMethod.Put, $"{project}/flags/f/environments/prod", new { @default = new { variant = "off" }, reason = "direct" }, -1, ("If-Match", "*"), ("Togglr-Bypass", "true"));
        var applied = await TryAsync(approver, $"{versus}/apply");
        // Whoever comes second finds another version than the one they meant.
        Assert.True((await direct).Status == 200 || applied == 200);
        Assert.Equal(applied == 200 ? "applied" : "conflicted", (await approver.GetAsync(versus)).Get("state"));
        Assert.Equal(applied == 200, (await approver.GetAsync($"{project}/flags/f/environments/prod")).At("enabled").GetBoolean());
    }

    [Fact]
    public async Task A_flag_that_is_gone_makes_it_conflicted()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PostAsync($"{project}/change-policies", new { environment = "prod" }, 201);
        var approver = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        var request = (await server.Admin.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 202)).Get("url");
        await approver.PostAsync($"{request}/approve");
        (string, string)[] bypass = [("Togglr-Bypass", "true"), ("Togglr-Reason", "gone")];
        await server.Admin.SendAsync(HttpMethod.Post, $"{project}/flags/f/archive", new { }, 200, bypass);
        await server.Admin.SendAsync(HttpMethod.Delete, $"{project}/flags/f", null, 204, bypass);
        // Another one of the same name is not the one that was looked at.
        await server.Admin.SendAsync(HttpMethod.Post, $"{project}/flags", new { key = "f", type = "boolean" }, 201, bypass);
        Assert.Equal("conflicted", (await approver.PostAsync($"{request}/apply", null, 409)).Code);
        Assert.Equal("False", (await approver.GetAsync($"{project}/flags/f/environments/prod")).Get("enabled"));
    }

    [Fact]
    public async Task A_request_that_deletes_the_project_goes_with_it()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/change-policies", new { }, 201);
        var approver = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        var request = (await server.Admin.DeleteAsync(project, 202)).Get("url");
        await approver.PostAsync($"{request}/approve");
        await approver.PostAsync($"{request}/apply", null, 204);
        await server.Admin.GetAsync(project, 404);
        Assert.Equal("True", (await server.Admin.GetAsync("/api/v1/orgs/default/audit/verify")).Get("intact"));
    }

    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_leaves_all_or_nothing()
    {
        var database = await postgres.CreateDatabaseAsync();
        string[] options = ["--database-url", PostgresFixture.AsWorkRole(database), "--migration-database-url", database, "--encryption-keys", Keys];
        await using var data = NpgsqlDataSource.Create(database);
        const string project = "/api/v1/orgs/default/projects/killed";
        await using (var first = await TogglrServer.StartAsync([.. options, "--demo", "true"]))
        {
            var admin = new Api(await first.SignInAsync());
            await admin.PostAsync("/api/v1/orgs/default/projects", new { key = "killed", name = "Killed" });
            foreach (var flag in new[] { "f", "g" })
                await admin.PostAsync($"{project}/flags", new { key = flag, type = "boolean" });
            await admin.PostAsync($"{project}/change-requests", new
            {
                submit = true, applyAt = TimeProvider.System.GetUtcNow().AddDays(1),
                changes = new[] { "f", "g" }.Select(flag => new { method = "POST", path = $"flags/{flag}/environments/prod/toggle", body = new { enabled = true } }),
            }, 201);
        }
        // The second change never ends, and is due.
        await ExecuteAsync(data,
            """
            CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.action = 'flag.enabled' AND NEW.entity_key = 'g' THEN PERFORM pg_sleep(300); END IF; RETURN NEW; END $$;
            CREATE TRIGGER stall BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION stall();
            UPDATE change_requests SET apply_at = now()
            """);
        var directory = Directory.CreateTempSubdirectory("togglr-killed-").FullName;
        var victim = TogglrProcess.Start(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir", directory, .. options]);
        try
        {
            await Eventually.TrueAsync(async () => await CountAsync(data, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == 1);
        }
        finally
        {
            // Kills it without asking.
            await victim.DisposeAsync();
        }
        await ExecuteAsync(data, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'");
        Assert.Equal(1, await CountAsync(data, "SELECT count(*) FROM change_requests WHERE state = 'scheduled'"));
        Assert.Equal(0, await CountAsync(data, "SELECT count(*) FROM flag_environments WHERE enabled AND project_id = (SELECT project_id FROM change_requests)"));
        await ExecuteAsync(data, "DROP TRIGGER stall ON audit_entries");

        await using var next = await TogglrServer.StartAsync([.. options, "--demo", "true"]);
        await using var another = await TogglrServer.StartAsync([.. options, "--demo", "true"]);
        await Eventually.TrueAsync(async () => await CountAsync(data, "SELECT count(*) FROM change_requests WHERE state = 'applied'") == 1);
        Assert.Equal(2, await CountAsync(data, "SELECT count(*) FROM flag_environments WHERE enabled AND version = 2 AND project_id = (SELECT project_id FROM change_requests)"));
        Assert.Equal(2, await CountAsync(data, "SELECT count(*) FROM audit_entries WHERE action = 'flag.enabled' AND authority = 'approved' AND project = 'killed'"));
        Assert.Equal(1, await CountAsync(data, "SELECT count(*) FROM audit_entries WHERE action = 'changerequest.applied'"));
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<int> TryAsync(Api api, string path) => (await api.SendAsync(HttpMethod.Post, path, new { }, -1)).Status;

    private static async Task ExecuteAsync(NpgsqlDataSource data, string sql)
    {
        await using var command = data.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(NpgsqlDataSource data, string sql)
    {
        await using var command = data.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
