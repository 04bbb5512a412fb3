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
        [FromQuery(Name = "from"), Description("Key of the environment to compare with")] string from,
        [FromQuery(Name = "fromProject"), Description("Key of its project, where that is another one of the organization")] string? fromProject,
        Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (source, problem) = await FlagPairs.OtherAsync(from, "from", fromProject, "fromProject", current, db, cancel);
        if (source is null)
            return problem!;
        var target = current.Environment;
        var pairs = await FlagPairs.ReadAsync(db, source.Environment, target, keys: null, cancel);
        var different = pairs.FindAll(pair => pair.Differences.Count > 0);
        var people = await People.ReadAsync(db, different.SelectMany(pair => (IEnumerable<Guid?>)[pair.From.UpdatedBy, pair.To?.UpdatedBy]), cancel);
        return TypedResults.Ok(new EnvironmentComparisonView(
            source.Project.Key, source.Environment.Key, target.Key, source.Environment.Revision, target.Revision, pairs.Count - different.Count,
            [.. different.Select(pair => new FlagDifferenceView(
                pair.Source.Key, pair.Source.Name, pair.Source.Type, pair.Differences, pair.IsTouched, pair.IsOfAnotherType,
                Side(pair.Source, pair.From, people), pair is { Flag: { } flag, To: { } to } ? Side(flag, to, people) : null))]));
    }

    private static FlagSideView Side(Flag flag, FlagEnvironment state, People people)
    {
        var view = FlagStore.View(flag, state, people, []);
        return new FlagSideView(
            view.Enabled, view.Killed, view.Version, view.UpdatedAt, view.UpdatedBy, view.Prerequisites, view.Targets, view.Rules, view.Default, view.OffVariant,
            [.. flag.Variants.Select(FlagStore.View)]);
    }
}
