using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>Says what a schedule would do before it is made.</summary>
internal static class PreviewSchedule
{
    private const int Count = 5;

    /// <summary>Meetings are looked for this far ahead.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(60);

    public static async Task<Results<Ok<SchedulePreviewView>, Problem>> HandleAsync(
        string flag, ScheduleRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await ScheduleEndpoints.FindStateAsync(flag, current, db, cancel) is not { } state)
            return FlagStore.NotThere(flag);
        var now = db.Now;
        var draft = Schedule.Create(state.Flag!, state, request.Details() with { Enabled = true }, by: null, now);
        if (!draft.IsOk)
            return draft.Error.ToProblem();
        var (problems, fault) = await CheckAsync(db, state, request, cancel);
        if (fault is not null)
            return fault;
        if (draft.Value.Windows() is not { } rule)
            return TypedResults.Ok(new SchedulePreviewView([], false, [], problems));
        var windows = ScheduleViews.Windows(rule.Window, now, Count);
        // The draft is the newest of them.
        var own = rule with { CreatedAt = now };
        var others = await ScheduleViews.ReadAsync(db, state.FlagId, state.EnvironmentId, cancel);
        var overlaps = others.Select(other => Meet(own, other, now)).OfType<ScheduleOverlapView>().OrderBy(overlap => overlap.From).ToList();
        return TypedResults.Ok(new SchedulePreviewView(windows, windows is [{ To: null }], overlaps, problems));
    }

    /// <summary>What is wrong with the change that a schedule is to make, by today's configuration.</summary>
    public static async Task<Problem?> FaultAsync(TogglrDbContext db, FlagEnvironment state, ScheduleRequest request, CancellationToken cancel)
    {
        var (problems, fault) = await CheckAsync(db, state, request, cancel);
        return fault ?? TargetingCheck.Refusal([.. problems.Select(problem => problem with { Path = $"/change{problem.Path}" })]);
    }

    private static async Task<(IReadOnlyList<TargetingProblem> Problems, Problem? Fault)> CheckAsync(TogglrDbContext db, FlagEnvironment state, ScheduleRequest request, CancellationToken cancel)
    {
        if (request.Action != ScheduleAction.Configure || request.Details().Patch is not { } patch || !ConfigurationPatch.Configures(patch))
            return ([], null);
        var draft = ConfigurationPatch.Apply(state.Configuration, patch);
        return draft.IsOk ? (await TargetingCheck.RunAsync(db, state.Flag!, state, draft.Value, cancel), null) : ([], draft.Error.ToProblem());
    }

    private static ScheduleOverlapView? Meet(WindowRule own, Schedule other, DateTimeOffset now)
    {
        if (other.Windows() is not { } rule || rule.Enables == own.Enables)
            return null;
        using var mine = own.Window.Between(now, now + Ahead).GetEnumerator();
        using var theirs = rule.Window.Between(now, now + Ahead).GetEnumerator();
        var isLeft = mine.MoveNext() && theirs.MoveNext();
        while (isLeft)
        {
            var (one, two) = (mine.Current, theirs.Current);
            var from = one.From > two.From ? one.From : two.From;
            var to = one.To < two.To ? one.To : two.To;
            if (from < to)
                return new ScheduleOverlapView(other.Id, other.Name, from, to, new WindowPlan([own, rule]).At(from) == rule);
            isLeft = one.To <= two.To ? mine.MoveNext() : theirs.MoveNext();
        }

        return null;
    }
}
