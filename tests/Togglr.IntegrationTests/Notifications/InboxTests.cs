using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Notifications;

[Collection(NotificationTests.Name)]
public sealed class InboxTests(NotifyServer server)
{
    [Fact]
    public async Task A_request_is_told_to_those_who_can_approve_it_and_what_becomes_of_it_to_its_author()
    {
        var project = await server.CreateProjectAsync();
        var (author, approver, bystander) = (await MemberAsync(), await MemberAsync(BuiltInRole.Manager), await MemberAsync());
        await server.Admin.PostAsync($"{project}/change-policies", new { environment = "prod" }, 201);
        var number = (await author.PostAsync($"{project}/flags", new { key = "asked", type = "boolean" }, 202)).Get("number");
        var told = await NextAsync(approver, project);
        Assert.Equal(("changerequest.created", "review"), (told.Get("event"), told.Get("concern")));
        Assert.Equal($"/p/default/{project.Split('/')[^1]}/changes/{number}", told.Get("path"));
        Assert.Equal(0, await UnreadAsync(author));

        await approver.PostAsync($"{project}/change-requests/{number}/comments", new { text = "why?" });
        Assert.Equal(("changerequest.commented", "request"), await EventOfAsync(author, project));
        await author.PostAsync($"{project}/change-requests/{number}/comments", new { text = "because" });
        Assert.Equal(("changerequest.commented", "request"), await EventOfAsync(approver, project, count: 2));
        await approver.PostAsync($"{project}/change-requests/{number}/approve");
        Assert.Equal(("changerequest.approved", "request"), await EventOfAsync(author, project, count: 2));
        Assert.Equal(0, await UnreadAsync(bystander));

        // Reading one and all of it; nobody reads another's.
        var item = (await author.GetAsync("/api/v1/me/inbox?unread=true")).At("items", "0").GetProperty("id").GetString();
        await approver.PostAsync($"/api/v1/me/inbox/{item}/read", expect: 404);
        await author.PostAsync($"/api/v1/me/inbox/{item}/read", expect: 204);
        Assert.Equal(1, await UnreadAsync(author));
        // Whoever opens the page has read what leads to it, and nothing else.
        Assert.Equal(2, (await approver.PostAsync("/api/v1/me/inbox/read?path=/elsewhere")).At("unread").GetInt32());
        Assert.Equal(0, (await approver.PostAsync($"/api/v1/me/inbox/read?path={Uri.EscapeDataString(told.Get("path"))}")).At("unread").GetInt32());
        Assert.Equal(1, await UnreadAsync(author));
        Assert.Equal(0, (await author.PostAsync("/api/v1/me/inbox/read")).At("unread").GetInt32());
        Assert.Equal(2, (await author.GetAsync("/api/v1/me/inbox")).At("items").GetArrayLength());
        var first = await author.GetAsync("/api/v1/me/inbox?limit=1");
        var second = await author.GetAsync($"/api/v1/me/inbox?limit=1&cursor={first.Get("nextCursor")}");
        Assert.NotEqual(first.Get("items", "0", "id"), second.Get("items", "0", "id"));
        await author.GetAsync("/api/v1/me/inbox?cursor=x", 400);
    }

    [Fact]
    public async Task Who_is_mentioned_in_a_comment_is_told_if_they_may_see_it()
    {
        var project = await server.CreateProjectAsync();
        var (author, bystander) = (await MemberAsync(), await MemberAsync());
        var elsewhere = await server.CreateProjectAsync();
        var stranger = await MemberAsync(BuiltInRole.Viewer);
        var (bystanderId, strangerId, authorId) = (await IdAsync(bystander), await IdAsync(stranger), await IdAsync(author));
        var all = (await server.Admin.GetAsync("/api/v1/orgs/default/grants?limit=200")).At("items").EnumerateArray().First(grant => grant.GetRawText().Contains(strangerId, StringComparison.Ordinal)).GetProperty("id").GetString();
        await server.Admin.PostAsync("/api/v1/orgs/default/grants", new { principal = new { kind = "user", id = strangerId }, role = "viewer", project = elsewhere.Split('/')[^1] }, 201);
        await server.Admin.DeleteAsync($"/api/v1/orgs/default/grants/{all}", 204);
        await server.Admin.PostAsync($"{project}/change-policies", new { environment = "prod" }, 201);
        var comments = $"{project}/change-requests/{(await author.PostAsync($"{project}/flags", new { key = "asked", type = "boolean" }, 202)).Get("number")}/comments";

        var said = await author.PostAsync(comments, new { text = "@Somebody, is this right?", mentions = new[] { bystanderId, bystanderId, authorId } });
        Assert.Equal(("changerequest.commented", "mention"), await EventOfAsync(bystander, project));
        Assert.Equal([bystanderId, authorId], said.At("events").EnumerateArray().Last().GetProperty("mentions").EnumerateArray().Select(person => person.GetProperty("id").GetString()));
        Assert.Equal(0, await UnreadAsync(author));
        // A comment without mentions is none of theirs.
        await author.PostAsync(comments, new { text = "Anybody?" });
        await ToldAllAsync();
        Assert.Equal(1, await UnreadAsync(bystander));
        Assert.Equal("/mentions/1", (await author.PostAsync(comments, new { text = "x", mentions = new[] { bystanderId, strangerId } }, 400)).Get("errors", "0", "path"));
        await author.PostAsync(comments, new { text = "x", mentions = Enumerable.Range(0, 21).Select(_ => Guid.CreateVersion7()) }, 400);
        await stranger.PostAsync(comments, new { text = "x" }, 404);

        var people = (await author.GetAsync($"{project}/change-requests/people?search={Uri.EscapeDataString(await NameAsync(bystander))}")).At("items");
        Assert.Contains(bystanderId, people.EnumerateArray().Select(person => person.GetProperty("id").GetString()));
        var strangers = (await author.GetAsync($"{project}/change-requests/people?search={Uri.EscapeDataString(await NameAsync(stranger))}")).At("items");
        Assert.DoesNotContain(strangerId, strangers.EnumerateArray().Select(person => person.GetProperty("id").GetString()));
        await stranger.GetAsync($"{project}/change-requests/people", 404);
    }

    [Fact]
    public async Task Owners_hear_of_trouble_watchers_of_what_they_watch_and_nobody_of_what_they_did_themselves()
    {
        var project = await server.CreateProjectAsync();
        var (owner, watcher, other) = (await MemberAsync(), await MemberAsync(BuiltInRole.Viewer), await MemberAsync());
        var id = (await owner.GetAsync("/api/v1/me")).Get("id");
        await server.Admin.PostAsync($"{project}/flags", new { key = "mine", type = "boolean", owner = id }, 201);
        await server.CreateFlagAsync(project, "other");
        Assert.Equal(["mine"], (await watcher.PutAsync($"{project}/watch", new { flag = "mine", watching = true })).At("flags").EnumerateArray().Select(flag => flag.GetString()));
        await watcher.PutAsync($"{project}/watch", new { flag = "nothing", watching = true }, 400);
        await server.Admin.PostAsync($"{project}/flags/other/environments/dev/toggle", new { enabled = true });
        await server.Admin.PostAsync($"{project}/flags/mine/environments/dev/toggle", new { enabled = true });
        Assert.Equal(("flag.enabled", "watch"), await EventOfAsync(watcher, project));
        await server.Admin.PostAsync($"{project}/flags/mine/kill", new { reason = "x" });
        Assert.Equal(("flag.killed", "owner"), await EventOfAsync(owner, project));
        Assert.Equal(("flag.killed", "watch"), await EventOfAsync(watcher, project, count: 2));
        await watcher.PutAsync($"{project}/watch", new { flag = "mine", watching = false });
        await owner.PutAsync($"{project}/watch", new { watching = true });
        await owner.PostAsync($"{project}/flags/mine/revive", new { reason = "better" });
        await server.CreateFlagAsync(project, "third");
        Assert.Equal(("flag.created", "watch"), await EventOfAsync(owner, project, count: 2));
        Assert.Equal(2, await UnreadAsync(watcher));
        Assert.Equal(0, await UnreadAsync(other));
    }

    [Fact]
    public async Task Who_begins_to_watch_is_not_told_of_what_was_before_however_late_it_is_told()
    {
        var project = await server.CreateProjectAsync();
        var person = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        await server.CreateFlagAsync(project, "before");
        await ToldAllAsync();
        await person.PutAsync($"{project}/watch", new { watching = true });
        await server.ExecuteAsync("UPDATE notification_cursors SET sequence = sequence - 1 WHERE organization_id = (SELECT id FROM organizations WHERE key = 'default')");
        await server.CreateFlagAsync(project, "after");
        await ToldAllAsync();
        Assert.EndsWith("/flags/after", (await NextAsync(person, project)).Get("path"), StringComparison.Ordinal);
        Assert.Equal(1, await UnreadAsync(person));
    }

    [Fact]
    public async Task Who_may_not_see_a_project_any_more_hears_nothing_of_it_and_finds_nothing_of_it()
    {
        var project = await server.CreateProjectAsync();
        var key = project.Split('/')[^1];
        var person = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var id = (await person.GetAsync("/api/v1/me")).Get("id");
        var all = (await server.Admin.GetAsync("/api/v1/orgs/default/grants?limit=200")).At("items").EnumerateArray().First(grant => grant.GetRawText().Contains(id, StringComparison.Ordinal)).GetProperty("id").GetString();
        var here = (await server.Admin.PostAsync("/api/v1/orgs/default/grants", new { principal = new { kind = "user", id }, role = "viewer", project = key }, 201)).Get("id");
        await server.Admin.DeleteAsync($"/api/v1/orgs/default/grants/{all}", 204);
        await person.PutAsync($"{project}/watch", new { watching = true });
        await server.CreateFlagAsync(project, "seen");
        await NextAsync(person, project);
        await server.Admin.DeleteAsync($"/api/v1/orgs/default/grants/{here}", 204);
        Assert.Equal(0, (await person.GetAsync("/api/v1/me/inbox")).At("items").GetArrayLength());
        Assert.Equal(0, await UnreadAsync(person));
        await server.CreateFlagAsync(project, "unseen");
        await ToldAllAsync();
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM inbox_items WHERE user_id = '{id}'"));
    }

    [Fact]
    public async Task Mail_comes_at_once_or_in_a_digest_and_muted_groups_come_not_at_all()
    {
        var project = await server.CreateProjectAsync();
        var (quick, daily, muted) = (await MemberAsync(), await MemberAsync(), await MemberAsync());
        foreach (var person in new[] { quick, daily, muted })
            await person.PutAsync($"{project}/watch", new { watching = true });
        Assert.Equal("off", (await daily.GetAsync("/api/v1/me/notifications")).Get("mail"));
        await quick.PutAsync("/api/v1/me/notifications", new { mail = "immediately" });
        var set = await daily.PutAsync("/api/v1/me/notifications", new { mail = "daily", hour = 7 });
        var due = set.At("nextDigestAt").GetDateTimeOffset();
        Assert.True(due > TimeProvider.System.GetUtcNow() && due.UtcDateTime.Hour == 7);
        await muted.PutAsync("/api/v1/me/notifications", new { mail = "immediately", mutedGroups = new[] { "flags" } });
        await muted.PutAsync("/api/v1/me/notifications", new { mail = "daily", hour = 24 }, 400);
        await muted.PutAsync("/api/v1/me/notifications", new { mail = "daily", mutedGroups = new[] { "everything" } }, 400);
        await server.CreateFlagAsync(project, "a");
        await server.CreateFlagAsync(project, "b");
        var mails = await server.Mail.NextAsync(await EmailAsync(quick), count: 2);
        Assert.Contains("created the flag", mails.GetProperty("subject").GetString(), StringComparison.Ordinal);
        await NextAsync(daily, project, count: 2);
        Assert.Equal(0, await UnreadAsync(muted));
        Assert.Empty(await server.Mail.MailsAsync(await EmailAsync(daily)));

        // The hour has come.
        var id = (await daily.GetAsync("/api/v1/me")).Get("id");
        await server.ExecuteAsync($"UPDATE notification_preferences SET next_digest_at = now() WHERE user_id = '{id}'");
        var digest = await server.Mail.NextAsync(await EmailAsync(daily));
        Assert.Equal("Togglr: 2 unread notifications", digest.GetProperty("subject").GetString());
        Assert.Contains("created the flag a", digest.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("https://flags.example.com/base/inbox", digest.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM notification_preferences WHERE user_id = '{id}' AND next_digest_at > now()"));
        // What was told is not told again.
        await server.ExecuteAsync($"UPDATE notification_preferences SET next_digest_at = now() WHERE user_id = '{id}'");
        await Eventually.TrueAsync(async () => await server.CountAsync($"SELECT count(*) FROM notification_preferences WHERE user_id = '{id}' AND next_digest_at > now()") == 1);
        Assert.Single(await server.Mail.MailsAsync(await EmailAsync(daily)));
    }

    private Task<Api> MemberAsync(BuiltInRole role = BuiltInRole.Member) => server.CreateMemberAsync("default", role);

    private static async Task<string> EmailAsync(Api api) => (await api.GetAsync("/api/v1/me")).Get("email");

    private static async Task<string> IdAsync(Api api) => (await api.GetAsync("/api/v1/me")).Get("id");

    private static async Task<string> NameAsync(Api api) => (await api.GetAsync("/api/v1/me")).Get("name");

    private static async Task<int> UnreadAsync(Api api) => (await api.GetAsync("/api/v1/me/inbox/unread")).At("unread").GetInt32();

    /// <summary>Waits until there are so many things about a project in somebody's inbox; the newest of them.</summary>
    private static async Task<Answer> NextAsync(Api api, string project, int count = 1)
    {
        var key = project.Split('/')[^1];
        Answer inbox = null!;
        await Eventually.TrueAsync(async () => (inbox = await api.GetAsync("/api/v1/me/inbox")).At("items").EnumerateArray().Count(item => item.GetProperty("project").GetString() == key) >= count, timeoutSeconds: 30);
        return inbox with { Json = inbox.At("items", "0") };
    }

    private static async Task<(string Event, string Concern)> EventOfAsync(Api api, string project, int count = 1)
    {
        var newest = await NextAsync(api, project, count);
        return (newest.Get("event"), newest.Get("concern"));
    }

    /// <summary>Waits until everything that happened so far was told.</summary>
    private Task ToldAllAsync() => Eventually.TrueAsync(async () =>
        await server.CountAsync("SELECT count(*) FROM audit_chains c JOIN organizations o ON o.id = c.organization_id LEFT JOIN notification_cursors n ON n.organization_id = o.id WHERE c.sequence > coalesce(n.sequence, 0)") == 0);
}
