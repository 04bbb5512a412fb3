using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.LiveEvents;

public sealed class LiveEventTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TogglrServer _server = null!;
    private HttpClient _admin = null!;
    private string _organization = "";
    private string Token => _admin.DefaultRequestHeaders.Authorization!.Parameter!;

    public async ValueTask InitializeAsync()
    {
        _server = await TogglrServer.StartAsync(postgres);
        _admin = await _server.SignInAsync();
        var me = await _admin.GetFromJsonAsync<JsonElement>("api/v1/me");
        _organization = me.GetProperty("organizations")[0].GetProperty("key").GetString()!;
        await PostAsync($"api/v1/orgs/{_organization}/projects", new { key = "live", name = "Live" });
        await PostAsync($"api/v1/orgs/{_organization}/projects", new { key = "other", name = "Other" });
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_change_is_told_to_the_pages_that_asked_for_it()
    {
        using var page = await OpenAsync($"?org={_organization}&project_id=live", "token." + Token);
        Assert.Equal("token." + Token, page.SubProtocol);
        using var everything = await OpenAsync("?token=" + Token);
        await PostAsync($"api/v1/orgs/{_organization}/projects/other/flags", new { key = "elsewhere", type = "boolean" });
        await PostAsync($"api/v1/orgs/{_organization}/projects/live/flags", new { key = "checkout", type = "boolean" });
        var change = await NextAsync(page);
        Assert.Equal(("togglr", "flag_created", "flag", "checkout", "created"), (Text(change, "source"), Text(change, "type"), Text(change, "entity"), Text(change, "entity_id"), Text(change, "action")));
        Assert.True(Guid.TryParse(Text(change, "project_id"), out _));
        Assert.True(change.GetProperty("timestamp").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddMinutes(-1));
        Assert.NotEqual("", change.GetProperty("actor").GetProperty("name").GetString());
        Assert.Equal("elsewhere", Text(await NextAsync(everything), "entity_id"));
        Assert.Equal("checkout", Text(await NextAsync(everything), "entity_id"));
    }

    [Fact]
    public async Task A_page_of_one_environment_hears_nothing_of_others()
    {
        await PostAsync($"api/v1/orgs/{_organization}/projects/live/flags", new { key = "checkout", type = "boolean" });
        using var page = await OpenAsync($"?org={_organization}&project_id=live&env_id=prod", "token." + Token);
        await PostAsync($"api/v1/orgs/{_organization}/projects/live/flags/checkout/environments/dev/toggle", new { enabled = true });
        await PostAsync($"api/v1/orgs/{_organization}/projects/live/flags/checkout/environments/prod/toggle", new { enabled = true });
        var change = await NextAsync(page);
        Assert.Equal("prod", Text(change, "environment"));
        Assert.True(change.GetProperty("revision").GetInt64() > 1);
    }

    [Fact]
    public async Task A_ping_is_answered_and_nonsense_is_not()
    {
        using var page = await OpenAsync("?token=" + Token);
        foreach (var message in new[] { "nonsense", "[]", "{\"type\":5}", "{\"type\":\"ping\"}" })
            await page.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, CancellationToken.None);
        var pong = await NextAsync(page);
        Assert.Equal("pong", Text(pong, "type"));
        Assert.True(pong.TryGetProperty("timestamp", out _));
    }

    [Fact]
    public async Task A_message_that_is_too_long_ends_the_connection()
    {
        using var page = await OpenAsync("?token=" + Token);
        await page.SendAsync(new byte[100_000], WebSocketMessageType.Text, true, CancellationToken.None);
        await EndedAsync(page);
    }

    [Theory]
    [InlineData("", 401)]
    [InlineData("?token=nonsense", 401)]
    [InlineData("?token={0}&project_id=nope", 404)]
    [InlineData("?token={0}&org=nope&project_id=live", 404)]
    [InlineData("?token={0}&project_id=live&env_id=nope", 404)]
    public async Task Who_may_not_see_it_is_refused(string query, int status)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address(query.Replace("{0}", Token, StringComparison.Ordinal)), CancellationToken.None));
        Assert.Equal(status, (int)socket.HttpStatusCode);
        using var plain = await _server.Anonymous.GetAsync("api/ws");
        Assert.Equal(426, (int)plain.StatusCode);
    }

    [Fact]
    public async Task Losing_the_right_to_see_ends_the_stories()
    {
        using var page = await OpenAsync("?token=" + Token);
        using var scope = _server.Services.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        await db.Users.ExecuteUpdateAsync(user => user.SetProperty(row => row.DisabledAt, TimeProvider.System.GetUtcNow()));
        await EndedAsync(page, seconds: 45);
    }

    private Uri Address(string query) => new UriBuilder(_server.Address) { Scheme = "ws", Path = "/api/ws", Query = query }.Uri;

    private async Task<ClientWebSocket> OpenAsync(string query, string? protocol = null)
    {
        var socket = new ClientWebSocket();
        if (protocol is not null)
            socket.Options.AddSubProtocol(protocol);
        await socket.ConnectAsync(Address(query), CancellationToken.None);
        return socket;
    }

    private async Task PostAsync(string path, object body)
    {
        using var answer = await _admin.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> NextAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var received = await socket.ReceiveAsync(buffer, limit.Token);
        Assert.True(received is { MessageType: WebSocketMessageType.Text, EndOfMessage: true });
        return JsonDocument.Parse(buffer.AsMemory(0, received.Count)).RootElement;
    }

    private static async Task EndedAsync(ClientWebSocket socket, int seconds = 15)
    {
        var buffer = new byte[1024];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            while ((await socket.ReceiveAsync(buffer, limit.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Cut off: as good an end as any.
        }
    }

    private static string? Text(JsonElement change, string name) => change.GetProperty(name).GetString();
}
