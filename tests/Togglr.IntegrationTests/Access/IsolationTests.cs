using System.Net.WebSockets;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Security;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Access;

/// <summary>
/// Walks through every endpoint of the running server as another tenant. An endpoint that the walk cannot fill fails it, so that it stays complete.
/// </summary>
public sealed class IsolationTests(PostgresFixture postgres, ITestOutputHelper output) : IAsyncLifetime
{
    private TogglrServer _server = null!;
    private Victim _victim = null!;
    private Tenant _attacker = null!;
    private string _attackerKey = "";

    public async ValueTask InitializeAsync()
    {
        _server = await TogglrServer.StartAsync(postgres, "--edge-token", "an-edge-token-for-tests");
        _victim = await Victim.CreateAsync(_server);
        _attacker = await Tenant.CreateAsync(_server);
        _attackerKey = (await _attacker.Owner.PostAsync($"{_attacker.Path}/projects/shop/environments/prod/keys", new { name = "x", kind = "server" }, 201)).Get("secret");
        // What is looked for is there to be found.
        Assert.Contains(Victim.Marker, (await _victim.Tenant.Owner.GetAsync($"{_victim.Tenant.Path}/projects/vault/flags")).Json.GetRawText(), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await ReadAsync(HttpMethod.Get, "/sdk/v1/config", _victim.SdkKey, null)).Body.Contains(Victim.Marker, StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await ReadAsync(HttpMethod.Get, "/sdk/v1/config", _attackerKey, null)).Status == 200);
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task No_endpoint_tells_or_does_anything_across_tenants()
    {
        var before = await _victim.CountAuditAsync();
        var endpoints = _server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        var personal = (await _attacker.Owner.PostAsync("/api/v1/me/tokens", new { name = "x", organization = _attacker.Key })).Get("secret");
        var account = (await _attacker.Owner.PostAsync($"{_attacker.Path}/service-accounts", new { key = "robot" }, 201)).Get("id");
        await _attacker.GrantAsync(Guid.Parse(account), "owner", kind: "service_account");
        var robot = (await _attacker.Owner.PostAsync($"{_attacker.Path}/service-accounts/{account}/tokens", new { name = "x" }, 201)).Get("secret");
        var provider = await _attacker.ConnectScimAsync("ascim", "x");
        var (calls, walked) = (0, 0);
        foreach (var endpoint in endpoints)
        {
            var requirement = Assert.Single(endpoint.Metadata.OfType<AccessRequirement>());
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                walked++;
                calls += requirement.Kind switch
                {
                    AccessKind.Anonymous => await AnonymousAsync(method, endpoint),
                    AccessKind.SdkKey => await WithSdkKeyAsync(method, endpoint),
                    AccessKind.EdgeToken => await WithForeignTokenAsync(method, endpoint),
                    AccessKind.ProviderToken => await WithForeignTokenAsync(method, endpoint) + await WithProviderTokenAsync(method, endpoint, provider),
                    _ => await SignedInAsync(method, endpoint, personal, robot),
                };
            }
        }
        output.WriteLine($"{walked} of {walked} endpoints walked across tenants, {calls} calls, none told anything.");
        Assert.True(walked > 120, $"only {walked} endpoints");
        Assert.Equal(before, await _victim.CountAuditAsync());
        await _victim.Tenant.Owner.GetAsync($"{_victim.Tenant.Path}/projects/vault");
    }

    [Fact]
    public async Task Ids_and_keys_of_another_tenant_mean_nothing_in_bodies()
    {
        var (owner, path) = (_attacker.Owner, _attacker.Path);
        await owner.PostAsync($"{path}/groups", new { key = "g" }, 201);
        var account = (await owner.PostAsync($"{path}/service-accounts", new { key = "a" }, 201)).Get("id");
        foreach (var (kind, id) in new[] { ("user", _victim.Member.Id.ToString()), ("group", _victim.Values["group-id"]), ("service_account", _victim.Values["service-accounts"]) })
        {
            await RefusedAsync(HttpMethod.Post, $"{path}/grants", new { principal = new { kind, id }, role = "viewer" });
            await RefusedAsync(HttpMethod.Get, $"{path}/permissions/effective?principal={kind}:{id}", null);
        }
        await RefusedAsync(HttpMethod.Post, $"{path}/grants", new { principal = new { kind = "user", id = owner.Id }, role = "viewer", project = "vault" });
        await RefusedAsync(HttpMethod.Post, $"{path}/grants", new { principal = new { kind = "user", id = owner.Id }, role = "guard" });
        await RefusedAsync(HttpMethod.Put, $"{path}/groups/g/members/{_victim.Member.Id}", null);
        await RefusedAsync(HttpMethod.Post, $"{path}/service-accounts/{account}/tokens", new { name = "x", project = "vault" });
        await RefusedAsync(HttpMethod.Post, $"{path}/invitations", new { email = "a@b.example", grants = new[] { new { role = "viewer", project = "vault" } } });
        await RefusedAsync(HttpMethod.Post, $"{path}/invitations", new { email = "a@b.example", grants = new[] { new { role = "guard" } } });
        await RefusedAsync(HttpMethod.Post, $"{path}/projects/shop/flags", new { key = "owned", type = "boolean", owner = _victim.Member.Id });
        await RefusedAsync(HttpMethod.Post, "/api/v1/me/tokens", new { name = "x", organization = _victim.Tenant.Key });
        await RefusedAsync(HttpMethod.Post, "/api/v1/me/tokens", new { name = "x", organization = _attacker.Key, project = "vault" });
        Assert.Equal(1, await _victim.CountAsync($"SELECT count(*) FROM role_grants WHERE user_id = '{_victim.Member.Id}'"));
    }

    [Fact]
    public async Task Another_tenants_pages_cannot_be_listened_to()
    {
        foreach (var query in new[] { $"org={_victim.Tenant.Key}", $"org={_victim.Tenant.Key}&project_id=vault", $"project_id={_victim.Values["project-id"]}" })
        {
            using var socket = new ClientWebSocket();
            socket.Options.CollectHttpResponseDetails = true;
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(
                new UriBuilder(_server.Address) { Scheme = "ws", Path = "/api/ws", Query = $"token={_attacker.Owner.Token}&{query}" }.Uri, CancellationToken.None));
            Assert.Equal(404, (int)socket.HttpStatusCode);
        }
    }

    [Fact]
    public async Task The_database_sees_only_one_tenant_at_a_time()
    {
        await using var scope = _server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var unfiltered = db.Model.GetEntityTypes().Where(type => typeof(ITenantOwned).IsAssignableFrom(type.ClrType) && type.GetDeclaredQueryFilters().Count == 0).Select(type => type.ClrType.Name);
        Assert.Empty(unfiltered);
    }

    private async Task<int> SignedInAsync(string method, RouteEndpoint endpoint, string personal, string robot)
    {
        var parameters = endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        var http = new HttpMethod(method);
        var calls = 0;
        if (endpoint.RoutePattern.RawText == "/api/ws")
            return await CallAsync(http, "/api/ws", personal, endpoint, [426]);
        if (parameters.Contains("org"))
        {
            var theirs = Fill(endpoint, _victim.Tenant.Key, "vault");
            calls += await CallAsync(http, theirs, _attacker.Owner.Token, endpoint, [404]);
            calls += await CallAsync(http, theirs, personal, endpoint, [404]);
            calls += await CallAsync(http, theirs, robot, endpoint, [404]);
            calls += await CallAsync(http, theirs, null, endpoint, [401]);
            if (parameters.Contains("project"))
                calls += await CallAsync(http, Fill(endpoint, _attacker.Key, "vault"), _attacker.Owner.Token, endpoint, [404]);
        }
        // Where nothing but one's own is named, the answer is about one's own; where something of theirs is, there is no such thing.
        parameters.ExceptWith(["org", "project", "env"]);
        int[]? expected = parameters.Count > 0 && !endpoint.RoutePattern.RawText!.EndsWith("{role}", StringComparison.Ordinal) ? (method is "GET" or "DELETE" ? [404] : [404, 400]) : null;
        calls += await CallAsync(http, Fill(endpoint, _attacker.Key, "shop"), _attacker.Owner.Token, endpoint, expected);
        return calls;
    }

    private async Task<int> AnonymousAsync(string method, RouteEndpoint endpoint)
    {
        var path = Fill(endpoint, _victim.Tenant.Key, "vault");
        return await CallAsync(new HttpMethod(method), $"{path}{(path.Contains('?', StringComparison.Ordinal) ? "&" : "?")}org={_victim.Tenant.Key}", null, endpoint, null);
    }

    private async Task<int> WithSdkKeyAsync(string method, RouteEndpoint endpoint)
    {
        var path = Fill(endpoint, _attacker.Key, "shop");
        var refused = await CallAsync(new HttpMethod(method), path, "tgs_0000000000000000000000000000000000000000", endpoint, [401]);
        return refused + await CallAsync(new HttpMethod(method), path, _attackerKey, endpoint, null) + await CallAsync(new HttpMethod(method), path, _attacker.Owner.Token, endpoint, [401]);
    }

    private async Task<int> WithForeignTokenAsync(string method, RouteEndpoint endpoint)
    {
        var path = Fill(endpoint, _attacker.Key, "shop");
        var http = new HttpMethod(method);
        return await CallAsync(http, path, null, endpoint, [401, 403, 404]) + await CallAsync(http, path, _attacker.Owner.Token, endpoint, [401, 403, 404])
            + await CallAsync(http, path, _attackerKey, endpoint, [401, 403, 404]);
    }

    /// <summary>Another tenant's provider finds nothing of the victim's provider's by id, in lists, in searches and in patches.</summary>
    private async Task<int> WithProviderTokenAsync(string method, RouteEndpoint endpoint, string token)
    {
        var route = endpoint.RoutePattern.RawText!;
        var isOfSomebody = route.EndsWith("/Users/{id}", StringComparison.Ordinal) || route.EndsWith("/Groups/{id}", StringComparison.Ordinal);
        var http = new HttpMethod(method);
        var calls = await CallAsync(http, Fill(endpoint, _attacker.Key, "shop"), token, endpoint, isOfSomebody ? [404] : null);
        if (route.EndsWith("/Users", StringComparison.Ordinal) && method == "GET")
            calls += await CallAsync(http, $"/scim/v2/Users?filter=userName eq \"{Victim.Marker}\"", token, endpoint, [200]);
        return calls;
    }

    private async Task<int> CallAsync(HttpMethod method, string path, string? token, RouteEndpoint endpoint, int[]? expected)
    {
        var (status, body) = await ReadAsync(method, path, token, endpoint);
        var call = $"{method} {path} ({endpoint.Metadata.OfType<AccessRequirement>().Single()}) answered {status}";
        Assert.True(status is < 500 or 501, $"{call}: {body}");
        Assert.True(expected is null || expected.Contains(status), $"{call}, not {string.Join(" or ", expected ?? [])}: {body}");
        Assert.False(body.Contains(Victim.Marker, StringComparison.OrdinalIgnoreCase), $"{call} and told something of another tenant: {body}");
        return 1;
    }

    private async Task RefusedAsync(HttpMethod method, string path, object? body)
    {
        var answer = await _attacker.Owner.Api.SendAsync(method, path, body, -1);
        Assert.True(answer.Status is 400 or 403 or 404, $"{method} {path} answered {answer.Status}: {answer.Json}");
        Assert.DoesNotContain(Victim.Marker, answer.Json.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    private Task<(int Status, string Body)> ReadAsync(HttpMethod method, string path, string? token, RouteEndpoint? endpoint) => EndpointCall.SendAsync(_server.Address, method, path, token, endpoint);

    /// <summary>The endpoint's path with everything that belongs to the victim in its places.</summary>
    private string Fill(RouteEndpoint endpoint, string organization, string project) => EndpointCall.Fill(endpoint, (parameter, before) => parameter.Name switch
    {
        "org" => organization,
        "project" => project,
        _ => ValueOf(endpoint, parameter.Name, before),
    });

    private string ValueOf(RouteEndpoint endpoint, string parameter, string before)
    {
        if (_victim.Values.TryGetValue(parameter is "id" ? before : parameter, out var value))
            return value;
        Assert.Fail($"The walk does not know {{{parameter}}} of {endpoint.RoutePattern.RawText}: give the victim one, so that it can be tried by another tenant.");
        return "";
    }
}
