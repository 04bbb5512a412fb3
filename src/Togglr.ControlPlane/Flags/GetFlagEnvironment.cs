using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Analysis;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

internal static class GetFlagEnvironment
{
    public static async Task<Results<Versioned<FlagEnvironmentView>, Problem>> HandleAsync(
        string flag, Current current, TogglrDbContext db, AnalysisCache cache, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        var state = row.StateIn(current.Environment);
        var problems = await TargetingCheck.WarningsAsync(db, cache, row, state, cancel);
        return new Versioned<FlagEnvironmentView>(await FlagStore.ViewAsync(db, row, state, problems, cancel), state.Version);
    }
}
