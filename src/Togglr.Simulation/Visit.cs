using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.Simulation;

/// <summary>What happens when somebody comes: flags are evaluated as an application does, and they look, hesitate and perhaps buy.</summary>
internal sealed class Visit(SimulationOptions options, Snapshot snapshot, IReadOnlyList<SimulatedExperiment> experiments, SimulationReport report, EventWriter events, EvaluationCounts counts)
{
    /// <summary>Plays a visit.</summary>
    /// <param name="person">Who.</param>
    /// <param name="at">When.</param>
    /// <param name="progress">How much of the simulation is over, 0 to 1.</param>
    /// <param name="end">When what follows the visit has happened.</param>
    public void Play(Person person, DateTimeOffset at, double progress, DateTimeOffset end)
    {
        report.Visits++;
        var (lift, slowdown) = (1.0, 1.0);
        foreach (var experiment in experiments)
        {
            var result = snapshot.Evaluate(experiment.Flag, person.Context, at.ToUnixTimeMilliseconds());
            counts.Add(experiment.Flag, person, at, result);
            if (result.ExperimentKey != experiment.Key || result.Variant is not { } variant)
                continue;
            lift *= 1 + events.EffectOf(experiment.Variants, variant.Key, progress, other => ShareOf(options.Effects, experiment, other));
            slowdown *= 1 + ShareOf(options.Slowdowns, experiment, variant.Key);
            if (!person.Exposed.Add(experiment.Key))
                continue;
            report.Expose(experiment.Key, variant.Key);
            if (person.Random.Uniform() < options.Lost.GetValueOrDefault(variant.Key))
                report.Lost++;
            else
                events.Write(person, at, "exposure", json => WriteExposure(json, experiment, variant.Key, result.ExperimentPhase));
        }

        var random = person.Random;
        var pages = person.IsBot ? 20 + random.Below(40) : 1 + random.Poisson(3);
        events.Write(person, at, "metric", json => WriteDeed(json, "page_view", pages));
        events.Write(person, at, "metric", json => WriteDeed(json, "page_load_ms", Math.Round(slowdown * 420 * Math.Exp(0.35 * random.Normal()), 1)));
        if (person.IsBot || random.Uniform() >= Math.Min(0.95, options.Rate * person.Inclination * lift))
            return;
        report.Purchases++;
        var bought = at.AddSeconds(30 + 300 * random.Exponential());
        events.Write(person, at.AddSeconds(20), "metric", json => WriteDeed(json, "add_to_cart", null));
        events.Write(person, bought < end ? bought : end, "metric", json => WriteDeed(json, "purchase", Math.Round(person.Purse * Math.Exp(0.6 * random.Normal()), 2)));
    }

    private static double ShareOf(IReadOnlyDictionary<string, double> shares, SimulatedExperiment experiment, string variant) =>
        shares.TryGetValue(variant, out var share) ? share : variant == experiment.Control ? 0 : shares.GetValueOrDefault("*");

    private static void WriteExposure(Utf8JsonWriter json, SimulatedExperiment experiment, string variant, int phase)
    {
        json.WriteString("experiment"u8, experiment.Key);
        if (phase > 0)
            json.WriteNumber("phase"u8, phase);
        json.WriteString("flag"u8, experiment.Flag);
        json.WriteString("variant"u8, variant);
    }

    private static void WriteDeed(Utf8JsonWriter json, string name, double? value)
    {
        json.WriteString("event"u8, name);
        if (value is { } number)
            json.WriteNumber("value"u8, number);
    }
}
