using System.Globalization;
using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.Simulation;

/// <summary>One event, ready to be sent.</summary>
/// <param name="Json">As the server takes it.</param>
/// <param name="IsLate">Whether it is sent after everything else.</param>
/// <param name="IsRepeated">Whether it is sent twice.</param>
internal readonly record struct SimulatedEvent(ReadOnlyMemory<byte> Json, bool IsLate, bool IsRepeated);

/// <summary>What happens when somebody comes: flags are evaluated as an application does, and they look, hesitate and perhaps buy.</summary>
internal sealed class Visit(SimulationOptions options, Snapshot snapshot, IReadOnlyList<SimulatedExperiment> experiments, SimulationReport report, Action<SimulatedEvent> send)
{
    /// <summary>Plays a visit.</summary>
    /// <param name="person">Who.</param>
    /// <param name="at">When.</param>
    /// <param name="progress">How much of the simulation is over, 0 to 1.</param>
    public void Play(Person person, DateTimeOffset at, double progress)
    {
        report.Visits++;
        var (lift, slowdown) = (1.0, 1.0);
        foreach (var experiment in experiments)
        {
            var result = snapshot.Evaluate(experiment.Flag, person.Context, at.ToUnixTimeMilliseconds());
            if (result.ExperimentKey != experiment.Key || result.Variant is not { } variant)
                continue;
            lift *= 1 + EffectOf(experiment, variant.Key, progress);
            slowdown *= 1 + ShareOf(options.Slowdowns, experiment, variant.Key);
            if (!person.Exposed.Add(experiment.Key))
                continue;
            report.Expose(experiment.Key, variant.Key);
            if (person.Random.Uniform() < options.Lost.GetValueOrDefault(variant.Key))
                report.Lost++;
            else
                Send(person, at, json => WriteExposure(json, person, experiment, variant.Key, result.ExperimentPhase));
        }

        var random = person.Random;
        var pages = person.IsBot ? 20 + random.Below(40) : 1 + random.Poisson(3);
        Send(person, at, json => WriteDeed(json, "page_view", person, pages));
        Send(person, at, json => WriteDeed(json, "page_load_ms", person, Math.Round(slowdown * 420 * Math.Exp(0.35 * random.Normal()), 1)));
        if (person.IsBot || random.Uniform() >= Math.Min(0.95, options.Rate * person.Inclination * lift))
            return;
        report.Purchases++;
        var bought = at.AddSeconds(30 + 300 * random.Exponential());
        Send(person, at.AddSeconds(20), json => WriteDeed(json, "add_to_cart", person, null));
        // The end is not beyond what can have happened.
        Send(person, bought < at.AddHours(1) ? bought : at.AddHours(1), json => WriteDeed(json, "purchase", person, Math.Round(person.Purse * Math.Exp(0.6 * random.Normal()), 2)));
    }

    /// <summary>The planted effect: that of the variant, moving on to that of the variant before it.</summary>
    private double EffectOf(SimulatedExperiment experiment, string variant, double progress)
    {
        var own = ShareOf(options.Effects, experiment, variant);
        if (options.Drift == 0)
            return own;
        var index = experiment.Variants.IndexOf(variant);
        var before = index < 0 ? own : ShareOf(options.Effects, experiment, experiment.Variants[(index + experiment.Variants.Count - 1) % experiment.Variants.Count]);
        var moved = options.Drift * progress;
        return (1 - moved) * own + moved * before;
    }

    private static double ShareOf(IReadOnlyDictionary<string, double> shares, SimulatedExperiment experiment, string variant) =>
        shares.TryGetValue(variant, out var share) ? share : variant == experiment.Control ? 0 : shares.GetValueOrDefault("*");

    private void Send(Person person, DateTimeOffset at, Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            // The same simulation again is the same events: whoever repeats it within a day changes nothing.
            json.WriteString("id"u8, string.Create(CultureInfo.InvariantCulture, $"{person.Unit}-{person.Random.Bits():x16}"));
            json.WriteString("at"u8, at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("unit"u8, person.Unit);
            members(json);
            json.WriteEndObject();
        }
        report.Events++;
        send(new SimulatedEvent(buffer.ToArray(), person.Random.Uniform() < options.Late, person.Random.Uniform() < options.Duplicates));
    }

    private static void WriteExposure(Utf8JsonWriter json, Person person, SimulatedExperiment experiment, string variant, int phase)
    {
        json.WriteString("type"u8, "exposure"u8);
        json.WriteString("experiment"u8, experiment.Key);
        if (phase > 0)
            json.WriteNumber("phase"u8, phase);
        json.WriteString("flag"u8, experiment.Flag);
        json.WriteString("variant"u8, variant);
        WriteTraits(json, "attributes", person);
    }

    private static void WriteDeed(Utf8JsonWriter json, string name, Person person, double? value)
    {
        json.WriteString("type"u8, "metric"u8);
        json.WriteString("event"u8, name);
        if (value is { } number)
            json.WriteNumber("value"u8, number);
        WriteTraits(json, "properties", person);
    }

    private static void WriteTraits(Utf8JsonWriter json, string member, Person person)
    {
        json.WriteStartObject(member);
        json.WriteString("country"u8, person.Country);
        json.WriteString("device"u8, person.Device);
        json.WriteString("plan"u8, person.Plan);
        json.WriteEndObject();
    }
}
