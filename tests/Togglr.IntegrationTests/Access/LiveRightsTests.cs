using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Access;

/// <summary>Changes of rights act on what is open already, on whichever server process.</summary>
public sealed class LiveRightsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private TogglrServer _one = null!;
    private TogglrServer _two = null!;
    private Tenant _tenant = null!;

    public async ValueTask InitializeAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        string[] options = ["--database-url", database, "--jwt-secret", Secret, "--encryption-keys", "1:" + Convert.ToBase64String(new byte[32]), "--demo", "true"];
        _one = await TogglrServer.StartAsync(options);
        await Eventually.TrueAsync(async () => (await _one.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
        _two = await TogglrServer.StartAsync(options);
        await Eventually.TrueAsync(async () => (await _two.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
        _tenant = await Tenant.CreateAsync(_one);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_loses_a_grant_hears_nothing_of_it_afterwards()
    {
        var member = await _tenant.AddAsync("viewer", "shop");
        var inBank = await _tenant.GrantAsync(member.Id, "viewer", "bank");
        using var here = await OpenAsync(_one, member);
        using var there = await OpenAsync(_two, member);
        await ChangeAsync("bank");
        Assert.Equal("bank", await NextProjectAsync(here));
        Assert.Equal("bank", await NextProjectAsync(there));
        await _tenant.Owner.DeleteAsync($"{_tenant.Path}/grants/{inBank}", 204);
        await ChangeAsync("bank");
        await ChangeAsync("shop");
        Assert.Equal("shop", await NextProjectAsync(here));
        Assert.Equal("shop", await NextProjectAsync(there));
    }

    [Fact]
    public async Task A_role_that_loses_flags_tells_nothing_of_them()
    {
        await _tenant.Owner.PostAsync($"{_tenant.Path}/roles", new { key = "reader", permissions = new[] { "flag.view" } }, 201);
        var member = await _tenant.AddAsync("reader");
        using var page = await OpenAsync(_two, member);
        await ChangeAsync("shop");
        Assert.Equal("shop", await NextProjectAsync(page));
        await _tenant.Owner.PatchAsync($"{_tenant.Path}/roles/reader", new { permissions = Array.Empty<string>() });
        await ChangeAsync("shop");
        await _tenant.Owner.PatchAsync($"{_tenant.Path}/projects/bank", new { description = "marker" });
        Assert.Equal("bank", await NextProjectAsync(page));
    }

    [Fact]
    public async Task Whoever_is_deactivated_is_cut_off_within_a_second()
    {
        var member = await _tenant.AddAsync("viewer");
        using var here = await OpenAsync(_one, member, $"org={_tenant.Key}");
        using var there = await OpenAsync(_two, member);
        var since = Stopwatch.GetTimestamp();
        await _tenant.Owner.PostAsync($"{_tenant.Path}/members/{member.Id}/deactivate", null, 204);
        await EndedAsync(here);
        await EndedAsync(there);
        // A second, and what a busy machine adds.
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5), $"took {Stopwatch.GetElapsedTime(since)}");
        var refused = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(Address(_two, $"token={member.Token}&org={_tenant.Key}"), CancellationToken.None));
    }

    [Fact]
    public async Task A_page_of_one_project_ends_with_the_right_to_see_it_and_only_that_one()
    {
        var member = await _tenant.AddAsync("viewer", "shop");
        var inBank = await _tenant.GrantAsync(member.Id, "viewer", "bank");
        using var bank = await OpenAsync(_two, member, $"org={_tenant.Key}&project_id=bank");
        using var shop = await OpenAsync(_two, member, $"org={_tenant.Key}&project_id=shop");
        await _tenant.Owner.DeleteAsync($"{_tenant.Path}/grants/{inBank}", 204);
        await EndedAsync(bank);
        await ChangeAsync("shop");
        Assert.Equal("shop", await NextProjectAsync(shop));
    }

    [Fact]
    public async Task Strangers_and_members_without_the_right_hear_nothing_of_people()
    {
        var stranger = await (await Tenant.CreateAsync(_one)).AddAsync("owner");
        var member = await _tenant.AddAsync("viewer", "shop");
        using var outside = await OpenAsync(_one, stranger);
        using var inside = await OpenAsync(_one, member);
        await _tenant.AddAsync("viewer", "bank");
        await _tenant.Owner.PostAsync($"{_tenant.Path}/roles", new { key = "secret-role", permissions = Array.Empty<string>() }, 201);
        await _tenant.Owner.PostAsync($"{_tenant.Path}/projects", new { key = "secret" });
        await ChangeAsync("shop");
        Assert.Equal("shop", await NextProjectAsync(inside));
        await outside.SendAsync("""{"type":"ping"}"""u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        Assert.Equal("pong", (await NextAsync(outside)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Tokens_follow_what_their_owner_may_do()
    {
        var accounts = $"{_tenant.Path}/service-accounts";
        var account = (await _tenant.Owner.PostAsync(accounts, new { key = "ci" }, 201)).Get("id");
        var grant = await _tenant.GrantAsync(Guid.Parse(account), "member", "shop", kind: "service_account");
        var secret = (await _tenant.Owner.PostAsync($"{accounts}/{account}/tokens", new { name = "x" }, 201)).Get("secret");
        // Confined to a project in which the account has nothing, a token opens nothing.
        var useless = (await _tenant.Owner.PostAsync($"{accounts}/{account}/tokens", new { name = "y", project = "bank" }, 201)).Get("secret");
        using var program = new HttpClient { BaseAddress = _two.Address };
        program.DefaultRequestHeaders.Authorization = new("Bearer", useless);
        Assert.Equal(404, (int)(await program.GetAsync($"{_tenant.Path}/projects/bank")).StatusCode);
        Assert.Equal(404, (int)(await program.GetAsync($"{_tenant.Path}/projects/shop")).StatusCode);
        program.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        Assert.Equal(200, (int)(await program.GetAsync($"{_tenant.Path}/projects/shop/flags/f")).StatusCode);
        await _tenant.Owner.DeleteAsync($"{_tenant.Path}/grants/{grant}", 204);
        Assert.Equal(404, (int)(await program.GetAsync($"{_tenant.Path}/projects/shop/flags/f")).StatusCode);
    }

    private async Task ChangeAsync(string project) => await _tenant.Owner.PatchAsync($"{_tenant.Path}/projects/{project}/flags/f", new { description = Guid.CreateVersion7().ToString() });

    private static Uri Address(TogglrServer server, string query) => new UriBuilder(server.Address) { Scheme = "ws", Path = "/api/ws", Query = query }.Uri;

    private static async Task<ClientWebSocket> OpenAsync(TogglrServer server, Person person, string query = "")
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(Address(server, $"token={person.Token}&{query}".TrimEnd('&')), CancellationToken.None);
        return socket;
    }

    private static async Task<string?> NextProjectAsync(ClientWebSocket socket) => (await NextAsync(socket)).GetProperty("project").GetString();

    private static async Task<JsonElement> NextAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var received = await socket.ReceiveAsync(buffer, limit.Token);
        Assert.True(received is { MessageType: WebSocketMessageType.Text, EndOfMessage: true }, $"{received.MessageType} {socket.CloseStatus}");
        return JsonDocument.Parse(buffer.AsMemory(0, received.Count)).RootElement.Clone();
    }

    private static async Task EndedAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
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
}
