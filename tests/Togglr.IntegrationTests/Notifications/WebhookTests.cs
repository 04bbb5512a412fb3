using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Messaging.Health;
using Togglr.Store;

namespace Togglr.IntegrationTests.Notifications;

[Collection(NotificationTests.Name)]
public sealed class WebhookTests(NotifyServer server)
{
    [Fact]
    public async Task An_event_arrives_signed_and_says_who_did_what_where_and_why()
    {
        var (project, destination, path, secret) = await server.CreateWebhookAsync("flags");
        await server.CreateFlagAsync(project, "checkout");
        await server.Admin.PostAsync($"{project}/flags/checkout/kill", new { reason = "it <b>burns</b>" });
        var created = await server.Sink.NextAsync(path);
        var killed = await server.Sink.NextAsync(path, count: 2);
        Assert.Equal("flag.created", created.Headers["Togglr-Event"]);
        Assert.Equal("flag.killed", killed.Headers["Togglr-Event"]);
        Assert.NotEqual(created.Headers["Togglr-Delivery"], killed.Headers["Togglr-Delivery"]);

        var told = JsonDocument.Parse(killed.Body).RootElement;
        var key = project.Split('/')[^1];
        var me = await server.Admin.GetAsync("/api/v1/me");
        Assert.Equal(("flag.killed", "flags", "it <b>burns</b>"), (told.GetProperty("type").GetString(), told.GetProperty("group").GetString(), told.GetProperty("reason").GetString()));
        Assert.Equal((key, "default", "checkout"), (told.GetProperty("project").GetProperty("key").GetString(), told.GetProperty("organization").GetProperty("key").GetString(), told.GetProperty("entity").GetProperty("key").GetString()));
        Assert.Equal(me.Get("id"), told.GetProperty("actor").GetProperty("id").GetString());
        Assert.Equal($"{me.Get("name")} pulled the kill switch of the flag checkout in Project {key}.", told.GetProperty("summary").GetString());
        Assert.Equal($"https://flags.example.com/base/p/default/{key}/flags/checkout", told.GetProperty("url").GetString());

        // Time and body are signed: t=…,v1=….
        var parts = killed.Headers["Togglr-Signature"].Split(',');
        var time = parts[0]["t=".Length..];
        Assert.InRange(long.Parse(time, CultureInfo.InvariantCulture), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1);
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{killed.Body}"));
        Assert.Equal("v1=" + Convert.ToHexStringLower(expected), parts[1]);

        // The log has both, and the destination is well.
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{project}/notifications/deliveries?state=delivered")).At("total").GetInt64() == 2);
        var log = (await server.Admin.GetAsync($"{project}/notifications/deliveries")).At("items");
        Assert.Equal((killed.Headers["Togglr-Delivery"], 200, 1), (log[0].GetProperty("id").GetString(), log[0].GetProperty("status").GetInt32(), log[0].GetProperty("attempts").GetInt32()));
        Assert.Equal(killed.Body, (await server.Admin.GetAsync($"{project}/notifications/deliveries/{killed.Headers["Togglr-Delivery"]}")).Get("body"));
        Assert.Equal("ok", (await server.Admin.GetAsync(destination)).Get("health", "state"));
    }

    [Fact]
    public async Task The_documentation_s_sample_accepts_what_was_sent_and_nothing_else()
    {
        var (project, _, path, secret) = await server.CreateWebhookAsync("flags");
        await server.CreateFlagAsync(project, "signed");
        var posted = await server.Sink.NextAsync(path);
        var guide = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "notifications.md"), TestContext.Current.CancellationToken);
        var sample = guide.Split("```js\n")[1].Split("```")[0];
        var signature = posted.Headers["Togglr-Signature"];
        var cases = new object[]
        {
            new { secret, header = signature, body = posted.Body, expected = true },
            new { secret = "another secret", header = signature, body = posted.Body, expected = false },
            new { secret, header = signature, body = posted.Body + " ", expected = false },
            new { secret, header = signature.Replace("t=", "t=1", StringComparison.Ordinal), body = posted.Body, expected = false },
            new { secret, header = "t=x,v1=", body = posted.Body, expected = false },
            new { secret, header = signature.Replace("v1=", $"v1={new string('0', 64)},v1=", StringComparison.Ordinal), body = posted.Body, expected = true },
            new { secret, header = $"{signature},v1={new string('0', 64)}", body = posted.Body, expected = true },
        };
        var directory = Directory.CreateTempSubdirectory("togglr-sample-").FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "verify.mjs"), sample, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(directory, "run.mjs"), $"import {{ verify }} from './verify.mjs'\nfor (const it of {JsonSerializer.Serialize(cases)}) console.log(verify(it.secret, it.header, it.body) === it.expected)", TestContext.Current.CancellationToken);
        using var node = Process.Start(new ProcessStartInfo("node", ["run.mjs"]) { WorkingDirectory = directory, RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Directory.Delete(directory, recursive: true);
        Assert.Equal(string.Join('\n', cases.Select(_ => "true")), said.Trim());
    }

    [Fact]
    public async Task A_replaced_secret_signs_as_well_for_as_long_as_somebody_says()
    {
        var (project, destination, path, first) = await server.CreateWebhookAsync("flags");
        async Task<int> SignaturesAsync(params string[] secrets)
        {
            var count = server.Sink.At(path).Count;
            await server.Admin.PostAsync($"{destination}/test");
            var posted = await server.Sink.NextAsync(path, count + 1);
            var parts = posted.Headers["Togglr-Signature"].Split(',');
            var signed = Encoding.UTF8.GetBytes($"{parts[0]["t=".Length..]}.{posted.Body}");
            Assert.Equal(secrets.Select(secret => "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))), parts[1..]);
            return parts.Length;
        }

        await SignaturesAsync(first);
        await server.Admin.PatchAsync(destination, new { signingSecretOverlapHours = 1 }, 400);
        var changed = await server.Admin.PatchAsync(destination, new { signingSecret = "the second secret"[..16].Replace(' ', '-') });
        Assert.InRange(changed.At("formerSecretUntil").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(23.9), TimeSpan.FromHours(24));
        await SignaturesAsync("the-second-secre", first);
        // Anything else that is changed leaves it; the same secret again does, too.
        await server.Admin.PatchAsync(destination, new { name = "Renamed", signingSecret = "the-second-secre" });
        await SignaturesAsync("the-second-secre", first);
        await server.Admin.PatchAsync(destination, new { signingSecret = "the-third-secret", signingSecretOverlapHours = 2 });
        await SignaturesAsync("the-third-secret", "the-second-secre");
        await server.Admin.PatchAsync(destination, new { signingSecretOverlapHours = 169 }, 400);
        var longer = await server.Admin.PatchAsync(destination, new { signingSecretOverlapHours = 100 });
        Assert.InRange(longer.At("formerSecretUntil").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(99.9), TimeSpan.FromHours(100));
        Assert.Equal(JsonValueKind.Null, (await server.Admin.PatchAsync(destination, new { signingSecretOverlapHours = 0 })).At("formerSecretUntil").ValueKind);
        await SignaturesAsync("the-third-secret");
        await server.Admin.PatchAsync(destination, new { signingSecret = "the-fourth-secre", signingSecretOverlapHours = 0 });
        await SignaturesAsync("the-fourth-secre");
        Assert.Equal(["signingSecret", "url"], (await server.Admin.GetAsync(destination)).At("secrets").EnumerateObject().Select(secret => secret.Name).Order(StringComparer.Ordinal));
        var mail = await server.Admin.PostAsync($"{project}/notifications/destinations", new { name = "Mail", kind = "email", recipients = new[] { "a@example.com" } }, 201);
        await server.Admin.PatchAsync($"{project}/notifications/destinations/{mail.Get("id")}", new { signingSecretOverlapHours = 1 }, 400);
    }

    [Fact]
    public async Task Messages_about_an_incident_lead_to_it()
    {
        var (project, _, path, _) = await server.CreateWebhookAsync("health");
        await server.Admin.PostAsync($"{project}/flags", new { key = "burns", type = "boolean", environments = new { prod = new { enabled = true } } }, 201);
        await server.Admin.PutAsync($"{project}/flags/burns/environments/prod/health/settings", new { maxErrors = 10, action = "disable" });
        var environment = Guid.Parse((await server.Admin.GetAsync($"{project}/environments/prod")).Get("id"));
        await server.Services.GetRequiredService<IHealthLog>().AddAsync(Guid.CreateVersion7(), 1, [new HealthDelta(environment, "burns", "on", 0, 50, 0, 0)]);
        await server.Sink.NextAsync(path, count: 2);
        await server.Admin.PostAsync($"{project}/incidents/1/comments", new { text = "It is the payment service." });
        await server.Sink.NextAsync(path, count: 3);
        var told = server.Sink.At(path).Select(posted => JsonDocument.Parse(posted.Body).RootElement).ToList();
        Assert.Equal(["flag.auto_disabled", "incident.commented", "incident.opened"], told.Select(item => item.GetProperty("type").GetString()).Order(StringComparer.Ordinal));
        Assert.All(told, item => Assert.Equal(
            ($"https://flags.example.com/base/p/default/{project.Split('/')[^1]}/incidents/1", 1), (item.GetProperty("url").GetString(), item.GetProperty("incident").GetProperty("number").GetInt32())));
    }

    [Fact]
    public async Task Only_what_was_subscribed_to_is_sent()
    {
        var project = await server.CreateProjectAsync();
        var path = HttpSink.NewPath();
        var subscriptions = new object[] { new { environment = "prod", events = new[] { "flag.enabled", "flag.killed" } }, new { events = new[] { "segment.created" } } };
        await server.Admin.PostAsync($"{project}/notifications/destinations", new { name = "Some", kind = "webhook", url = server.Sink.UrlOf(path), subscriptions }, 201);
        await server.CreateFlagAsync(project, "a");
        foreach (var environment in new[] { "dev", "prod" })
            await server.Admin.PostAsync($"{project}/flags/a/environments/{environment}/toggle", new { enabled = true });
        await server.Admin.PostAsync($"{project}/flags/a/environments/prod/toggle", new { enabled = false });
        // It names no environment because it is about all of them.
        await server.Admin.PostAsync($"{project}/flags/a/kill", new { reason = "x" });
        await server.Admin.PostAsync($"{project}/segments", new { key = "s" }, 201);
        await server.Sink.NextAsync(path, count: 3);
        Assert.Equal(["flag.enabled prod", "flag.killed ", "segment.created "], server.Sink.At(path).Select(posted => JsonDocument.Parse(posted.Body).RootElement)
            .Select(told => $"{told.GetProperty("type").GetString()} {told.GetProperty("environment").GetString()}"));
    }

    [Fact]
    public async Task What_is_not_taken_is_tried_again_with_the_same_number_and_body_until_it_is()
    {
        var (project, destination, path, _) = await server.CreateWebhookAsync("flags");
        var calls = 0;
        server.Sink.Answer(path, http =>
        {
            http.Response.StatusCode = Interlocked.Increment(ref calls) <= 2 ? 500 : 204;
            return http.Response.StatusCode == 500 ? http.Response.WriteAsync("no\u0007 luck") : Task.CompletedTask;
        });
        await server.CreateFlagAsync(project, "a");
        await server.Sink.NextAsync(path, count: 3);
        var all = server.Sink.At(path);
        Assert.Single(all.Select(posted => (posted.Headers["Togglr-Delivery"], posted.Body)).Distinct());
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{project}/notifications/deliveries?state=delivered")).At("total").GetInt64() == 1);
        var delivery = (await server.Admin.GetAsync($"{project}/notifications/deliveries")).At("items", "0");
        Assert.Equal((3, 204), (delivery.GetProperty("attempts").GetInt32(), delivery.GetProperty("status").GetInt32()));
        var health = (await server.Admin.GetAsync(destination)).At("health");
        Assert.Equal(("ok", 0), (health.GetProperty("state").GetString(), health.GetProperty("failures").GetInt32()));
        Assert.Equal("127.0.0.1 answered 500: no  luck", health.GetProperty("lastError").GetString());
    }

    [Fact]
    public async Task A_destination_that_never_takes_anything_is_left_alone_and_what_was_given_up_can_be_sent_again()
    {
        var (project, destination, path, secret) = await server.CreateWebhookAsync("flags");
        server.Sink.Answer(path, 410);
        await server.CreateFlagAsync(project, "gone");
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{project}/notifications/deliveries?state=dead")).At("total").GetInt64() == 1);
        Assert.Single(server.Sink.At(path));

        server.Sink.Answer(path, 503);
        await server.CreateFlagAsync(project, "a");
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(destination)).Get("health", "state") == "paused");
        var before = server.Sink.At(path).Count;
        Assert.Equal(4, before);
        await server.CreateFlagAsync(project, "b");
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(destination)).At("health", "waiting").GetInt32() == 2);
        // Left alone: neither what waited nor what came after is tried. The pause of ten minutes is not over for a while.
        await server.Admin.PostAsync($"{destination}/test");
        Assert.Equal(before + 1, server.Sink.At(path).Count);

        // The pause is over; the first message tries the ground for all, and fails: the next pause is longer.
        await server.ExecuteAsync($"UPDATE notification_circuits SET open_until = now() WHERE destination_id = '{destination.Split('/')[^1]}'");
        await Eventually.TrueAsync(async () => (await server.CountAsync($"SELECT count(*) FROM notification_circuits WHERE destination_id = '{destination.Split('/')[^1]}' AND pauses = 2 AND open_until > now() + interval '11 minutes'")) == 1);
        Assert.Equal(before + 2, server.Sink.At(path).Count);

        server.Sink.Answer(path, 200);
        await server.ExecuteAsync($"UPDATE notification_circuits SET open_until = now() WHERE destination_id = '{destination.Split('/')[^1]}'");
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{project}/notifications/deliveries?state=delivered")).At("total").GetInt64() == 2);
        var dead = (await server.Admin.GetAsync($"{project}/notifications/deliveries?state=dead&search=flag")).At("items", "0").GetProperty("id").GetString();
        // It may have arrived before the answer is written.
        Assert.Contains((await server.Admin.PostAsync($"{project}/notifications/deliveries/{dead}/resend")).Get("state"), new[] { "pending", "delivered" });
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{project}/notifications/deliveries/{dead}")).Get("state") == "delivered");
        Assert.Equal(dead, server.Sink.At(path)[^1].Headers["Togglr-Delivery"]);
        Assert.Equal(0, (await server.Admin.PostAsync($"{destination}/resend")).At("count").GetInt32());
        Assert.DoesNotContain(secret, (await server.Admin.GetAsync($"{project}/notifications/deliveries?limit=200")).Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_last_attempt_a_message_is_dead_and_all_can_be_sent_again_at_once()
    {
        var (project, destination, path, _) = await server.CreateWebhookAsync("flags");
        server.Sink.Answer(path, 400);
        await server.CreateFlagAsync(project, "a");
        await Eventually.TrueAsync(async () =>
        {
            await server.ExecuteAsync($"UPDATE notification_circuits SET failures = 0, open_until = NULL WHERE destination_id = '{destination.Split('/')[^1]}'");
            return (await server.Admin.GetAsync(destination)).At("health", "dead").GetInt32() == 1;
        });
        Assert.Equal(6, server.Sink.At(path).Count);
        server.Sink.Answer(path, 200);
        Assert.Equal(1, (await server.Admin.PostAsync($"{destination}/resend")).At("count").GetInt32());
        await server.Sink.NextAsync(path, count: 7);
    }

    [Fact]
    public async Task A_slow_destination_and_a_redirecting_one_hold_nobody_up()
    {
        var slow = HttpSink.NewPath();
        var trap = HttpSink.NewPath();
        var (project, _, path, _) = await server.CreateWebhookAsync("flags");
        server.Sink.Answer(slow, http => Task.Delay(TimeSpan.FromMinutes(1), http.RequestAborted));
        var redirect = HttpSink.NewPath();
        server.Sink.Answer(redirect, http =>
        {
            http.Response.Redirect(server.Sink.UrlOf(trap), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        foreach (var (name, address) in new[] { ("slow", slow), ("redirect", redirect) })
            await server.Admin.PostAsync($"{project}/notifications/destinations", new { name, kind = "webhook", url = server.Sink.UrlOf(address), subscriptions = new[] { new { events = new[] { "flags" } } } }, 201);
        for (var i = 0; i < 5; i++)
            await server.CreateFlagAsync(project, $"f{i}");
        await server.Sink.NextAsync(path, count: 5);
        var tested = await server.Admin.PostAsync((await DestinationAsync(project, "slow")) + "/test");
        Assert.Equal((false, "127.0.0.1 did not answer within 1 seconds."), (tested.At("ok").GetBoolean(), tested.Get("error")));
        tested = await server.Admin.PostAsync((await DestinationAsync(project, "redirect")) + "/test");
        Assert.Equal((false, 307), (tested.At("ok").GetBoolean(), tested.At("status").GetInt32()));
        Assert.Empty(server.Sink.At(trap));
    }

    [Theory]
    [InlineData("http://10.0.0.1/hook", false)]
    [InlineData("https://127.0.0.2/hook", false)]
    [InlineData("https://[::1]/hook", false)]
    [InlineData("https://[::ffff:10.0.0.1]/hook", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    [InlineData("ftp://example.com/hook", false)]
    [InlineData("https://user:pw@example.com/hook", false)]
    [InlineData("/hook", false)]
    [InlineData("https://localhost:1/hook", true)]
    public async Task Private_addresses_are_refused_when_they_are_entered_and_again_when_a_name_leads_there(string url, bool isTaken)
    {
        var project = await server.CreateProjectAsync();
        var answer = await server.Admin.PostAsync($"{project}/notifications/destinations", new { name = "x", kind = "webhook", url }, isTaken ? 201 : 400);
        if (!isTaken)
            return;
        // Of what localhost is, only 127.0.0.1 is named; the port is nobody's. A name of another private address is refused.
        await server.Admin.PatchAsync($"{project}/notifications/destinations/{answer.Get("id")}", new { url = "http://ip6-localhost:1/hook" });
        var tested = await server.Admin.PostAsync($"{project}/notifications/destinations/{answer.Get("id")}/test");
        Assert.False(tested.At("ok").GetBoolean());
        Assert.Contains(tested.Get("error"), (string[])["ip6-localhost has no address that this server may talk to.", "There is no host ip6-localhost."]);
    }

    [Fact]
    public async Task Secrets_never_come_back_and_are_encrypted_in_the_database()
    {
        var project = await server.CreateProjectAsync();
        const string Marker = "T0Pz3cretMarker";
        var created = await server.Admin.PostAsync(
            $"{project}/notifications/destinations",
            new { name = "x", kind = "webhook", url = $"https://example.com/{Marker}", signingSecret = $"{Marker}-signing-secret", subscriptions = new[] { new { events = new[] { "flags" } } } }, 201);
        var path = $"{project}/notifications/destinations/{created.Get("id")}";
        Assert.False(created.Json.TryGetProperty("signingSecret", out _));
        Assert.Equal("example.com", created.Get("target"));
        await server.Admin.PatchAsync(path, new { name = "y", url = $"https://example.com/{Marker}/other" });
        Assert.True((await server.Admin.GetAsync(path)).At("secrets", "url", "set").GetBoolean());
        foreach (var shown in new[] { created.Json.GetRawText(), (await server.Admin.GetAsync(path)).Json.GetRawText(), (await server.Admin.GetAsync("/api/v1/orgs/default/audit?limit=50")).Json.GetRawText() })
            Assert.DoesNotContain(Marker, shown, StringComparison.Ordinal);
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM notification_destinations d WHERE d::text LIKE '%{Marker}%' OR encode(secrets, 'escape') LIKE '%{Marker}%'"));
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM audit_entries a WHERE a::text LIKE '%{Marker}%'"));
    }

    [Fact]
    public async Task What_a_kind_does_not_have_and_what_means_nothing_is_refused()
    {
        var project = await server.CreateProjectAsync();
        async Task RefusedAsync(string code, string pointer, object body)
        {
            var answer = await server.Admin.PostAsync($"{project}/notifications/destinations", body, 400);
            Assert.Equal((code, pointer), (answer.Get("errors", "0", "code"), answer.Get("errors", "0", "path")));
        }
        var url = server.Sink.UrlOf("/x");
        await RefusedAsync("required", "/url", new { name = "x", kind = "slack" });
        await RefusedAsync("unknown_property", "/token", new { name = "x", kind = "slack", url, token = "123:abcdefgh" });
        await RefusedAsync("unknown_event", "/subscriptions/0/events/0", new { name = "x", kind = "slack", url, subscriptions = new[] { new { events = new[] { "flag.exploded" } } } });
        await RefusedAsync("unknown_project", "/subscriptions/0/project", new { name = "x", kind = "slack", url, subscriptions = new[] { new { project = "other", events = new[] { "flags" } } } });
        await RefusedAsync("unknown_environment", "/subscriptions/0/environment", new { name = "x", kind = "slack", url, subscriptions = new[] { new { environment = "mars", events = new[] { "flags" } } } });
        await RefusedAsync("invalid", "/chatId", new { name = "x", kind = "telegram", chatId = "a b", token = "123:abcdefgh" });
        await RefusedAsync("invalid", "/recipients/0", new { name = "x", kind = "email", recipients = new[] { "a@b.example\r\nBcc: c@d.example" } });
        await RefusedAsync("invalid", "/signingSecret", new { name = "x", kind = "webhook", url, signingSecret = "short" });
        await RefusedAsync("invalid", "/language", new { name = "x", kind = "slack", url, language = "xx" });
    }

    [Fact]
    public async Task Who_may_not_read_the_audit_log_has_nothing_sent_and_nobody_hears_of_other_projects()
    {
        var project = await server.CreateProjectAsync();
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Member);
        await viewer.PostAsync($"{project}/notifications/destinations", new { name = "x", kind = "slack", url = server.Sink.UrlOf("/x") }, 403);
        await server.Admin.PostAsync("/api/v1/orgs/default/roles", new { key = "teller", name = "Teller", permissions = new[] { "organization.view", "project.view", "notification.manage" } }, 201);
        var teller = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var id = (await teller.GetAsync("/api/v1/me")).Get("id");
        await server.Admin.PostAsync("/api/v1/orgs/default/grants", new { principal = new { kind = "user", id }, role = "teller" }, 201);
        Assert.Equal("audit_view_required", (await teller.PostAsync($"{project}/notifications/destinations", new { name = "x", kind = "slack", url = server.Sink.UrlOf("/x") }, 403)).Code);
        Assert.Equal("audit_view_required", (await teller.PostAsync("/api/v1/orgs/default/notifications/destinations", new { name = "x", kind = "slack", url = server.Sink.UrlOf("/x") }, 403)).Code);

        Assert.Equal("audit_view_required", (await teller.GetAsync($"{project}/notifications/deliveries", 403)).Code);

        // A project's destination hears of its project alone, an organization's of all or one.
        var (own, _, path, _) = await server.CreateWebhookAsync("flags");
        var (whole, one) = (HttpSink.NewPath(), HttpSink.NewPath());
        foreach (var (at, of) in new[] { (whole, (string?)null), (one, own.Split('/')[^1]) })
            await server.Admin.PostAsync("/api/v1/orgs/default/notifications/destinations", new { name = at, kind = "webhook", url = server.Sink.UrlOf(at), subscriptions = new[] { new { project = of, events = new[] { "flag.created" } } } }, 201);
        await server.CreateFlagAsync(project, "elsewhere");
        await server.CreateFlagAsync(own, "here");
        await server.Sink.NextAsync(path);
        await server.Sink.NextAsync(one);
        await Eventually.TrueAsync(() => Task.FromResult(server.Sink.At(whole).Count(posted => posted.Body.Contains("elsewhere", StringComparison.Ordinal) || posted.Body.Contains("\"here\"", StringComparison.Ordinal)) == 2));
        Assert.Single(server.Sink.At(path));
        Assert.Single(server.Sink.At(one));
        foreach (var at in (await server.Admin.GetAsync("/api/v1/orgs/default/notifications/destinations")).At("items").EnumerateArray().Select(row => row.GetProperty("id").GetString()))
            await server.Admin.DeleteAsync($"/api/v1/orgs/default/notifications/destinations/{at}", 204);
    }

    private async Task<string> DestinationAsync(string project, string name) =>
        $"{project}/notifications/destinations/{(await server.Admin.GetAsync($"{project}/notifications/destinations?search={name}")).Get("items", "0", "id")}";
}
