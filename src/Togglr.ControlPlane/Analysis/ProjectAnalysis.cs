using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Flags;
using Togglr.Evaluation.Validation;
using Togglr.Store;

namespace Togglr.ControlPlane.Analysis;

/// <summary>What an analysis is about.</summary>
public enum AnalysisSubject
{
    /// <summary>A flag in an environment.</summary>
    Flag,

    /// <summary>A segment.</summary>
    Segment,
}

/// <summary>The analysis of everything in a project. What was analyzed before and did not change since is not analyzed again.</summary>
internal sealed class ProjectAnalysis(TogglrDbContext db, AnalysisCache cache)
{
    private const int BatchSize = 250;

    /// <summary>Flags by key, in each of the environments, then segments by key; those without problems too.</summary>
    public async Task<IReadOnlyList<AnalyzedView>> RunAsync(Guid project, IReadOnlyList<ProjectEnvironment> environments, bool segments, CancellationToken cancel)
    {
        var found = new List<AnalyzedView>();
        foreach (var environment in environments)
            await AddFlagsAsync(project, environment, found, cancel);
        found.Sort((a, b) => (StringComparer.Ordinal.Compare(a.Key, b.Key), StringComparer.Ordinal.Compare(a.Environment, b.Environment)) switch { (0, var order) => order, var (order, _) => order });
        if (segments)
            found.AddRange(await SegmentsAsync(project, cancel));
        return found;
    }

    private async Task AddFlagsAsync(Guid project, ProjectEnvironment environment, List<AnalyzedView> found, CancellationToken cancel)
    {
        var stamps = await AnalysisStamps.ReadAsync(db, project, environment.Id, cancel);
        var missing = new Dictionary<Guid, (FlagVersion Version, string Stamp)>();
        foreach (var version in stamps.Flags)
        {
            var stamp = stamps.Of(version.Key)!;
            if (cache.Find(version.Id, environment.Id, stamp) is { } known)
                found.Add(new AnalyzedView(AnalysisSubject.Flag, version.Key, version.Name, environment.Key, known));
            else
                missing[version.Id] = (version, stamp);
        }
        foreach (var batch in missing.Keys.Chunk(BatchSize))
        {
            cancel.ThrowIfCancellationRequested();
            var states = await db.FlagEnvironments.AsNoTracking().Include(state => state.Flag)
                .Where(state => state.EnvironmentId == environment.Id && state.ProjectId == project && batch.Contains(state.FlagId)).ToListAsync(cancel);
            var references = await TargetingReferences.ReadAsync(db, project, environment.Id, [.. states.Select(state => state.Configuration)], cancel);
            foreach (var state in states)
            {
                var problems = TargetingCheck.Run(state.Flag!, state.Configuration, references);
                var (version, stamp) = missing[state.FlagId];
                cache.Keep(state.FlagId, environment.Id, stamp, problems);
                found.Add(new AnalyzedView(AnalysisSubject.Flag, version.Key, version.Name, environment.Key, problems));
            }
        }
    }

    private async Task<List<AnalyzedView>> SegmentsAsync(Guid project, CancellationToken cancel)
    {
        var stamps = await AnalysisStamps.ReadAsync(db, project, Guid.Empty, cancel);
        var used = await UsedAsync(db, project, cancel);
        var found = new List<AnalyzedView>();
        foreach (var version in stamps.Segments.OrderBy(segment => segment.Key, StringComparer.Ordinal))
        {
            var stamp = stamps.OfSegment(version.Key, used.Contains(version.Key));
            if (cache.Find(version.Id, Guid.Empty, stamp) is not { } problems)
            {
                var row = await db.Segments.AsNoTracking().Where(segment => segment.Id == version.Id).Select(segment => new { segment.Condition, segment.IncludedCount }).SingleOrDefaultAsync(cancel);
                if (row is null)
                    continue;
                problems = await CheckAsync(db, project, version.Key, row.Condition, new SegmentFacts(row.IncludedCount > 0, used.Contains(version.Key)), cancel);
                cache.Keep(version.Id, Guid.Empty, stamp, problems);
            }
            found.Add(new AnalyzedView(AnalysisSubject.Segment, version.Key, version.Name, null, problems));
        }
        return found;
    }

    /// <summary>Errors and warnings about a segment.</summary>
    public static async Task<IReadOnlyList<TargetingProblem>> CheckAsync(TogglrDbContext db, Guid project, string segment, JsonElement? condition, SegmentFacts facts, CancellationToken cancel)
    {
        var references = await TargetingReferences.ReadAsync(db, project, condition, cancel);
        var document = JsonSerializer.SerializeToUtf8Bytes(
            condition is { } present ? new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["if"] = present } : new Dictionary<string, JsonElement>(StringComparer.Ordinal));
        return [.. Configuration.CheckSegment(segment, document, references, facts).Select(TargetingCheck.View)];
    }

    /// <summary>Keys of the segments that something names, in archived flags too: those cannot be deleted.</summary>
    public static async Task<HashSet<string>> UsedAsync(TogglrDbContext db, Guid project, CancellationToken cancel)
    {
        var byFlags = await db.FlagEnvironments.AsNoTracking().Where(state => state.ProjectId == project && state.SegmentRefs.Count > 0).Select(state => state.SegmentRefs).ToListAsync(cancel);
        var bySegments = await db.Segments.AsNoTracking().Where(row => row.ProjectId == project && row.SegmentRefs.Count > 0).Select(row => row.SegmentRefs).ToListAsync(cancel);
        return byFlags.Concat(bySegments).SelectMany(keys => keys).ToHashSet(StringComparer.Ordinal);
    }
}
