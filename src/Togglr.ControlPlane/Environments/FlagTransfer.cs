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

    /// <summary>Most keys of all segments that come along.</summary>
    private const int MaximumKeys = 100_000;

    private readonly List<(FlagPair Pair, Flag Flag)> _carried = [];
    private readonly List<Segment> _segments = [];

    /// <summary>Keys of the segments that come along.</summary>
    public IReadOnlyList<string> CreatedSegments => _segments.ConvertAll(segment => segment.Key);

    /// <summary>The version of a flag's state here, by which an undo finds it untouched.</summary>
    public int? StateVersionOf(FlagPair pair) => pair.To?.Version ?? (FlagOf(pair)?.StateIn(current.Environment) is { Version: > 0 } state ? state.Version : null);

    /// <summary>The version of a flag that more happened to than to its state here.</summary>
    public int? FlagVersionOf(FlagPair pair) => pair.Differences.Contains(FlagAspect.Variants) && FlagOf(pair) is { Version: > 0 } flag ? flag.Version : null;

    private Flag? FlagOf(FlagPair pair) => _carried.Find(carried => ReferenceEquals(carried.Pair, pair)).Flag;

    /// <summary>Null when everything fits; nothing is saved either way.</summary>
    public async Task<Problem?> RunAsync(List<FlagPair> pairs, bool createSegments, CancellationToken cancel)
    {
        var changing = pairs.FindAll(pair => pair.Differences.Contains(FlagAspect.Variants));
        if (changing.Count > 0 && !current.May(Permissions.FlagManage, current.Project.Id))
            return Problem.Forbidden($"Creating flags and changing their variants needs the permission {Permissions.FlagManage} in the whole project {current.Project.Key}.");
        if (await BringAlongAsync(pairs, createSegments, cancel) is { } missing)
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
        .. _segments.Select(segment => new ChangePart("segment.created", segment.Key, segment.Id, [segment])),
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
    private async Task<Problem?> BringAlongAsync(List<FlagPair> pairs, bool createSegments, CancellationToken cancel)
    {
        if (pairs.TrueForAll(pair => pair.Source.ProjectId == current.Project.Id))
            return null;
        var segments = await MissingSegmentsAsync(pairs, cancel);
        string[] flags = [.. pairs.SelectMany(pair => pair.From.FlagRefs).Except(pairs.Select(pair => pair.Source.Key)).Distinct()];
        var knownFlags = await db.Flags.Where(row => row.ProjectId == current.Project.Id && row.ArchivedAt == null && flags.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancel);
        ProblemItem[] missing =
        [
            .. (createSegments ? [] : segments)
                .Select(row => new ProblemItem("unknown_segment", "/flags", $"{current.Project.Name} has no segment {row.Key}, which {User(pairs, segments, row.Key)} needs.")),
            .. flags.Except(knownFlags).Order(StringComparer.Ordinal)
                .Select(key => new ProblemItem("unknown_flag", "/flags", $"{current.Project.Name} has no flag {key}, which {pairs.Find(pair => pair.From.FlagRefs.Contains(key))!.Source.Key} waits for. Promote it as well.")),
        ];
        if (missing.Length > 0)
            return Problem.Invalid([.. missing.Take(NamedReferences)]);
        return segments.Count == 0 ? null : await CreateSegmentsAsync(segments, cancel);
    }

    /// <summary>Segments of the source that the states need, directly or through others, and that this project lacks.</summary>
    private async Task<List<Segment>> MissingSegmentsAsync(List<FlagPair> pairs, CancellationToken cancel)
    {
        var missing = new List<Segment>();
        var source = pairs[0].Source.ProjectId;
        string[] wanted = [.. pairs.SelectMany(pair => pair.From.SegmentRefs).Distinct()];
        while (wanted.Length > 0)
        {
            var known = await db.Segments.Where(row => row.ProjectId == current.Project.Id && wanted.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancel);
            string[] lacking = [.. wanted.Except(known).Except(missing.Select(segment => segment.Key))];
            var found = await db.Segments.AsNoTracking().Where(row => row.ProjectId == source && lacking.Contains(row.Key)).OrderBy(row => row.Key).ToListAsync(cancel);
            missing.AddRange(found);
            wanted = [.. found.SelectMany(segment => segment.SegmentRefs).Distinct()];
        }

        return missing;
    }

    private async Task<Problem?> CreateSegmentsAsync(List<Segment> sources, CancellationToken cancel)
    {
        if (!current.May(Permissions.SegmentManage, current.Project.Id))
            return Problem.Forbidden($"Creating segments needs the permission {Permissions.SegmentManage} in {current.Project.Key}.");
        if (sources.Sum(segment => (long)segment.IncludedCount + segment.ExcludedCount) > MaximumKeys)
            return Problem.Invalid(new ProblemItem("too_many", "/createSegments", $"The lists of {string.Join(", ", sources.Select(segment => segment.Key).Take(NamedReferences))} have more than {MaximumKeys} keys. Create these segments and upload their lists first."));
        foreach (var source in sources)
        {
            var created = Segment.Create(current.Project, source.Key, source.Name, source.Description, source.Condition);
            if (!created.IsOk)
                return created.Error.ToProblem().About(source.Key);
            foreach (var list in Enum.GetValues<SegmentList>())
            {
                var keys = await db.SegmentKeys.AsNoTracking().Where(row => row.SegmentId == source.Id && row.List == list).Select(row => row.Key).ToListAsync(cancel);
                if (keys.Count > 0 && created.Value.ReplaceKeys(list, keys) is { IsOk: false } invalid)
                    return invalid.Error.ToProblem().About(source.Key);
            }

            db.Segments.Add(created.Value);
            _segments.Add(created.Value);
        }

        return null;
    }

    private static string User(List<FlagPair> pairs, List<Segment> segments, string key) =>
        pairs.Find(pair => pair.From.SegmentRefs.Contains(key))?.Source.Key ?? segments.Find(segment => segment.SegmentRefs.Contains(key))!.Key;

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

        var configured = state.Configure(pair.From.Configuration.WithoutExperiments());
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
