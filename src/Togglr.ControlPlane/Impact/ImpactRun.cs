using System.Runtime.InteropServices;
using Togglr.Evaluation;

namespace Togglr.ControlPlane.Impact;

/// <summary>
/// Evaluates flags for every person of a sample in two snapshots, and counts who goes from what to what. A context is read once for both; nothing is allocated for it. People are shared out among
/// threads.
/// </summary>
internal sealed class ImpactRun
{
    private const int Chunk = 1024;
    private const int ExamplesOfFlow = 3;

    private readonly Snapshot _before;
    private readonly Snapshot _after;
    private readonly Pair[] _pairs;
    private readonly int _flows;

    /// <param name="before">The snapshot as it is.</param>
    /// <param name="after">What it becomes: <see cref="Snapshot.Apply"/> of the other.</param>
    /// <param name="flags">The keys of flags to ask.</param>
    public ImpactRun(Snapshot before, Snapshot after, IEnumerable<string> flags)
    {
        (_before, _after) = (before, after);
        _pairs = [.. flags.Select(key => new Pair(key, before.TryGetFlag(key, out var old) ? old : null, after.TryGetFlag(key, out var changed) ? changed : null))];
        foreach (var pair in _pairs)
        {
            pair.Start = _flows;
            _flows += pair.Rows * pair.Columns;
        }
    }

    /// <summary>Counts.</summary>
    /// <param name="people">The sample.</param>
    /// <param name="now">The time of all evaluations, in Unix milliseconds.</param>
    /// <param name="cancel">Ends it.</param>
    public ImpactCounts Run(SampledPeople people, long now, CancellationToken cancel)
    {
        var chunks = (people.Count + Chunk - 1) / Chunk;
        var counts = new ImpactCounts(_pairs, _flows);
        var examples = new List<(int Person, int Flow)>[chunks];
        Parallel.For(0, chunks, new ParallelOptions { CancellationToken = cancel }, () => new Worker(_flows), (chunk, _, worker) =>
        {
            Array.Clear(worker.Found);
            worker.Examples = [];
            var end = Math.Min(people.Count, (chunk + 1) * Chunk);
            for (var person = chunk * Chunk; person < end; person++)
                Count(worker, people[person].Utf8Context, person, now);
            examples[chunk] = worker.Examples;
            return worker;
        }, counts.Add);
        counts.Keep(examples.SelectMany(static some => some), ExamplesOfFlow);
        return counts;
    }

    private void Count(Worker worker, byte[] context, int person, long now)
    {
        // What is stored was written by this program; should it not be readable any more, it says nothing.
        if (!worker.Reader.TryRead(_after, context, out _))
            return;
        worker.Contexts++;
        var isChanged = false;
        foreach (var pair in _pairs)
        {
            var from = pair.Before is null ? 0 : Place(_before.Evaluate(pair.Before, worker.Reader, now));
            var to = pair.After is null ? 0 : Place(_after.Evaluate(pair.After, worker.Reader, now));
            var flow = (from * pair.Columns) + to;
            worker.Flows[pair.Start + flow]++;
            if (!pair.Differs[flow])
                continue;
            isChanged = true;
            if (worker.Found[pair.Start + flow]++ < ExamplesOfFlow)
                worker.Examples.Add((person, pair.Start + flow));
        }
        if (isChanged)
            worker.Changed++;
    }

    /// <summary>0 is no value.</summary>
    private static int Place(in EvaluationResult result) => result.Variant is { } variant ? variant.Index + 1 : 0;

    /// <summary>A flag before and after.</summary>
    internal sealed class Pair
    {
        public Pair(string key, Flag? before, Flag? after)
        {
            (Key, Before, After) = (key, before, after);
            (Rows, Columns) = ((before?.Variants.Count ?? 0) + 1, (after?.Variants.Count ?? 0) + 1);
            Differs = new bool[Rows * Columns];
            for (var flow = 0; flow < Differs.Length; flow++)
            {
                var (from, to) = (From(flow), To(flow));
                Differs[flow] = from?.Key != to?.Key || (from is not null && !from.Utf8Json.Span.SequenceEqual(to!.Utf8Json.Span));
            }
        }

        public string Key { get; }

        public Flag? Before { get; }

        public Flag? After { get; }

        public int Rows { get; }

        public int Columns { get; }

        public int Start { get; set; }

        /// <summary>Whether a flow from one place to another is a change.</summary>
        public bool[] Differs { get; }

        public Variant? From(int flow) => flow / Columns is > 0 and var row ? Before!.Variants[row - 1] : null;

        public Variant? To(int flow) => flow % Columns is > 0 and var column ? After!.Variants[column - 1] : null;
    }

    internal sealed class Worker(int flows)
    {
        public ContextReader Reader { get; } = new();

        public long[] Flows { get; } = new long[flows];

        public int[] Found { get; } = new int[flows];

        public List<(int Person, int Flow)> Examples { get; set; } = [];

        public int Contexts { get; set; }

        public int Changed { get; set; }
    }
}

/// <summary>Who goes from what to what.</summary>
internal sealed class ImpactCounts(ImpactRun.Pair[] pairs, int flows)
{
    private readonly Lock _gate = new();
    private readonly long[] _flows = new long[flows];

    /// <summary>The flags that were asked.</summary>
    public IReadOnlyList<ImpactRun.Pair> Pairs => pairs;

    /// <summary>How many contexts were asked about.</summary>
    public int Contexts { get; private set; }

    /// <summary>How many get something else of any flag.</summary>
    public int Changed { get; private set; }

    /// <summary>People who change, of each kind of change some; in the order of the sample.</summary>
    public IReadOnlyList<int> Examples { get; private set; } = [];

    /// <summary>The flows of a flag that somebody goes, the largest first.</summary>
    public IReadOnlyList<(int Flow, int Contexts)> FlowsOf(ImpactRun.Pair pair) =>
        [.. Enumerable.Range(0, pair.Differs.Length).Select(flow => (Flow: flow, Contexts: (int)_flows[pair.Start + flow])).Where(static row => row.Contexts > 0).OrderByDescending(static row => row.Contexts)];

    internal void Add(ImpactRun.Worker worker)
    {
        lock (_gate)
        {
            for (var flow = 0; flow < _flows.Length; flow++)
                _flows[flow] += worker.Flows[flow];
            Contexts += worker.Contexts;
            Changed += worker.Changed;
        }
    }

    internal void Keep(IEnumerable<(int Person, int Flow)> examples, int ofEach)
    {
        var kept = new Dictionary<int, int>();
        var people = new SortedSet<int>();
        foreach (var (person, flow) in examples)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(kept, flow, out _);
            if (count++ < ofEach)
                people.Add(person);
        }
        Examples = [.. people];
    }
}
