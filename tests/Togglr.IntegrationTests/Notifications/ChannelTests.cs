using System.Text.Json;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Notifications;

[Collection(NotificationTests.Name)]
public sealed class ChannelTests(NotifyServer server)
{
    private const string Reason = "<!channel> @channel *bold* [x](https://evil.example) <b>&amp;</b>\nsecond";

    [Fact]
    public async Task Slack_shows_what_people_wrote_literally()
    {
        var (told, project) = await KillAsync(new { kind = "slack" });
        Assert.False(told.GetProperty("unfurl_links").GetBoolean());
        Assert.DoesNotContain('<', told.GetProperty("text").GetString()!);
        var blocks = told.GetProperty("blocks");
        Assert.Equal("plain_text", blocks[0].GetProperty("text").GetProperty("type").GetString());
        var reason = blocks[1].GetProperty("elements")[0];
        Assert.Equal(("plain_text", "Reason: <!channel> @channel *bold* [x](https://evil.example) <b>&amp;</b> second"), (reason.GetProperty("type").GetString(), reason.GetProperty("text").GetString()));
        Assert.Equal($"<https://flags.example.com/base/p/default/{project}/flags/a|Open in Togglr>", blocks[2].GetProperty("text").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Mattermost_gets_markdown_in_which_nothing_that_people_wrote_means_anything()
    {
        var (told, project) = await KillAsync(new { kind = "mattermost" });
        var lines = told.GetProperty("text").GetString()!.Split('\n');
        Assert.StartsWith("**", lines[0], StringComparison.Ordinal);
        Assert.Equal("Reason\\: \\<\\!channel\\> @\u200Bchannel \\*bold\\* \\[x\\]\\(https\\://evil\\.example\\) \\<b\\>\\&amp;\\</b\\> second", lines[1]);
        Assert.Equal($"[Open in Togglr](https://flags.example.com/base/p/default/{project}/flags/a)", lines[2]);
    }

    [Fact]
    public async Task Telegram_gets_escaped_html_for_its_chat_in_the_language_of_the_destination()
    {
        var path = HttpSink.NewPath();
        var (told, project) = await KillAsync(new { kind = "telegram", chatId = "-100123", apiUrl = server.Sink.UrlOf(path), token = "123456:ABC-def_ghi", language = "ru" }, $"{path}/bot123456:ABC-def_ghi/sendMessage");
        Assert.Equal(("-100123", "HTML"), (told.GetProperty("chat_id").GetString(), told.GetProperty("parse_mode").GetString()));
        var lines = told.GetProperty("text").GetString()!.Split('\n');
        Assert.Contains($": аварийно отключён флаг a (проект Project {project}).</b>", lines[0], StringComparison.Ordinal);
        Assert.Equal("Причина: &lt;!channel&gt; @channel *bold* [x](https://evil.example) &lt;b&gt;&amp;amp;&lt;/b&gt; second", lines[1]);
        Assert.StartsWith("<a href=\"https://flags.example.com/base/", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_goes_to_nobody_but_whom_it_was_entered_for_and_is_in_no_error()
    {
        var project = await server.CreateProjectAsync();
        var path = HttpSink.NewPath();
        server.Sink.Answer($"{path}/bot123456:Secret-token/sendMessage", async http =>
        {
            http.Response.StatusCode = 401;
            await http.Response.Body.WriteAsync("""{"ok":false,"description":"bot123456:Secret-token is unknown"}"""u8.ToArray());
        });
        var id = (await server.Admin.PostAsync($"{project}/notifications/destinations", new { name = "t", kind = "telegram", chatId = "@room", apiUrl = server.Sink.UrlOf(path), token = "123456:Secret-token" }, 201)).Get("id");
        var tested = await server.Admin.PostAsync($"{project}/notifications/destinations/{id}/test");
        Assert.Equal("127.0.0.1 answered 401: {\"ok\":false,\"description\":\"bot*** is unknown\"}", tested.Get("error"));
        var moved = await server.Admin.PatchAsync($"{project}/notifications/destinations/{id}", new { apiUrl = server.Sink.UrlOf("/elsewhere") }, 400);
        Assert.Equal("/token", moved.Get("errors", "0", "path"));
    }

    [Fact]
    public async Task Mail_goes_to_every_address_as_text_and_html()
    {
        var project = await server.CreateProjectAsync();
        var (one, two) = ($"{Guid.CreateVersion7():n}@example.com", $"{Guid.CreateVersion7():n}@example.com");
        await server.Admin.PostAsync($"{project}/notifications/destinations", new { name = "Mail", kind = "email", recipients = new[] { one, two }, subscriptions = new[] { new { events = new[] { "flag.killed" } } } }, 201);
        await server.CreateFlagAsync(project, "a");
        await server.Admin.PostAsync($"{project}/flags/a/kill", new { reason = Reason });
        var mail = await server.Mail.NextAsync(one);
        Assert.Equal([one, two], mail.GetProperty("envelope").GetProperty("to").EnumerateArray().Select(address => address.GetString()));
        Assert.Contains("pulled the kill switch of the flag a in Project", mail.GetProperty("subject").GetString(), StringComparison.Ordinal);
        Assert.Contains("Reason: <!channel> @channel", mail.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;", mail.GetProperty("html").GetString(), StringComparison.Ordinal);
        Assert.Contains($"https://flags.example.com/base/p/default/{project.Split('/')[^1]}/flags/a", mail.GetProperty("html").GetString(), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{project}/notifications/deliveries?state=delivered")).At("total").GetInt64() == 1);
    }

    /// <summary>Has a kill switch pulled told to a new destination; what came to its address.</summary>
    private async Task<(JsonElement Told, string Project)> KillAsync(object destination, string? path = null)
    {
        var project = await server.CreateProjectAsync();
        var at = path ?? HttpSink.NewPath();
        var body = JsonSerializer.SerializeToNode(destination)!.AsObject();
        body["name"] = "Chat";
        body["subscriptions"] = JsonSerializer.SerializeToNode(new[] { new { events = new[] { "flag.killed" } } });
        if (path is null)
            body["url"] = server.Sink.UrlOf(at);
        await server.Admin.PostAsync($"{project}/notifications/destinations", body.ToJsonString(), 201);
        await server.CreateFlagAsync(project, "a");
        await server.Admin.PostAsync($"{project}/flags/a/kill", new { reason = Reason });
        return (JsonDocument.Parse((await server.Sink.NextAsync(at)).Body).RootElement, project.Split('/')[^1]);
    }
}
