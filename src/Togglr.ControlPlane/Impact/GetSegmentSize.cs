using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Evaluations;
using Togglr.ControlPlane.Segments;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Impact;

/// <summary>About how many people are in a segment, by the sample of one environment.</summary>
/// <param name="Environment">Its key.</param>
/// <param name="Status">Whether there are numbers.</param>
/// <param name="Contexts">How many contexts were looked at, one of each person.</param>
/// <param name="Inside">How many of them are in the segment.</param>
/// <param name="Population">About whom the sample speaks, and the share of them that is in the segment; null without numbers.</param>
/// <param name="MissingAttributes">Attributes that the condition looks at and that are not kept: here they count as missing.</param>
/// <param name="LooksAtKeys">Whether the condition looks into targeting keys (other than by equality), which a sample does not hold: it counts as not met.</param>
public sealed record SegmentSizeView(
    string Environment, ImpactStatus Status, int Contexts, int Inside, ImpactPopulationView? Population, IReadOnlyList<string> MissingAttributes, bool LooksAtKeys);

/// <summary>Estimates the size of a segment: a flag that asks for nothing but the segment is evaluated for everybody in the sample.</summary>
internal static class GetSegmentSize
{
    private const string In = "in";
    private const string Out = "out";

    /// <summary>No flag can have this key.</summary>
    private const string Probe = "~segment";

    public static async Task<Results<Ok<SegmentSizeView>, Problem>> HandleAsync(
        string segment, Current current, TogglrDbContext db, [FromServices] EnvironmentImpact impact, CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, segment, cancel) is not { } row)
            return SegmentStore.NotThere(segment);
        var environment = current.Environment;
        if (await impact.RunAsync(environment.Id, environment.Key, environment.Revision, [PatchFor(row.Key, environment.Revision)], cancel) is not { } view)
            return PastRevisions.NotThere(environment.Revision);
        var inside = view.Flags.SelectMany(static flag => flag.Flows).Where(static flow => flow.To == In).Sum(static flow => flow.Contexts);
        return TypedResults.Ok(new SegmentSizeView(
            environment.Key, view.Status, view.Contexts, inside, view.Population is { } population ? About(inside, view.Contexts, population) : null, view.MissingAttributes, view.LooksAtKeys));
    }

    private static ImpactPopulationView About(int inside, int contexts, ImpactPopulationView population)
    {
        var (low, high) = WilsonInterval.Of(inside, contexts, population.People);
        return population with { Share = (double)inside / contexts, Low = low, High = high };
    }

    private static byte[] PatchFor(string segment, long revision) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            From = revision, Revision = revision,
            Flags = new Dictionary<string, object>
            {
                [Probe] = new
                {
                    Key = Probe, Type = "boolean", Enabled = true, Killed = false, ClientVisible = false, Variants = new Dictionary<string, bool> { [In] = true, [Out] = false },
                    Prerequisites = Array.Empty<object>(), Targets = Array.Empty<object>(),
                    Rules = new[] { new { Id = In, If = new { Segment = segment }, Then = new { Variant = In } } }, Default = new { Variant = Out },
                },
            },
        }, StrictJson.Options);
}
