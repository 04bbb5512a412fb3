using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.EffectivePermissions;

internal static class PermissionEndpoints
{
    public static void MapPermissions(this IEndpointRouteBuilder organization)
    {
        var permissions = organization.MapGroup("/permissions").WithTags("Access");
        permissions.MapGet("", List).WithName("listPermissions").WithSummary("All permissions there are").RequirePermissionWithin(Permissions.MembershipView);
        permissions.MapGet("/effective", ExplainAccess.HandleAsync).WithName("explainAccess").WithSummary("What somebody may do somewhere, and why; oneself if nobody is named")
            .RequirePermission(Permissions.OrganizationView);
    }

    private static Ok<IReadOnlyList<PermissionDescription>> List() => TypedResults.Ok(PermissionCatalogue.All);
}
