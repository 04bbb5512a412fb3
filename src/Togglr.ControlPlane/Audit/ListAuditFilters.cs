using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>The values to filter by, read off the indexes: one step per value, however many entries have it.</summary>
internal static class ListAuditFilters
{
    public static async Task<Ok<AuditFiltersView>> HandleAsync(Current current, [FromServices] TogglrDatabase database, TogglrDbContext db, CancellationToken cancel)
    {
        var visible = await AuditScope.VisibleProjectsAsync(current, db, cancel);
        var log = new AuditLog(database.DataSource, current.OrganizationId);
        var values = await log.ReadValuesAsync(visible, cancel);
        var environments = db.Environments.AsNoTracking();
        if (visible is not null)
            environments = environments.Where(row => visible.Contains(row.Project!.Key));
        return TypedResults.Ok(new AuditFiltersView(
            [.. values.Actors.Select(actor => new AuditActorView(actor.Kind, actor.Id, actor.Name))],
            values.Actions, [.. values.Actions.Select(action => action.Split('.')[0]).Distinct(StringComparer.Ordinal)], visible is null ? values.Projects : [.. visible.Order(StringComparer.Ordinal)],
            await environments.Select(row => row.Key).Distinct().OrderBy(key => key).Take(500).ToListAsync(cancel)));
    }
}
