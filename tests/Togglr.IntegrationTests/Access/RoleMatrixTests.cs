using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Security;
using Togglr.IntegrationTests.ControlPlane;

namespace Togglr.IntegrationTests.Access;

/// <summary>Each built-in role at each endpoint of an organization: let through or refused exactly as the declared permission says.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class RoleMatrixTests(ControlPlaneServer server, ITestOutputHelper output)
{
    [Theory]
    [InlineData("owner")]
    [InlineData("manager")]
    [InlineData("member")]
    [InlineData("viewer")]
    public async Task A_role_opens_exactly_what_its_permissions_say(string role)
    {
        var tenant = await Tenant.CreateAsync(server);
        var person = role == "owner" ? tenant.Owner : await tenant.AddAsync(role);
        var permissions = BuiltInRoles.PermissionsOf(role);
        var (allowed, refused) = (0, 0);
        foreach (var (method, path, endpoint, requirement) in Calls(tenant))
        {
            var (status, body) = await CallAsync(person, method, path, endpoint);
            var isRefused = status == 403 && body.Contains($"This needs the permission {requirement.Permission}.", StringComparison.Ordinal);
            Assert.True(status < 500, $"{method} {path} answered {status}: {body}");
            Assert.True(isRefused != permissions.Contains(requirement.Permission!), $"{role} and {method} {path} ({requirement}): {status} {body}");
            _ = isRefused ? refused++ : allowed++;
        }
        output.WriteLine($"{role}: {allowed} allowed, {refused} refused");
        Assert.True(allowed + refused > 80);
        Assert.Equal(role == "owner", refused == 0);
    }

    [Fact]
    public async Task A_role_in_an_environment_opens_nothing_else()
    {
        var tenant = await Tenant.CreateAsync(server);
        var person = await tenant.AddAsync("owner", "shop", "dev");
        var manage = BuiltInRoles.PermissionsOf("owner");
        string[] around = [Permissions.OrganizationView, Permissions.ProjectView, Permissions.FlagView];
        foreach (var (method, path, endpoint, requirement) in Calls(tenant))
        {
            if (requirement.Kind != AccessKind.Permission)
                continue;
            var (status, body) = await CallAsync(person, method, path, endpoint);
            Assert.True((status == 403) != around.Contains(requirement.Permission), $"{method} {path} ({requirement}): {status} {body}");
            if (!path.Contains("/environments/prod", StringComparison.Ordinal))
                continue;
            var there = await CallAsync(person, method, path.Replace("/environments/prod", "/environments/dev", StringComparison.Ordinal), endpoint);
            Assert.True(there.Status != 403 && manage.Contains(requirement.Permission!), $"{method} {path} in dev: {there.Status} {there.Body}");
        }
    }

    /// <summary>With a version that nothing has: whoever is let through changes nothing.</summary>
    private Task<(int Status, string Body)> CallAsync(Person person, string method, string path, RouteEndpoint endpoint) =>
        EndpointCall.SendAsync(server.Address, new HttpMethod(method), path, person.Token, endpoint, null, ("If-Match", "\"999999\""));

    private IEnumerable<(string Method, string Path, RouteEndpoint Endpoint, AccessRequirement Requirement)> Calls(Tenant tenant) =>
        from endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let requirement = endpoint.Metadata.GetMetadata<AccessRequirement>()
        where requirement is { Kind: AccessKind.Permission or AccessKind.PermissionWithin }
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        select (method, Fill(endpoint, tenant), endpoint, requirement);

    private static string Fill(RouteEndpoint endpoint, Tenant tenant) => EndpointCall.Fill(endpoint, (parameter, _) => parameter.Name switch
    {
        "org" => tenant.Key,
        "project" => "shop",
        "env" => "prod",
        _ when parameter.ParameterPolicies.Any(policy => policy.Content == "int") => "1",
        _ => parameter.ParameterPolicies.Count > 0 ? Guid.Empty.ToString() : "none",
    });
}
