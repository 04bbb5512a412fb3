using System.Diagnostics;
using System.Text.Json;
using Togglr.ControlPlane.Evaluations;
using Togglr.ControlPlane.Publishing;
using Togglr.Evaluation;
using Togglr.Messaging.Sampling;

namespace Togglr.ControlPlane.Impact;

/// <summary>Replays a change over the sample of one environment.</summary>
internal sealed class EnvironmentImpact(CompiledSnapshots snapshots, SamplingReader sampling, SampleCache samples, TimeProvider time) : IDisposable
{
    private const int MaximumFlags = 50;
    private const int MaximumExamples = 12;
    private const int MaximumExampleFlags = 10;

    /// <summary>Flags times people: more flags are asked about fewer people, so that the answer comes within a second. Any beginning of a sample is a sample.</summary>
    private const long Budget = 1_500_000;

    private const int FewestPeople = 200;
    private const int MaximumStandIns = 4;

    private readonly SemaphoreSlim _turns = new(Math.Max(2, System.Environment.ProcessorCount));
    private readonly Lock _gate = new();
    private readonly LinkedList<(Guid Environment, long Revision, string Stamp, Lazy<Snapshot> Snapshot)> _standIns = new();

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    /// <summary>What a patch would do; null when the revision is gone.</summary>
    /// <param name="environment">The environment's id.</param>
    /// <param name="key">Its key.</param>
    /// <param name="from">The revision that the patch starts from.</param>
    /// <param name="patches">Patches in order: the first may lead to what is compared with, the last from there to what it becomes.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<EnvironmentImpactView?> RunAsync(Guid environment, string key, long from, IReadOnlyList<ReadOnlyMemory<byte>> patches, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        if (await snapshots.GetAsync(environment, from) is not { } saved)
            return null;
        var terms = await sampling.ReadAsync(environment, cancel);
        var people = terms is null ? SampledPeople.None : await samples.GetAsync(environment, terms, cancel);
        await _turns.WaitAsync(cancel);
        try
        {
            // On a thread of its own: it computes for as long as it takes.
            return await Task.Run(() => Compare(environment, key, saved, patches, terms, people, started, cancel), cancel);
        }
        finally
        {
            _turns.Release();
        }
    }

    private EnvironmentImpactView Compare(
        Guid environment, string key, Snapshot saved, IReadOnlyList<ReadOnlyMemory<byte>> patches, SamplingTerms? terms, SampledPeople people, long started, CancellationToken cancel)
    {
        var before = terms is null ? saved : StandIns(environment, saved, terms);
        foreach (var patch in patches.SkipLast(1))
            before = before.Apply(Rename(patch));
        var last = Rename(patches[^1]);
        var after = before.Apply(last);
        var direct = KeysOf(last);
        var flags = before.Flags.Select(flag => flag.Key).Union(after.Flags.Select(flag => flag.Key), StringComparer.Ordinal)
            .Where(flag => !(before.TryGetFlag(flag, out var old) & after.TryGetFlag(flag, out var changed)) || !ReferenceEquals(old, changed)).ToList();
        var some = people.First((int)Math.Max(FewestPeople, Budget / Math.Max(1, flags.Count)));
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var counts = new ImpactRun(before, after, flags).Run(some, now, cancel);
        // Without numbers, all that may answer differently are named.
        var views = counts.Pairs.Select(pair => View(pair, counts, direct.Contains(pair.Key))).Where(view => counts.Contexts == 0 || view.IsDirect || view.Changed > 0)
            .OrderByDescending(static view => view.Changed).ThenByDescending(static view => view.IsDirect).ThenBy(static view => view.Flag, StringComparer.Ordinal).ToList();
        var asked = terms is null ? null : WhatIsAsked.Of(after, views.Select(view => view.Flag));
        return new EnvironmentImpactView(
            key, terms is null ? ImpactStatus.Off : counts.Contexts == 0 ? ImpactStatus.Empty : ImpactStatus.Ready, counts.Contexts, counts.Changed,
            counts.Contexts == 0 ? null : Population(counts, some), [.. views.Take(MaximumFlags)], views.Count > MaximumFlags,
            [.. counts.Examples.Take(MaximumExamples).Select(person => Example(some[person], counts, before, after, now))],
            asked?.Missing(terms!) ?? [], asked?.LooksAtKeys ?? false, (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds);

        ReadOnlyMemory<byte> Rename(ReadOnlyMemory<byte> patch) => terms is null ? patch : StandInDocument.Write(patch, terms);
    }

    private static ImpactPopulationView Population(ImpactCounts counts, SampledPeople people)
    {
        var population = people.Population;
        var (low, high) = WilsonInterval.Of(counts.Changed, counts.Contexts, population);
        var (from, to) = (DateTimeOffset.MaxValue, DateTimeOffset.MinValue);
        for (var i = 0; i < people.Count; i++)
        {
            from = people[i].SeenAt < from ? people[i].SeenAt : from;
            to = people[i].SeenAt > to ? people[i].SeenAt : to;
        }
        return new ImpactPopulationView(population, population <= people.Count, (double)counts.Changed / counts.Contexts, low, high, from, to);
    }

    private static FlagImpactView View(ImpactRun.Pair pair, ImpactCounts counts, bool isDirect)
    {
        var flows = counts.FlowsOf(pair).Select(row => new ImpactFlowView(pair.From(row.Flow)?.Key, pair.To(row.Flow)?.Key, row.Contexts, pair.Differs[row.Flow])).ToList();
        return new FlagImpactView(pair.Key, isDirect, flows.Where(static flow => flow.IsChange).Sum(static flow => flow.Contexts), flows);
    }

    private static ImpactExampleView Example(Store.StoredSample person, ImpactCounts counts, Snapshot before, Snapshot after, long now)
    {
        var reader = new ContextReader();
        reader.TryRead(after, person.Utf8Context, out _);
        var changes = new List<ImpactExampleChangeView>();
        foreach (var pair in counts.Pairs)
        {
            var from = pair.Before is null ? default(EvaluationResult?) : before.Evaluate(pair.Before, reader, now);
            var to = pair.After is null ? default(EvaluationResult?) : after.Evaluate(pair.After, reader, now);
            var flow = ((from?.Variant?.Index + 1 ?? 0) * pair.Columns) + (to?.Variant?.Index + 1 ?? 0);
            if (!pair.Differs[flow])
                continue;
            changes.Add(new ImpactExampleChangeView(
                pair.Key, from?.Variant?.Key, (from?.Reason ?? EvaluationReason.Error).WireName(), to?.Variant?.Key, (to?.Reason ?? EvaluationReason.Error).WireName(), to?.RuleId));
            if (changes.Count == MaximumExampleFlags)
                break;
        }
        using var context = JsonDocument.Parse(person.Utf8Context);
        return new ImpactExampleView(context.RootElement.Clone(), person.SeenAt, changes);
    }

    /// <summary>The flags whose own documents a patch replaces.</summary>
    private static HashSet<string> KeysOf(ReadOnlyMemory<byte> patch)
    {
        using var document = JsonDocument.Parse(patch, new JsonDocumentOptions { MaxDepth = 1000 });
        return document.RootElement.TryGetProperty("flags", out var flags) && flags.ValueKind == JsonValueKind.Object
            ? [.. flags.EnumerateObject().Select(static flag => flag.Name)]
            : [];
    }

    /// <summary>The saved snapshot with stand-ins, made once for each revision: lists may be long.</summary>
    private Snapshot StandIns(Guid environment, Snapshot saved, SamplingTerms terms)
    {
        Lazy<Snapshot>? found = null;
        lock (_gate)
        {
            for (var node = _standIns.First; node is not null && found is null; node = node.Next)
            {
                if (node.Value.Environment != environment || node.Value.Revision != saved.Revision || node.Value.Stamp != terms.Stamp)
                    continue;
                _standIns.Remove(node);
                _standIns.AddFirst(node);
                found = node.Value.Snapshot;
            }
            if (found is null)
            {
                found = new Lazy<Snapshot>(() => Snapshot.Load(StandInDocument.Write(saved.ToUtf8Json(), terms)));
                _standIns.AddFirst((environment, saved.Revision, terms.Stamp, found));
                if (_standIns.Count > MaximumStandIns)
                    _standIns.RemoveLast();
            }
        }
        return found.Value;
    }
}
