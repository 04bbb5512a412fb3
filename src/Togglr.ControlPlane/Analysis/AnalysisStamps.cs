using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Flags;
using Togglr.Store;

namespace Togglr.ControlPlane.Analysis;

/// <summary>
/// The versions of everything that the analysis of a flag in an environment, or of a segment, depends on: its own, those of the segments and flags that it needs, over all levels, and the
/// attribute catalogue's. Reading them costs little against reading the things themselves.
/// </summary>
internal sealed class AnalysisStamps
{
    private const int MaximumLevels = 20;

    private readonly string _catalogue;
    private readonly Dictionary<string, SegmentVersion> _segments;
    private readonly Dictionary<string, FlagVersion> _flags;

    private AnalysisStamps(string catalogue, IEnumerable<SegmentVersion> segments, IEnumerable<FlagVersion> flags)
    {
        _catalogue = catalogue;
        _segments = segments.ToDictionary(segment => segment.Key, StringComparer.Ordinal);
        _flags = flags.ToDictionary(flag => flag.Key, StringComparer.Ordinal);
    }

    public IReadOnlyCollection<FlagVersion> Flags => _flags.Values;

    public IReadOnlyCollection<SegmentVersion> Segments => _segments.Values;

    /// <summary>Of all flags of an environment that are not archived.</summary>
    public static async Task<AnalysisStamps> ReadAsync(TogglrDbContext db, Guid project, Guid environment, CancellationToken cancel) => new(
        await CatalogueAsync(db, project, cancel), await SegmentsAsync(db, project, cancel), await Versions(db, project, environment).ToListAsync(cancel));

    /// <summary>Of a flag and what it needs.</summary>
    public static async Task<AnalysisStamps> ReadAsync(TogglrDbContext db, Guid project, Guid environment, string flag, CancellationToken cancel)
    {
        var flags = new Dictionary<string, FlagVersion>(StringComparer.Ordinal);
        string[] wanted = [flag];
        for (var level = 0; wanted.Length > 0 && level < MaximumLevels; level++)
        {
            var rows = await Versions(db, project, environment).Where(row => wanted.Contains(row.Key)).ToListAsync(cancel);
            foreach (var row in rows)
                flags[row.Key] = row;
            wanted = [.. rows.SelectMany(row => row.Flags).Where(key => !flags.ContainsKey(key)).Distinct(StringComparer.Ordinal)];
        }
        var segments = flags.Values.All(row => row.Segments.Count == 0) ? [] : await SegmentsAsync(db, project, cancel);
        return new AnalysisStamps(await CatalogueAsync(db, project, cancel), segments, flags.Values);
    }

    /// <summary>The versions that a flag's analysis depends on; null for a flag that is archived or not there.</summary>
    public string? Of(string flag)
    {
        if (!_flags.ContainsKey(flag))
            return null;
        var stamp = new StringBuilder(_catalogue);
        var needed = TargetingReferences.Closure([flag], key => _flags.GetValueOrDefault(key)?.Flags);
        // Its own versions first: two flags that need each other are not the same.
        foreach (var key in needed.Order(StringComparer.Ordinal).Prepend(flag))
        {
            if (_flags.TryGetValue(key, out var version))
                stamp.Append(CultureInfo.InvariantCulture, $"|{key}:{version.Flag}.{version.State}");
            else
                stamp.Append('|').Append(key).Append(":none");
        }
        Append(stamp, needed.SelectMany(key => _flags.GetValueOrDefault(key)?.Segments ?? []));
        return stamp.ToString();
    }

    /// <summary>The versions that a segment's analysis depends on.</summary>
    public string OfSegment(string segment, bool isUsed)
    {
        var stamp = new StringBuilder(_catalogue).Append(isUsed ? "|used" : "|unused");
        Append(stamp, [segment]);
        return stamp.ToString();
    }

    private void Append(StringBuilder stamp, IEnumerable<string> segments)
    {
        foreach (var key in TargetingReferences.Closure(segments, key => _segments.GetValueOrDefault(key)?.Segments).Order(StringComparer.Ordinal))
            stamp.Append(CultureInfo.InvariantCulture, $"/{key}:{_segments.GetValueOrDefault(key)?.Version ?? 0}");
    }

    private static IQueryable<FlagVersion> Versions(TogglrDbContext db, Guid project, Guid environment) => db.FlagEnvironments.AsNoTracking()
        .Where(state => state.EnvironmentId == environment && state.ProjectId == project && state.Flag!.ArchivedAt == null)
        .Select(state => new FlagVersion { Id = state.FlagId, Key = state.Flag!.Key, Name = state.Flag.Name, Flag = state.Flag.Version, State = state.Version, Flags = state.FlagRefs, Segments = state.SegmentRefs });

    private static Task<List<SegmentVersion>> SegmentsAsync(TogglrDbContext db, Guid project, CancellationToken cancel) => db.Segments.AsNoTracking().Where(row => row.ProjectId == project)
        .Select(row => new SegmentVersion { Id = row.Id, Key = row.Key, Name = row.Name, Version = row.Version, Segments = row.SegmentRefs }).ToListAsync(cancel);

    // Whatever is added, changed or removed changes one of the three.
    private static async Task<string> CatalogueAsync(TogglrDbContext db, Guid project, CancellationToken cancel)
    {
        var row = await db.Attributes.AsNoTracking().Where(attribute => attribute.ProjectId == project).GroupBy(_ => 1)
            .Select(all => new { Count = all.Count(), Versions = all.Sum(attribute => attribute.Version), Newest = all.Max(attribute => attribute.UpdatedAt) }).SingleOrDefaultAsync(cancel);
        return row is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{row.Count}.{row.Versions}.{row.Newest.UtcTicks}");
    }
}

/// <summary>A flag's versions in an environment, and what it names.</summary>
internal sealed record FlagVersion
{
    public required Guid Id { get; init; }

    public required string Key { get; init; }

    public required string Name { get; init; }

    public required int Flag { get; init; }

    public required int State { get; init; }

    public required IReadOnlyList<string> Flags { get; init; }

    public required IReadOnlyList<string> Segments { get; init; }
}

/// <summary>A segment's version, and what it names.</summary>
internal sealed record SegmentVersion
{
    public required Guid Id { get; init; }

    public required string Key { get; init; }

    public required string Name { get; init; }

    public required int Version { get; init; }

    public required IReadOnlyList<string> Segments { get; init; }
}
