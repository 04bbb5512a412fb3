using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Analysis;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

internal static class ToggleFlag
{
    public static async Task<Results<Versioned<FlagEnvironmentView>, Problem>> HandleAsync(
        string flag, ToggleFlagRequest request, Current current, TogglrDbContext db, AnalysisCache cache, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        var state = row.StateIn(current.Environment);
        if (EntityTags.Check(current.Http.Request, state.Version) is { } stale)
            return stale;
        var toggled = state.Toggle(request.Enabled);
        if (!toggled.IsOk)
            return toggled.Error.ToProblem();
        var action = request.Enabled ? "flag.enabled" : "flag.disabled";
        if (await current.SaveAsync(action, row.Key, row.Id, request.Reason, cancel, state.EnvironmentKey) is { } problem)
            return problem;
        var problems = await TargetingCheck.WarningsAsync(db, cache, row, state, cancel);
        return new Versioned<FlagEnvironmentView>(await FlagStore.ViewAsync(db, row, state, problems, cancel), state.Version);
    }
}
