using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

internal static class GetFlag
{
    public static async Task<Results<Versioned<FlagView>, Problem>> HandleAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FlagStore.FindAsync(db, current, flag, cancel) is { } row
            ? new Versioned<FlagView>(await FlagStore.ViewAsync(db, row, cancel), row.Version)
            : FlagStore.NotThere(flag);
}
