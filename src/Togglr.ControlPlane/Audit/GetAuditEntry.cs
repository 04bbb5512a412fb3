using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

internal static class GetAuditEntry
{
    public static async Task<Results<Ok<AuditEntryView>, Problem>> HandleAsync(
        Guid id, Current current, [FromServices] TogglrDatabase database, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(id, current, database, db, cancel) is { } entry ? TypedResults.Ok(AuditViews.Alone(entry)) : NotThere(id);

    public static Problem NotThere(Guid id) => Problem.NotFound($"There is no entry {id}.");

    /// <summary>An entry that the caller may see.</summary>
    public static async Task<AuditEntry?> FindAsync(Guid id, Current current, TogglrDatabase database, TogglrDbContext db, CancellationToken cancel)
    {
        var visible = await AuditScope.VisibleProjectsAsync(current, db, cancel);
        var entry = await new AuditLog(database.DataSource, current.OrganizationId).FindAsync(id, cancel);
        return visible is null || visible.Contains(entry?.Project, StringComparer.Ordinal) ? entry : null;
    }
}
