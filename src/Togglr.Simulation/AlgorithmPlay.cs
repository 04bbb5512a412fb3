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

    private readonly EventWriter _events = new(options, report, sender.Add);

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
            sender.Evaluations.Add(options.Algorithm!, person, at, result);
            if (result.Outcome.Algorithm is not { } share || result.Variant is not { } variant)
                continue;
            report.Visits++;
            report.Expose("algorithm:" + options.Algorithm, variant.Key);
            var isSuccess = random.Uniform() < Math.Clamp(options.Rate * (1 + _events.EffectOf(variants, variant.Key, progress, Planted)), 0, 1);
            report.Purchases += isSuccess ? 1 : 0;
            _events.Write(person, at, "exposure", json => WriteServed(json, share, variant.Key).WriteNumber("propensity"u8, share.Propensity));
            _events.Write(person, at, "feedback", json => WriteServed(json, share, variant.Key).WriteString("outcome"u8, isSuccess ? "success"u8 : "failure"u8));
        }
        if (report.Visits == 0)
            throw new InvalidOperationException($"No algorithm shares out the traffic of {options.Algorithm} in this environment.");
    }

    private double Planted(string variant) => options.Effects.TryGetValue(variant, out var share) ? share : options.Effects.GetValueOrDefault("*");

    private Utf8JsonWriter WriteServed(Utf8JsonWriter json, AlgorithmShare share, string variant)
    {
        json.WriteString("flag"u8, options.Algorithm);
        json.WriteString("variant"u8, variant);
        json.WriteNumber("weightsVersion"u8, share.WeightsVersion);
        return json;
    }
}
