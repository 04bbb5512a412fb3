using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Security;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

/// <summary>What happens to pages and programs that are open when their owner is signed out, kept out or loses a token: over at once.</summary>
public sealed class OpenPageTests(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>A second on an idle machine, and far less than the half minute after which every page is asked about anyway.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    private TogglrServer _server = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TogglrServer.StartAsync(postgres);
        _admin = await _server.SignInAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_deactivated_member_s_page_token_and_session_are_over_at_once()
    {
        var (id, member) = await CreateMemberAsync("kept-out@example.com");
        var made = await (await member.PostAsJsonAsync("api/v1/me/tokens", new { name = "ci", organization = "default" })).Content.ReadFromJsonAsync<JsonElement>();
        using var program = With(made.GetProperty("secret").GetString()!);
        Assert.True((await program.GetAsync("api/v1/orgs/default")).IsSuccessStatusCode);
        using var page = await OpenAsync(member);
        using var programPage = await OpenAsync(program);
        Assert.True((await _admin.PostAsJsonAsync($"api/v1/orgs/default/members/{id}/deactivate", new { })).IsSuccessStatusCode);
        await EndsAsync(page);
        await EndsAsync(programPage);
        Assert.Equal(404, (int)(await member.GetAsync("api/v1/orgs/default")).StatusCode);
        Assert.Equal(401, (int)(await program.GetAsync("api/v1/orgs/default")).StatusCode);
    }

    [Fact]
    public async Task A_page_ends_with_its_session_and_a_program_s_with_its_token()
    {
        var (_, member) = await CreateMemberAsync("leaving@example.com");
        var elsewhere = await _server.SignInAsync("leaving@example.com", "correct horse");
        using var page = await OpenAsync(elsewhere);
        using var own = await OpenAsync(member);
        Assert.True((await member.DeleteAsync("api/v1/me/sessions")).IsSuccessStatusCode);
        await EndsAsync(page);
        Assert.Equal(401, (int)(await elsewhere.GetAsync("api/v1/me")).StatusCode);

        var made = await (await member.PostAsJsonAsync("api/v1/me/tokens", new { name = "ci", organization = "default" })).Content.ReadFromJsonAsync<JsonElement>();
        using var program = await OpenAsync(With(made.GetProperty("secret").GetString()!));
        Assert.True((await member.DeleteAsync($"api/v1/me/tokens/{made.GetProperty("id").GetString()}")).IsSuccessStatusCode);
        await EndsAsync(program);
        Assert.Equal(WebSocketState.Open, own.State);
        Assert.True((await member.DeleteAsync("api/v1/me/sessions?all=true")).IsSuccessStatusCode);
        await EndsAsync(own);
    }

    private async Task<(Guid Id, HttpClient Client)> CreateMemberAsync(string email)
    {
        await using var scope = _server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var user = User.Create(email, email).Value!;
        user.SetPassword(scope.ServiceProvider.GetRequiredService<Passwords>().Hash("correct horse"), mustChange: false);
        db.UseOrganization(db.Organizations.Single(row => row.Key == "default").Id);
        db.Users.Add(user);
        db.Memberships.Add(Membership.Create(db.OrganizationId, user));
        db.RoleGrants.Add(RoleGrant.Create(db.OrganizationId, new PrincipalId(PrincipalKind.User, user.Id), GrantedRole.Of(BuiltInRole.Member)));
        Assert.True((await db.CommitAsync(new Change(ChangeActor.System(), "member.added", email))).IsOk);
        return (user.Id, await _server.SignInAsync(email, "correct horse"));
    }

    private HttpClient With(string token) => new() { BaseAddress = _server.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };

    private async Task<ClientWebSocket> OpenAsync(HttpClient client)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{_server.Address.Authority}/api/ws?org=default&token={client.DefaultRequestHeaders.Authorization!.Parameter}"), CancellationToken.None);
        return socket;
    }

    private static async Task EndsAsync(ClientWebSocket page)
    {
        using var limit = new CancellationTokenSource(AtOnce);
        var buffer = new byte[4096];
        try
        {
            while ((await page.ReceiveAsync(buffer, limit.Token)).MessageType != WebSocketMessageType.Close)
            {
                // What was told before the end.
            }
        }
        catch (WebSocketException)
        {
            // Cut off, without a farewell.
        }
    }
}
