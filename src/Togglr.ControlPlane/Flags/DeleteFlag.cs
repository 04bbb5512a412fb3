using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Layers;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>Deletes a flag for good. Only archived flags: that way nothing that runs can notice.</summary>
internal static class DeleteFlag
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (row.ArchivedAt is null)
            return Problem.Conflict("Archive the flag first: only archived flags can be deleted.", "not_archived");
        if (await LayerEndpoints.UsesAsync(db, current, experiment => experiment.FlagId == row.Id, "What experiments on the flag told would be lost. Delete them first.", cancel) is { } used)
            return used;
        db.Flags.Remove(row);
        if (await current.SaveAsync("flag.deleted", row.Key, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }
}
