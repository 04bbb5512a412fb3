using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>Tells what two environments do differently, flag by flag.</summary>
internal static class CompareEnvironments
{
    public static async Task<Results<Ok<EnvironmentComparisonView>, Problem>> HandleAsync(
        [FromQuery(Name = "from"), Description("Key of the environment to compare with")] string from, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (source, problem) = await FlagPairs.OtherAsync(from, "from", current, db, cancel);
        if (source is null)
            return problem!;
        var target = current.Environment;
        var pairs = await FlagPairs.ReadAsync(db, source, target, keys: null, cancel);
        var different = pairs.FindAll(pair => pair.Differences.Count > 0);
        var people = await People.ReadAsync(db, different.SelectMany(pair => (IEnumerable<Guid?>)[pair.From.UpdatedBy, pair.To.UpdatedBy]), cancel);
        return TypedResults.Ok(new EnvironmentComparisonView(
            source.Key, target.Key, source.Revision, target.Revision, pairs.Count - different.Count,
            [.. different.Select(pair => new FlagDifferenceView(
                pair.Flag.Key, pair.Flag.Name, pair.Flag.Type, pair.Differences, pair.IsTouched, Side(pair.Flag, pair.From, people), Side(pair.Flag, pair.To, people)))]));
    }

    private static FlagSideView Side(Flag flag, FlagEnvironment state, People people)
    {
        var view = FlagStore.View(flag, state, people, []);
        return new FlagSideView(
            view.Enabled, view.Killed, view.Version, view.UpdatedAt, view.UpdatedBy, view.Prerequisites, view.Targets, view.Rules, view.Default, view.OffVariant);
    }
}
