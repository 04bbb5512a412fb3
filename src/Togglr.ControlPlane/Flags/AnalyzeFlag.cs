using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

internal static class AnalyzeFlag
{
    public static async Task<Results<Ok<AnalysisView>, Problem>> HandleAsync(
        string flag, FlagConfigurationRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        if (ConfigureFlag.FaultOf(request) is { } fault)
            return Problem.Invalid(fault);
        var draft = ConfigureFlag.ToConfiguration(request);
        return TypedResults.Ok(new AnalysisView(await TargetingCheck.RunAsync(db, row, row.StateIn(current.Environment), draft, cancel)));
    }
}
