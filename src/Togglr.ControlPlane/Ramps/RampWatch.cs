using System.Globalization;
using Togglr.Store;

namespace Togglr.ControlPlane.Ramps;

/// <summary>Judges a ramp by what was seen of it.</summary>
internal static class RampWatch
{
    /// <summary>The next observation. The first is what everything is counted from.</summary>
    public static RampObservation Observe(Ramp ramp, RampGuard guard, RampSample sample, IReadOnlyList<RampObservation> before, DateTimeOffset now)
    {
        var evidence = before.Count == 0 ? 0 : Evidence(guard, [.. before.Select(Of), sample]);
        return new RampObservation
        {
            RampId = ramp.Id, OrganizationId = ramp.OrganizationId, At = now, Step = ramp.Step, Share = ramp.StepList[ramp.Step].Share,
            Evaluations = sample.Ramped.Evaluations, Errors = sample.Ramped.Errors, RestEvaluations = sample.Rest.Evaluations, RestErrors = sample.Rest.Errors, Evidence = evidence,
        };
    }

    /// <summary>Why the ramp must not go on; null when nothing speaks against it.</summary>
    public static string? Verdict(RampGuard guard, RampObservation first, RampObservation last)
    {
        var (ramped, rest) = (Of(last).Ramped - Of(first).Ramped, Of(last).Rest - Of(first).Rest);
        if (ramped.Evaluations < guard.MinEvaluations || last.Evidence < RampTest.Threshold)
            return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ramped.Errors} errors in {ramped.Evaluations} evaluations ({Rate(ramped):0.##} %) against {rest.Errors} in {rest.Evaluations} ({Rate(rest):0.##} %) of the rest; the evidence is {Math.Exp(Math.Min(last.Evidence, 30)):0} to 1.");
    }

    /// <summary>The stronger of what speaks against the variant.</summary>
    private static double Evidence(RampGuard guard, IReadOnlyList<RampSample> samples)
    {
        var all = samples[^1].Ramped - samples[0].Ramped;
        var above = guard.MaxErrorRate is { } limit ? RampTest.Above(all, limit) : double.NegativeInfinity;
        var intervals = samples.Zip(samples.Skip(1), (one, next) => new RampInterval(next.Ramped - one.Ramped, next.Rest - one.Rest)).ToList();
        var increase = guard.MaxIncrease is { } tolerated ? RampTest.Increase(intervals, 1 + tolerated) : double.NegativeInfinity;
        return Math.Max(0, Math.Max(above, increase));
    }

    private static RampSample Of(RampObservation row) => new(new RampCounts(row.Evaluations, row.Errors), new RampCounts(row.RestEvaluations, row.RestErrors));

    private static double Rate(RampCounts counts) => counts.Evaluations == 0 ? 0 : 100.0 * counts.Errors / counts.Evaluations;
}
