using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Access;

/// <summary>A tenant that has one of everything, each with a name that nobody else may read.</summary>
internal sealed class Victim
{
    /// <summary>Part of every name, description and value, and of no key that a stranger could send.</summary>
    public const string Marker = "Zebra-7f3a";

    private readonly TogglrServer _server;

    private Victim(TogglrServer server, Tenant tenant) => (_server, Tenant) = (server, tenant);

    public Tenant Tenant { get; }

    public Person Member { get; private set; } = null!;

    public string SdkKey { get; private set; } = "";

    /// <summary>What to put into routes: by the parameter's name, or for ids by the segment before.</summary>
    public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    public static async Task<Victim> CreateAsync(TogglrServer server)
    {
        var victim = new Victim(server, await Tenant.CreateAsync(server));
        await victim.FillProjectAsync();
        await victim.FillOrganizationAsync();
        return victim;
    }

    public Task<long> CountAuditAsync() => CountAsync($"SELECT count(*) FROM audit_entries WHERE organization_id = '{Values["organization-id"]}'");

    public async Task<long> CountAsync(string sql)
    {
        await using var command = _server.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task FillProjectAsync()
    {
        var owner = Tenant.Owner;
        await owner.PatchAsync(Tenant.Path, new { name = Marker });
        Values["organization-id"] = (await owner.GetAsync(Tenant.Path)).Get("id");
        Values["project-id"] = (await owner.PostAsync($"{Tenant.Path}/projects", new { key = "vault", name = Marker }, 201)).Get("id");
        var vault = $"{Tenant.Path}/projects/vault";
        Values["env"] = "prod";
        await owner.PostAsync($"{vault}/categories", new { key = Values["category"] = "vcategory", name = Marker }, 201);
        await owner.PostAsync($"{vault}/tags", new { key = Values["tag"] = "vtag", name = Marker }, 201);
        await owner.PostAsync($"{vault}/attributes", new { name = Values["name"] = "vattribute", type = "string", description = Marker }, 201);
        Values["contexts"] = (await owner.PostAsync($"{vault}/contexts", new { name = Marker, context = new { targetingKey = Marker } }, 201)).Get("id");
        await owner.PostAsync($"{vault}/segments", new { key = Values["segment"] = "vsegment", name = Marker, included = new[] { Marker } }, 201);
        await owner.PostAsync($"{vault}/flags", new
        {
            key = Values["flag"] = "vflag", name = Marker, type = "string", clientVisible = true, environments = new { prod = new { enabled = true } },
            variants = new[] { new { key = "a", value = Marker }, new { key = "b", value = $"{Marker} too" } },
        }, 201);
        Values["schedules"] = (await owner.PostAsync($"{vault}/flags/vflag/environments/prod/schedules", new { name = Marker, kind = "once", action = "enable", at = "2100-01-01T00:00:00Z" }, 201)).Get("id");
        Values["ramps"] = (await owner.PostAsync($"{vault}/flags/vflag/environments/prod/ramps", new { to = "b", preset = "careful", reason = Marker }, 201)).Get("id");
        await owner.PostAsync($"{vault}/metrics", new { key = Values["metric"] = "vmetric", name = Marker, definition = new { kind = "conversion", @event = Marker } }, 201);
        await owner.PostAsync($"{vault}/layers", new { key = Values["layer"] = "vlayer", name = Marker }, 201);
        await owner.PostAsync($"{vault}/holdouts", new { key = Values["holdout"] = "vholdout", name = Marker, percentage = 5 }, 201);
        await owner.PostAsync($"{vault}/experiments", new
        {
            key = Values["experiment"] = "vexperiment", name = Marker, flag = "vflag", environment = "prod", hypothesis = Marker, layer = new { key = "vlayer", percentage = 10 }, holdout = "vholdout",
            plan = new { metrics = new[] { new { metric = "vmetric", role = "primary" } } },
        }, 201);
        Values["views"] = (await owner.PostAsync($"{vault}/views", new { name = Marker, query = $"search={Marker}", shared = true }, 201)).Get("id");
        Values["number"] = (await owner.PostAsync($"{vault}/change-requests", new
        {
            title = Marker, description = Marker, changes = new[] { new { method = "POST", path = "flags", body = new { key = "vasked", name = Marker, type = "boolean" } } },
        }, 201)).Get("number");
        Values["position"] = "0";
        Values["change-policies"] = (await owner.PostAsync($"{vault}/change-policies", new { tag = "vtag" }, 201)).Get("id");
        Values["key"] = "vflag";
        Values["documentName"] = "openapi";
        Values["destinations"] = (await owner.PostAsync($"{vault}/notifications/destinations", new { name = Marker, kind = "slack", url = $"https://hooks.example.com/{Marker}", enabled = false }, 201)).Get("id");
        Values["inbox"] = Guid.CreateVersion7().ToString();
        Values["deliveries"] = Guid.CreateVersion7().ToString();
        await using var delivery = _server.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(
            $$$"""
            INSERT INTO notification_deliveries (id, organization_id, destination_id, sequence, event, body, state, attempts, created_at, next_attempt_at, give_up_at)
            SELECT '{{{Values["deliveries"]}}}', organization_id, id, 1, 'x', '{"id":"{{{Values["destinations"]}}}","type":"x","occurredAt":"2026-01-01T00:00:00Z","summary":"{{{Marker}}}","organization":{"key":"x","name":"x"}}', 'dead', 1, now(), now(), now()
            FROM notification_destinations WHERE id = '{{{Values["destinations"]}}}'
            """);
        await delivery.ExecuteNonQueryAsync();
        await owner.Api.SendAsync(HttpMethod.Put, $"{vault}/flags/vflag/environments/prod/health/settings", new { maxErrors = 10 }, 200);
        Values["incident"] = "1";
        await using (var incident = _server.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(
            $$"""
            INSERT INTO incidents (id, organization_id, project_id, flag_id, environment_id, flag_key, environment_key, number, cause, measure, began_at, opened_at, resolution, version, created_at, updated_at)
            SELECT gen_random_uuid(), f.organization_id, f.project_id, f.id, e.id, f.key, e.key, 1, '{"rule":"count","seconds":60,"errors":10,"evaluations":10,"rate":1,"threshold":10}', 'announce', now(), now(), '{{Marker}}', 1, now(), now()
            FROM flags f JOIN environments e ON e.project_id = f.project_id AND e.key = 'prod' WHERE f.project_id = '{{Values["project-id"]}}' AND f.key = 'vflag'
            """))
            await incident.ExecuteNonQueryAsync();
        var key = await owner.PostAsync($"{vault}/environments/prod/keys", new { name = Marker, kind = "server" }, 201);
        (SdkKey, Values["keys"]) = (key.Get("secret"), key.Get("id"));
    }

    private async Task FillOrganizationAsync()
    {
        var owner = Tenant.Owner;
        Member = await Tenant.AddAsync();
        Values["members"] = Values["user"] = Member.Id.ToString();
        await owner.PostAsync($"{Tenant.Path}/roles", new { key = Values["role"] = "guard", name = Marker, permissions = new[] { "flag.view" } }, 201);
        Values["grants"] = await Tenant.GrantAsync(Member.Id, "guard");
        Values["group-id"] = (await owner.PostAsync($"{Tenant.Path}/groups", new { key = Values["group"] = "vgroup", name = Marker }, 201)).Get("id");
        await owner.PutAsync($"{Tenant.Path}/groups/vgroup/members/{Member.Id}", 204);
        Values["service-accounts"] = (await owner.PostAsync($"{Tenant.Path}/service-accounts", new { key = "vaccount", name = Marker }, 201)).Get("id");
        Values["token"] = (await owner.PostAsync($"{Tenant.Path}/service-accounts/{Values["service-accounts"]}/tokens", new { name = Marker }, 201)).Get("id");
        Values["invitations"] = (await owner.PostAsync($"{Tenant.Path}/invitations", new { email = "somebody@elsewhere.example", name = Marker, grants = new[] { new { role = "viewer" } } })).Get("id");
        Values["tokens"] = (await owner.PostAsync("/api/v1/me/tokens", new { name = Marker, organization = Tenant.Key })).Get("id");
        Values["sessions"] = (await owner.GetAsync("/api/v1/me/sessions")).Get("items", "0", "id");
        Values["audit"] = (await owner.GetAsync($"{Tenant.Path}/audit")).Get("items", "0", "id");
        await using var scope = _server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var organization = Guid.Parse(Values["organization-id"]);
        db.UseOrganization(organization);
        var provider = IdentityProvider.Create(
            organization, Values["provider"] = "vprovider", Marker, IdentityProviderKind.Oidc, JsonDocument.Parse("{}").RootElement, JsonDocument.Parse("[]").RootElement).Value!;
        db.IdentityProviders.Add(provider);
        Assert.True((await db.CommitAsync(new Change(ChangeActor.System(), "identity_provider.created", "vprovider"))).IsOk);
        foreach (var kind in new[] { "oidc", "saml", "ldap" })
            Values[kind] = provider.Id.ToString();
        await ProvisionAsync();
        Values["syncs"] = Guid.CreateVersion7().ToString();
        await using var sync = _server.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(
            $"""
            INSERT INTO directory_syncs (id, organization_id, provider_id, trigger, force, status, started_at, scanned, created, updated, deactivated, skipped, error, claimed_until, attempts)
            VALUES ('{Values["syncs"]}', '{organization}', '{provider.Id}', 'manual', false, 'failed', now(), 0, 0, 0, 0, 0, '{Marker}', now(), 1)
            """);
        await sync.ExecuteNonQueryAsync();
    }

    /// <summary>A provider that writes over SCIM, and what it wrote.</summary>
    private async Task ProvisionAsync()
    {
        var token = await Tenant.ConnectScimAsync("vscim", Marker);
        async Task<string> WriteAsync(string path, string body)
        {
            var (status, text) = await EndpointCall.SendAsync(_server.Address, HttpMethod.Post, $"/scim/v2/{path}", token, null, body);
            Assert.True(status == 201, text);
            return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
        }
        Values["Users"] = await WriteAsync("Users", $$"""{"userName":"{{Marker}}","displayName":"{{Marker}}","emails":[{"value":"provisioned@{{Tenant.Key}}.example"}]}""");
        Values["Groups"] = await WriteAsync("Groups", $$"""{"displayName":"{{Marker}}","members":[{"value":"{{Values["Users"]}}"}]}""");
        (Values["ResourceTypes"], Values["Schemas"], Values["rest"]) = ("User", "urn:ietf:params:scim:schemas:core:2.0:User", "nothing");
    }
}
