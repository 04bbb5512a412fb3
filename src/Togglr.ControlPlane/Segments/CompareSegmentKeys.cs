using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

/// <summary>What an upload would do to a list.</summary>
/// <param name="Before">Keys in the list now.</param>
/// <param name="After">Keys in it afterwards.</param>
/// <param name="Uploaded">Different keys in the text.</param>
/// <param name="Repeated">Lines that repeat an earlier one.</param>
/// <param name="Added">Keys that would be new.</param>
/// <param name="Removed">Keys that would go.</param>
/// <param name="AddedSample">Some of the new ones, at most 20.</param>
/// <param name="RemovedSample">Some of those that would go, at most 20.</param>
/// <param name="Version">The version of the segment that was compared with; an <c>If-Match</c> holds the upload to it.</param>
public sealed record SegmentKeysComparisonView(
    int Before, int After, int Uploaded, int Repeated, int Added, int Removed, IReadOnlyList<string> AddedSample, IReadOnlyList<string> RemovedSample, int Version);

/// <summary>Compares a text with one key a line with a list of a segment. Changes nothing.</summary>
internal static class CompareSegmentKeys
{
    private const int Sample = 20;

    public static async Task<Results<Ok<SegmentKeysComparisonView>, Problem>> HandleAsync(
        string segment,
        [FromQuery(Name = "list"), Description("Which list; included if absent")] Choice<SegmentList>? list,
        [FromQuery(Name = "mode"), Description("What the upload would do with the keys; replace if absent")] Choice<KeyUploadMode>? mode,
        KeyLines keys,
        Current current,
        TogglrDbContext db,
        CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, segment, cancel) is not { } row)
            return SegmentStore.NotThere(segment);
        var which = list?.Value ?? SegmentList.Included;
        var uploaded = new HashSet<string>(keys.Keys, StringComparer.Ordinal);
        var fresh = new HashSet<string>(uploaded, StringComparer.Ordinal);
        var (before, removed) = (0, 0);
        var removedSample = new List<string>();
        // Streamed: the list is a million keys at most, and only the uploaded ones are in memory.
        var present = db.SegmentKeys.AsNoTracking().Where(key => key.SegmentId == row.Id && key.List == which).Select(key => key.Key).AsAsyncEnumerable();
        await foreach (var key in present.WithCancellation(cancel))
        {
            before++;
            fresh.Remove(key);
            if (uploaded.Contains(key) != (mode?.Value == KeyUploadMode.Remove))
                continue;
            removed++;
            if (removedSample.Count < Sample)
                removedSample.Add(key);
        }
        if (mode?.Value == KeyUploadMode.Add)
        {
            removed = 0;
            removedSample.Clear();
        }
        else if (mode?.Value == KeyUploadMode.Remove)
        {
            fresh.Clear();
        }
        return TypedResults.Ok(new SegmentKeysComparisonView(
            before, before + fresh.Count - removed, uploaded.Count, keys.Keys.Count - uploaded.Count, fresh.Count, removed, [.. fresh.Take(Sample)], removedSample, row.Version));
    }
}
