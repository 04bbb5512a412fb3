using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>The kill switch: stronger than everything else, in all environments unless some are named, and undone explicitly.</summary>
internal static class KillFlag
{
    public static Task<Results<Versioned<FlagView>, Problem>> KillAsync(
        string flag, KillFlagRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        RunAsync(flag, "flag.killed", Authority.Emergency, state => state.Kill(request.Reason, current.Caller.Id, time.GetUtcNow()), request, current, db, cancel);

    public static Task<Results<Versioned<FlagView>, Problem>> ReviveAsync(
        string flag, KillFlagRequest request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        RunAsync(flag, "flag.revived", Authority.Direct, state => state.Revive(), request, current, db, cancel);

    private static async Task<Results<Versioned<FlagView>, Problem>> RunAsync(
        string flag, string action, Authority authority, Func<FlagEnvironment, Result> change, KillFlagRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(request.Reason))
            return Problem.Invalid(new ProblemItem("required", "/reason", "Say why."));
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (request.Environments is { Count: 0 })
            return Problem.Invalid(new ProblemItem("required", "/environments", "Name environments, or leave them out for all."));
        var states = row.Environments.ToList();
        if (request.Environments is { } keys)
        {
            for (var i = 0; i < keys.Count; i++)
            {
                if (!states.Exists(state => state.EnvironmentKey == keys[i]))
                    return Problem.Invalid(new ProblemItem("unknown_environment", $"/environments/{i}", $"There is no environment {keys[i]}."));
            }
            states = states.FindAll(state => keys.Contains(state.EnvironmentKey, StringComparer.Ordinal));
        }
        foreach (var state in states)
        {
            var changed = change(state);
            if (!changed.IsOk)
                return changed.Error.ToProblem();
        }
        // Kept from nobody by an approval: it only ever takes away.
        current.Authority = authority;
        var only = states is [var single] && request.Environments is not null ? single.EnvironmentKey : null;
        if (await current.SaveAsync(action, row.Key, row.Id, request.Reason, cancel, only) is { } problem)
            return problem;
        return new Versioned<FlagView>(await FlagStore.ViewAsync(db, row, cancel), row.Version);
    }
}
