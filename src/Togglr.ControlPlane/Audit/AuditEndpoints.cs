using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Audit;

internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder organization)
    {
        var audit = organization.MapGroup("/audit").WithTags("Audit");
        audit.MapGet("", ListAuditEntries.HandleAsync).WithName("listAuditEntries").WithSummary("What was changed, newest first").RequirePermissionWithin(Permissions.AuditView);
        audit.MapGet("/{id:guid}", GetAuditEntry.HandleAsync).WithName("getAuditEntry").WithSummary("An entry with all that changed").RequirePermissionWithin(Permissions.AuditView);
        audit.MapGet("/filters", ListAuditFilters.HandleAsync).WithName("listAuditFilters").WithSummary("Values to filter the audit log by")
            .RequirePermissionWithin(Permissions.AuditView);
        audit.MapGet("/export", ExportAudit.HandleAsync).WithName("exportAuditEntries").WithSummary("All entries that fit, as one file; an entry says that they were taken")
            .RequirePermissionWithin(Permissions.AuditView).Produces<string>(StatusCodes.Status200OK, "text/csv", "application/x-ndjson");
        audit.MapGet("/verify", VerifyAudit.HandleAsync).WithName("verifyAuditChain").WithSummary("Check that nothing was altered, removed or inserted")
            .RequirePermission(Permissions.AuditView);
        audit.MapPost("/{id:guid}/restore", RestoreAuditEntry.HandleAsync).WithName("restoreAuditEntry")
            .WithSummary("Bring an entity back to the state before or after a change; needs the permission of changing it, too").RequirePermissionWithin(Permissions.AuditView);
    }
}
