using System.Net;
using Togglr.Evaluation;
using Togglr.Statistics.Numerics;

namespace Togglr.Simulation;

/// <summary>
/// Believable traffic against a running server: people come and go, are assigned by the snapshot like in any application, and do what they do through the same endpoint as everybody. What is planted
/// (effects, slow pages, lost exposures, programs, repetitions, delays) is known, so the results of experiments can be held against it.
/// </summary>
/// <param name="options">What is simulated; must have no <see cref="SimulationOptions.Fault"/>.</param>
/// <param name="http">Sends.</param>
/// <param name="time">The clock.</param>
public sealed class Simulator(SimulationOptions options, HttpClient http, TimeProvider time)
{
    private readonly SimulationReport _report = new();

    /// <summary>Runs the whole simulation.</summary>
    /// <param name="progress">Is told about every percent and at the end; null: nobody is.</param>
    /// <param name="cancel">Ends it early; what happened until then has been sent or not.</param>
    /// <returns>The truth.</returns>
    /// <exception cref="HttpRequestException">The server does not answer, or not as it should.</exception>
    /// <exception cref="InvalidOperationException">There is no experiment to simulate.</exception>
    public async Task<SimulationReport> RunAsync(IProgress<(double Share, SimulationReport Report)>? progress = null, CancellationToken cancel = default)
    {
        var sender = new EventSender(http, options, _report, time);
        if (options.Algorithm is not null)
        {
            await new AlgorithmPlay(options, _report, sender, time)
                .RunAsync(async token => Snapshot.Load(await ReadAsync(token).ConfigureAwait(false)), share => progress?.Report((share, _report)), cancel).ConfigureAwait(false);
            return _report;
        }
        var (snapshot, experiments) = await LoadAsync(cancel).ConfigureAwait(false);
        var visit = new Visit(options, snapshot, experiments, _report, new EventWriter(options, _report, sender.Add), sender.Evaluations);
        await PlayHistoryAsync(visit, sender, progress, cancel).ConfigureAwait(false);
        await sender.SendLateAsync(cancel).ConfigureAwait(false);
        if (options.Minutes > 0)
            await PlayLiveAsync(visit, sender, progress, cancel).ConfigureAwait(false);
        progress?.Report((1, _report));
        return _report;
    }

    private async Task<(Snapshot Snapshot, List<SimulatedExperiment> Experiments)> LoadAsync(CancellationToken cancel)
    {
        var document = await ReadAsync(cancel).ConfigureAwait(false);
        var experiments = SimulatedExperiment.Find(document, options.Experiment);
        if (experiments.Count == 0)
            throw new InvalidOperationException(options.Experiment is null ? "No experiment runs in this environment: start one first." : $"The experiment {options.Experiment} does not run in this environment.");
        return (Snapshot.Load(document), experiments);
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancel)
    {
        using var request = EventSender.Request(options, HttpMethod.Get, "sdk/v1/config");
        using var response = await http.SendAsync(request, cancel).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new HttpRequestException($"The server answered {(int)response.StatusCode} when asked for the configuration. Is --key a server key of it?", null, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
    }

    private async Task PlayHistoryAsync(Visit visit, EventSender sender, IProgress<(double, SimulationReport)>? progress, CancellationToken cancel)
    {
        var span = TimeSpan.FromHours(options.Hours);
        // An hour for what follows a visit.
        var start = time.GetUtcNow() - span;
        var last = span - TimeSpan.FromHours(Math.Min(1, options.Hours / 2));
        if (last <= TimeSpan.Zero)
            return;
        for (var i = 0; i < options.Users; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var person = new Person(options, i);
            var moments = new DateTimeOffset[person.VisitsIn(last.TotalDays, options.Visits)];
            for (var n = 0; n < moments.Length; n++)
                moments[n] = person.Moment(start, last);
            Array.Sort(moments);
            foreach (var at in moments)
                visit.Play(person, at, (at - start) / last, start + span);
            await sender.SendAsync(everything: false, cancel).ConfigureAwait(false);
            if ((i + 1) * 100L / options.Users != i * 100L / options.Users)
                progress?.Report(((i + 1.0) / options.Users, _report));
        }
        await sender.SendAsync(everything: true, cancel).ConfigureAwait(false);
    }

    private async Task PlayLiveAsync(Visit visit, EventSender sender, IProgress<(double, SimulationReport)>? progress, CancellationToken cancel)
    {
        var random = new RandomSource(options.Seed + 77);
        var people = new Dictionary<int, Person>();
        var (start, length) = (time.GetUtcNow(), TimeSpan.FromMinutes(options.Minutes));
        var perSecond = options.Users * options.Visits / 86_400;
        var owed = 0.0;
        while (time.GetUtcNow() - start is var gone && gone < length)
        {
            for (owed += perSecond; owed >= 1; owed--)
            {
                var number = random.Below(options.Users);
                if (!people.TryGetValue(number, out var person))
                    people.Add(number, person = new Person(options, number, (ulong)start.ToUnixTimeSeconds()));
                // What follows a visit has happened when it is sent.
                var now = time.GetUtcNow();
                visit.Play(person, now.AddMinutes(-5), gone / length, now);
            }
            await sender.SendAsync(everything: true, cancel).ConfigureAwait(false);
            await sender.SendLateAsync(cancel).ConfigureAwait(false);
            progress?.Report((Math.Min(1, gone / length), _report));
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancel).ConfigureAwait(false);
        }
    }
}
