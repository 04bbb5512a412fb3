using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Security;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Access;

/// <summary>Organizations of their own with people in them, for tests of who may do what.</summary>
internal sealed class Tenant
{
    private static int _number;

    private readonly IServiceProvider _services;
    private readonly Func<string, string, Task<Api>> _signIn;

    private Tenant(IServiceProvider services, Func<string, string, Task<Api>> signIn, string key) => (_services, _signIn, Key) = (services, signIn, key);

    public string Key { get; }

    public string Path => $"/api/v1/orgs/{Key}";

    /// <summary>Owns it.</summary>
    public Person Owner { get; private set; } = null!;

    /// <summary>A new organization with the projects <c>shop</c> and <c>bank</c>, each with a flag <c>f</c>.</summary>
    public static Task<Tenant> CreateAsync(ControlPlaneServer server) => CreateAsync(server.Services, server.SignInAsync);

    /// <summary>The same on a server that tests do not share.</summary>
    public static Task<Tenant> CreateAsync(TogglrServer server) =>
        CreateAsync(server.Services, async (email, password) => new Api(await server.SignInAsync(email, password)));

    private static async Task<Tenant> CreateAsync(IServiceProvider services, Func<string, string, Task<Api>> signIn)
    {
        var tenant = new Tenant(services, signIn, $"t{Interlocked.Increment(ref _number)}");
        tenant.Owner = await tenant.AddAsync("owner");
        foreach (var project in new[] { "shop", "bank" })
        {
            await tenant.Owner.PostAsync($"{tenant.Path}/projects", new { key = project });
            await tenant.Owner.PostAsync($"{tenant.Path}/projects/{project}/flags", new { key = "f", type = "boolean" });
        }
        return tenant;
    }

    /// <summary>A member, signed in, perhaps with a role somewhere.</summary>
    public async Task<Person> AddAsync(string? role = null, string? project = null, string? environment = null)
    {
        var email = $"p{Interlocked.Increment(ref _number)}@{Key}.example";
        Guid id;
        await using (var scope = _services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            var organization = db.Organizations.SingleOrDefault(row => row.Key == Key);
            if (organization is null)
                db.Organizations.Add(organization = Organization.Create(Key, $"Organization {Key}").Value!);
            var user = User.Create(email, $"Person {email}").Value!;
            user.SetPassword(scope.ServiceProvider.GetRequiredService<Passwords>().Hash("correct horse"), mustChange: false);
            id = user.Id;
            db.UseOrganization(organization.Id);
            db.Users.Add(user);
            db.Memberships.Add(Membership.Create(organization.Id, user));
            if (role == "owner" && project is null)
                db.RoleGrants.Add(RoleGrant.Create(organization.Id, new PrincipalId(PrincipalKind.User, id), GrantedRole.Of(BuiltInRole.Owner)));
            var committed = await db.CommitAsync(new Change(ChangeActor.System(), "member.added", email));
            Assert.True(committed.IsOk, committed.Error?.Message);
        }
        if (role is not null && !(role == "owner" && project is null))
            await GrantAsync(id, role, project, environment);
        return new Person(await _signIn(email, "correct horse"), id, email);
    }

    /// <summary>The owner grants something; the grant's id.</summary>
    public async Task<string> GrantAsync(Guid id, string role, string? project = null, string? environment = null, string kind = "user") =>
        (await Owner.PostAsync($"{Path}/grants", new { principal = new { kind, id }, role, project, environment }, 201)).Get("id");

    /// <summary>A provider that writes over SCIM; its token.</summary>
    public async Task<string> ConnectScimAsync(string key, string name)
    {
        await Owner.PostAsync($"{Path}/identity-providers", new { key, name, kind = "scim", settings = new { } });
        return (await Owner.PostAsync($"{Path}/identity-providers/{key}/scim-token", new { })).Get("secret");
    }
}

/// <summary>Somebody with a sign-in.</summary>
internal sealed record Person(Api Api, Guid Id, string Email)
{
    public string Token => Api.Http.DefaultRequestHeaders.Authorization!.Parameter!;

    public Task<Answer> GetAsync(string path, int expect = 0) => Api.GetAsync(path, expect);

    public Task<Answer> PostAsync(string path, object? body = null, int expect = 0) => Api.PostAsync(path, body, expect);

    public Task<Answer> PatchAsync(string path, object body, int expect = 0) => Api.PatchAsync(path, body, expect);

    public Task<Answer> PutAsync(string path, int expect = 0) => Api.SendAsync(HttpMethod.Put, path, null, expect);

    public Task<Answer> DeleteAsync(string path, int expect = 0) => Api.DeleteAsync(path, expect);
}
