using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>
/// Changes many flags in one transaction, each with an audit entry of its own. A flag that cannot be changed is told and left out; the others go on. The rules and
/// permissions are those of changing each by itself.
/// </summary>
internal static class BulkFlags
{
    private const int MaximumFlags = 500;
    private const int MaximumTags = 50;

    public static async Task<Results<Ok<BulkFlagsView>, Problem>> HandleAsync(
        BulkFlagsRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (Check(request) is { Count: > 0 } faults)
            return Problem.Invalid(faults);
        var (environment, problem) = await FindEnvironmentAsync(request, current, db, cancel);
        problem ??= await CheckTagsAsync(request, current, db, cancel);
        if (problem is not null)
            return problem;

        string[] keys = [.. request.Flags.Distinct(StringComparer.Ordinal)];
        var rows = await db.Flags.Include(flag => flag.Environments).Where(flag => flag.ProjectId == current.Project.Id && keys.Contains(flag.Key))
            .ToDictionaryAsync(flag => flag.Key, StringComparer.Ordinal, cancel);
        var needed = request.Action == BulkAction.Archive ? await FindNeededAsync(db, current, keys, cancel) : [];
        var isAllowed = current.May(environment is null ? Permissions.FlagManage : Permissions.FlagToggle, current.Project.Id, environment?.Id);
        var (now, action) = (time.GetUtcNow(), ActionOf(request.Action));

        var results = new List<BulkFlagView>(keys.Length);
        var changed = new List<ChangePart>();
        foreach (var key in keys)
        {
            if (!rows.TryGetValue(key, out var row))
            {
                results.Add(new BulkFlagView(key, null, BulkOutcome.Refused, "not_found", $"There is no flag {key}."));
                continue;
            }
            var refusal = !isAllowed
                ? new StoreError("forbidden", $"This needs the permission {(environment is null ? Permissions.FlagManage : Permissions.FlagToggle)}.")
                : needed.GetValueOrDefault(key) is { } user
                    ? new StoreError(ErrorCodes.InUse, $"The flag {user} has it as a prerequisite.")
                    : Apply(request, row, environment, now);
            var outcome = refusal is not null ? BulkOutcome.Refused : IsChanged(db, row) ? BulkOutcome.Changed : BulkOutcome.Unchanged;
            results.Add(new BulkFlagView(key, row.Name, outcome, refusal?.Code, refusal?.Message));
            if (outcome == BulkOutcome.Changed)
                changed.Add(new ChangePart(action, key, row.Id, [row, .. row.Environments]));
        }

        var isDryRun = request.DryRun == true;
        if (!isDryRun && changed.Count > 0)
        {
            var first = changed[0];
            if (await current.SaveAsync(action, first.EntityKey, first.EntityId, request.Reason, cancel, environment?.Key, parts: changed) is { } refused)
                return refused;
        }
        return TypedResults.Ok(new BulkFlagsView(
            isDryRun, changed.Count, results.Count(result => result.Outcome == BulkOutcome.Unchanged), results.Count(result => result.Outcome == BulkOutcome.Refused), results));
    }

    private static StoreError? Apply(BulkFlagsRequest request, Flag row, ProjectEnvironment? environment, DateTimeOffset now)
    {
        var tags = request.Tags ?? [];
        var done = request.Action switch
        {
            BulkAction.Enable or BulkAction.Disable => row.StateIn(environment!).Toggle(request.Action == BulkAction.Enable),
            BulkAction.AddTags when tags.All(tag => row.Tags.Contains(tag, StringComparer.Ordinal)) => Result.Ok,
            BulkAction.AddTags => row.Change(row.Details with { Tags = [.. row.Tags.Union(tags, StringComparer.Ordinal)] }),
            BulkAction.RemoveTags when !tags.Any(tag => row.Tags.Contains(tag, StringComparer.Ordinal)) => Result.Ok,
            BulkAction.RemoveTags => row.Change(row.Details with { Tags = [.. row.Tags.Except(tags, StringComparer.Ordinal)] }),
            BulkAction.Archive => row.Archive(now),
            _ => row.Restore(),
        };
        return done.IsOk ? null : done.Error;
    }

    private static bool IsChanged(TogglrDbContext db, Flag row) =>
        db.Entry(row).State == EntityState.Modified || row.Environments.Any(state => db.Entry(state).State == EntityState.Modified);

    /// <summary>Which of the flags others wait for that stay: archiving one of these is refused, and would take all others with it.</summary>
    private static async Task<Dictionary<string, string>> FindNeededAsync(TogglrDbContext db, Current current, string[] keys, CancellationToken cancel)
    {
        var uses = await db.FlagEnvironments.AsNoTracking()
            .Where(state => state.ProjectId == current.Project.Id && state.Flag!.ArchivedAt == null && state.FlagRefs.Any(key => keys.Contains(key)))
            .Select(state => new { User = state.Flag!.Key, state.FlagRefs }).ToListAsync(cancel);
        var going = keys.ToHashSet(StringComparer.Ordinal);
        var needed = new Dictionary<string, string>(StringComparer.Ordinal);
        // One that stays takes what it waits for with it, and so on: A may go with B only where B goes.
        for (var found = true; found;)
        {
            found = false;
            foreach (var use in uses.Where(use => !going.Contains(use.User)))
            {
                foreach (var key in use.FlagRefs.Where(going.Remove))
                {
                    needed[key] = use.User;
                    found = true;
                }
            }
        }
        return needed;
    }

    private static List<ProblemItem> Check(BulkFlagsRequest request)
    {
        var faults = new List<ProblemItem>();
        if (request.Flags.Count is 0 or > MaximumFlags)
            faults.Add(new ProblemItem("out_of_range", "/flags", $"Name 1 to {MaximumFlags} flags."));
        var isToggle = request.Action is BulkAction.Enable or BulkAction.Disable;
        if (isToggle && request.Environment is null)
            faults.Add(new ProblemItem("required", "/environment", "Say in which environment."));
        else if (!isToggle && request.Environment is not null)
            faults.Add(new ProblemItem("invalid", "/environment", "Only switching on and off is about an environment."));
        var isTagging = request.Action is BulkAction.AddTags or BulkAction.RemoveTags;
        if (isTagging && request.Tags is not { Count: > 0 and <= MaximumTags })
            faults.Add(new ProblemItem("out_of_range", "/tags", $"Name 1 to {MaximumTags} tags."));
        else if (!isTagging && request.Tags is not null)
            faults.Add(new ProblemItem("invalid", "/tags", "Only adding and removing tags is about tags."));
        for (var i = 0; i < request.Flags.Count && i < MaximumFlags; i++)
        {
            if (!KeyFormat.IsFlagKey(request.Flags[i]))
                faults.Add(new ProblemItem("invalid", $"/flags/{i}", "This is not the key of a flag."));
        }
        return faults;
    }

    private static async Task<(ProjectEnvironment? Environment, Problem? Problem)> FindEnvironmentAsync(
        BulkFlagsRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (request.Environment is not { } key)
            return (null, null);
        var environment = KeyFormat.IsSlug(key) ? await db.Environments.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == key, cancel) : null;
        return environment is null ? (null, Problem.Invalid(new ProblemItem("unknown_environment", "/environment", $"There is no environment {key}."))) : (environment, null);
    }

    private static async Task<Problem?> CheckTagsAsync(BulkFlagsRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (request.Action != BulkAction.AddTags || request.Tags is not { } tags)
            return null;
        string[] wanted = [.. tags.Where(KeyFormat.IsSlug)];
        var known = await db.Tags.Where(row => row.ProjectId == current.Project.Id && wanted.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancel);
        ProblemItem[] unknown =
            [.. tags.Index().Where(tag => !known.Contains(tag.Item, StringComparer.Ordinal)).Select(tag => new ProblemItem("unknown_tag", $"/tags/{tag.Index}", $"There is no tag {tag.Item}."))];
        return unknown.Length == 0 ? null : Problem.Invalid(unknown);
    }

    private static string ActionOf(BulkAction action) => action switch
    {
        BulkAction.Enable => "flag.enabled",
        BulkAction.Disable => "flag.disabled",
        BulkAction.Archive => "flag.archived",
        BulkAction.Restore => "flag.restored",
        _ => "flag.updated",
    };
}
