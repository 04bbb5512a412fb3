using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>Takes a flag out of every snapshot, and brings it back. Doing either twice changes nothing.</summary>
internal static class ArchiveFlag
{
    public static Task<Results<Versioned<FlagView>, Problem>> ArchiveAsync(
        string flag, ReasonRequest? request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        RunAsync(flag, "flag.archived", row => row.Archive(time.GetUtcNow()), request, current, db, cancel);

    public static Task<Results<Versioned<FlagView>, Problem>> RestoreAsync(
        string flag, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        RunAsync(flag, "flag.restored", row => row.Restore(), request, current, db, cancel);

    private static async Task<Results<Versioned<FlagView>, Problem>> RunAsync(
        string flag, string action, Func<Flag, Result> change, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var changed = change(row);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (await current.SaveAsync(action, row.Key, row.Id, request?.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<FlagView>(await FlagStore.ViewAsync(db, row, cancel), row.Version);
    }
}
