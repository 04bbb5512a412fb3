using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>Carries flags over to the route's environment, tracked and not saved: creates those that its project has not, and takes over variants and states.</summary>
internal sealed class FlagTransfer(Current current, TogglrDbContext db)
{
    private const int NamedReferences = 20;

    private readonly List<(FlagPair Pair, Flag Flag)> _carried = [];

    /// <summary>Null when everything fits; nothing is saved either way.</summary>
    public async Task<Problem?> RunAsync(List<FlagPair> pairs, CancellationToken cancel)
    {
        var changing = pairs.FindAll(pair => pair.Differences.Contains(FlagAspect.Variants));
        if (changing.Count > 0 && !current.May(Permissions.FlagManage, current.Project.Id))
            return Problem.Forbidden($"Creating flags and changing their variants needs the permission {Permissions.FlagManage} in the whole project {current.Project.Key}.");
        if (await MissingAsync(pairs, cancel) is { } missing)
            return missing;
        var environments = changing.Exists(pair => pair.Flag is null)
            ? await db.Environments.Where(row => row.ProjectId == current.Project.Id).OrderBy(row => row.Position).ToListAsync(cancel) : [];
        foreach (var pair in pairs)
        {
            var (flag, problem) = pair.Flag is { } known ? (known, null) : await CreateAsync(pair.Source, environments, cancel);
            problem ??= await CarryAsync(pair, flag!, cancel);
            if (problem is not null)
                return problem.About(pair.Source.Key);
            _carried.Add((pair, flag!));
        }

        return null;
    }

    /// <summary>An entry for every flag that changes here, and one at the other end; each names the other.</summary>
    public IReadOnlyList<ChangePart> Parts(PromotionSource source) =>
    [
        .. _carried.Select(carried => new ChangePart(
            "flag.promoted", carried.Flag.Key, carried.Flag.Id, carried.Pair.Flag is null ? [carried.Flag, .. carried.Flag.Environments] : [carried.Flag, carried.Flag.StateIn(current.Environment)])
        {
            Promotion = new PromotionLink("from", source.Project.Key, source.Environment.Key, carried.Pair.Source.Key, source.Environment.Revision),
        }),
        .. _carried.Select(carried => new ChangePart("flag.promoted_on", carried.Pair.Source.Key, carried.Pair.Source.Id, [])
        {
            Project = source.Project, Environment = source.Environment.Key,
            Promotion = new PromotionLink("to", current.Project.Key, current.Environment.Key, carried.Flag.Key, null),
        }),
    ];

    /// <summary>What the states refer to by key has to be here as well, or come along.</summary>
    private async Task<Problem?> MissingAsync(List<FlagPair> pairs, CancellationToken cancel)
    {
        if (pairs.TrueForAll(pair => pair.Source.ProjectId == current.Project.Id))
            return null;
        string[] segments = [.. pairs.SelectMany(pair => pair.From.SegmentRefs).Distinct()];
        string[] flags = [.. pairs.SelectMany(pair => pair.From.FlagRefs).Except(pairs.Select(pair => pair.Source.Key)).Distinct()];
        var knownSegments = await db.Segments.Where(row => row.ProjectId == current.Project.Id && segments.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancel);
        var knownFlags = await db.Flags.Where(row => row.ProjectId == current.Project.Id && row.ArchivedAt == null && flags.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancel);
        ProblemItem[] missing =
        [
            .. segments.Except(knownSegments).Order(StringComparer.Ordinal)
                .Select(key => new ProblemItem("unknown_segment", "/flags", $"{current.Project.Name} has no segment {key}, which {User(pairs, pair => pair.From.SegmentRefs.Contains(key))} needs. Create it there first.")),
            .. flags.Except(knownFlags).Order(StringComparer.Ordinal)
                .Select(key => new ProblemItem("unknown_flag", "/flags", $"{current.Project.Name} has no flag {key}, which {User(pairs, pair => pair.From.FlagRefs.Contains(key))} waits for. Promote it as well.")),
        ];
        return missing.Length == 0 ? null : Problem.Invalid([.. missing.Take(NamedReferences)]);
    }

    private static string User(List<FlagPair> pairs, Predicate<FlagPair> uses) => pairs.Find(uses)!.Source.Key;

    /// <summary>The same flag, switched off everywhere, with the labels that this project has.</summary>
    private async Task<(Flag? Flag, Problem? Problem)> CreateAsync(Flag source, List<ProjectEnvironment> environments, CancellationToken cancel)
    {
        var details = source.Details;
        var tags = details.Tags.ToArray();
        details = details with
        {
            Category = details.Category is { } category && await db.Categories.AnyAsync(row => row.ProjectId == current.Project.Id && row.Key == category, cancel) ? category : null,
            Tags = await db.Tags.Where(row => row.ProjectId == current.Project.Id && tags.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancel),
        };
        if (await FlagDetailsCheck.RunAsync(db, current.Project.Id, details, cancel) is { } invalid)
            return (null, invalid);
        var created = Flag.Create(current.Project, environments, source.Key, source.Type, details);
        if (!created.IsOk)
            return (null, created.Error.ToProblem());
        db.Flags.Add(created.Value);
        return (created.Value, null);
    }

    private async Task<Problem?> CarryAsync(FlagPair pair, Flag flag, CancellationToken cancel)
    {
        var (source, state) = (pair.Source, flag.StateIn(current.Environment));
        var details = flag.Details with { Variants = source.Variants, DefaultVariant = source.DefaultVariant, OffVariant = source.OffVariant, JsonSchema = source.JsonSchema };
        var changesVariants = pair.Flag is not null && pair.Differences.Contains(FlagAspect.Variants);
        if (changesVariants)
        {
            // Those that go are in use here until the state is carried over.
            var keys = source.Variants.Select(variant => variant.Key).ToHashSet(StringComparer.Ordinal);
            var widened = flag.Change(details with { Variants = [.. source.Variants, .. flag.Variants.Where(variant => !keys.Contains(variant.Key))] });
            if (!widened.IsOk)
                return widened.Error.ToProblem();
        }

        var configured = state.Configure(pair.From.Configuration);
        if (!configured.IsOk)
            return configured.Error.ToProblem();
        if (state.Switch(pair.From.Enabled, current) is { } notSwitched)
            return notSwitched;
        if (!changesVariants)
            return null;
        if (await UpdateFlag.FindNeededVariantsAsync(db, flag, details, cancel) is { } needed)
            return needed;
        var changed = flag.Change(details);
        return changed.IsOk ? null : changed.Error.ToProblem();
    }
}
