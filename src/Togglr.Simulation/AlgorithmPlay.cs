using System.Globalization;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Statistics.Numerics;

namespace Togglr.Simulation;

/// <summary>
/// People who are served by an algorithm and tell at once how it went. The time of the simulation is cut into rounds; after each the server has a moment to learn, and the next people are served what it made of it.
/// With drift the effects move on from variant to variant, so what was best is not for long.
/// </summary>
internal sealed class AlgorithmPlay(SimulationOptions options, SimulationReport report, EventSender sender, TimeProvider time)
{
    /// <summary>How long a server needs to count, to compute and to publish.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>Plays all rounds.</summary>
    /// <param name="load">Reads the newest snapshot.</param>
    /// <param name="tell">Is told how much of it is over.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(Func<CancellationToken, Task<Snapshot>> load, Action<double> tell, CancellationToken cancel)
    {
        var random = new RandomSource(options.Seed);
        var span = TimeSpan.FromHours(options.Hours);
        var start = time.GetUtcNow() - span;
        for (var round = 0; round < options.Rounds; round++)
        {
            var progress = options.Rounds == 1 ? 0 : round / (options.Rounds - 1.0);
            Play(await load(cancel).ConfigureAwait(false), start + span * ((round + 0.5) / options.Rounds), round, progress, random);
            await sender.SendAsync(everything: true, cancel).ConfigureAwait(false);
            await sender.SendLateAsync(cancel).ConfigureAwait(false);
            tell((round + 1.0) / options.Rounds);
            await Task.Delay(Moment, time, cancel).ConfigureAwait(false);
        }
    }

    private void Play(Snapshot snapshot, DateTimeOffset at, int round, double progress, RandomSource random)
    {
        if (!snapshot.TryGetFlag(options.Algorithm!, out var flag))
            throw new InvalidOperationException($"There is no flag {options.Algorithm} in this environment.");
        List<string> variants = [.. flag.Variants.Select(static variant => variant.Key)];
        for (var i = round; i < options.Users; i += options.Rounds)
        {
            var person = new Person(options, i);
            var result = snapshot.Evaluate(options.Algorithm!, person.Context, at.ToUnixTimeMilliseconds());
            if (result.Outcome.Algorithm is not { } share || result.Variant is not { } variant)
                continue;
            report.Visits++;
            report.Expose("algorithm:" + options.Algorithm, variant.Key);
            var isSuccess = random.Uniform() < Math.Clamp(options.Rate * (1 + EffectOf(variants, variant.Key, progress)), 0, 1);
            report.Purchases += isSuccess ? 1 : 0;
            Send(person, at, "exposure", share, variant.Key, json => json.WriteNumber("propensity"u8, share.Propensity));
            Send(person, at, "feedback", share, variant.Key, json => json.WriteString("outcome"u8, isSuccess ? "success"u8 : "failure"u8));
        }
        if (report.Visits == 0)
            throw new InvalidOperationException($"No algorithm shares out the traffic of {options.Algorithm} in this environment.");
    }

    private double EffectOf(List<string> variants, string variant, double progress)
    {
        var index = variants.IndexOf(variant);
        double Own(int at) => options.Effects.TryGetValue(variants[at], out var share) ? share : options.Effects.GetValueOrDefault("*");
        var moved = options.Drift * progress;
        return (1 - moved) * Own(index) + moved * Own((index + variants.Count - 1) % variants.Count);
    }

    private void Send(Person person, DateTimeOffset at, string type, AlgorithmShare share, string variant, Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteString("id"u8, string.Create(CultureInfo.InvariantCulture, $"{person.Unit}-{type}-{person.Random.Bits():x16}"));
            json.WriteString("at"u8, at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("unit"u8, person.Unit);
            json.WriteString("flag"u8, options.Algorithm);
            json.WriteString("variant"u8, variant);
            json.WriteNumber("weightsVersion"u8, share.WeightsVersion);
            members(json);
            json.WriteStartObject("attributes"u8);
            json.WriteString("country"u8, person.Country);
            json.WriteString("device"u8, person.Device);
            json.WriteString("plan"u8, person.Plan);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        report.Events++;
        sender.Add(new SimulatedEvent(buffer.ToArray(), person.Random.Uniform() < options.Late, person.Random.Uniform() < options.Duplicates));
    }
}
