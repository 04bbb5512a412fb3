using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Togglr.ControlPlane.Impact;
using Togglr.Edge;
using Togglr.Edge.RemoteEvaluation;
using Togglr.Edge.Sampling;
using Togglr.Evaluation;
using Togglr.Messaging.Attributes;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;
using Togglr.Messaging.Sampling;
using Togglr.Store;

namespace Togglr.Benchmarks;

/// <summary>What it costs to look at contexts while they are evaluated, and how long it takes to replay a change over a full sample.</summary>
internal static class ImpactBench
{
    private const int People = 100_000;
    private const double NanosecondsGoal = 60;
    private const double MillisecondsGoal = 1000;

    public static string Run(string machine, out bool missed)
    {
        var snapshot = Snapshot.Load(SampleSnapshots.Large());
        var flag = snapshot.Flags[1];
        var now = 1_772_366_400_000L;
        var worker = new EvaluationWorker(new ContextLimits());
        var bodies = Enumerable.Range(0, 64).Select(Body).ToArray();
        var terms = new SamplingTerms(new byte[32], ["country", "plan", "app_version"], 60, 1_000);
        var (off, full, small) = (Replica(snapshot, null), Replica(snapshot, terms), Replica(snapshot, new SamplingTerms(new byte[32], ["country", "plan", "app_version"], 60, 100_000)));
        var attributes = new ContextSampler(new AttributeObserver(true, TimeProvider.System, new Nowhere()), Sampler());
        var neither = new ContextSampler(new AttributeObserver(false, TimeProvider.System), Sampler());
        var sampler = Sampler();
        // As in an environment that many people use: the sample is full, and hardly anybody belongs to it.
        for (var person = 0; person < 200_000; person++)
            sampler.Offer(full, Encoding.UTF8.GetBytes($"somebody-{person}"), bodies[0], isFlat: true);
        var crowd = new ContextSampler(new AttributeObserver(false, TimeProvider.System), sampler);
        var everybody = new ContextSampler(new AttributeObserver(false, TimeProvider.System), Sampler());

        var harness = new Harness();
        harness.Add("off", Evaluate(neither, off));
        harness.Add("attributes", Evaluate(attributes, off));
        harness.Add("crowd", Evaluate(crowd, full));
        harness.Add("everybody", Evaluate(everybody, small));
        harness.Add("extract", times => { for (var i = 0; i < times; i++) ContextExtract.Write(terms, "user-1"u8, bodies[i & 63], isFlat: true); });
        var results = harness.Run();

        var people = SampledPeople.Of([.. Enumerable.Range(0, People).Select(person => new StoredSample(terms.RankOf(Encoding.UTF8.GetBytes($"somebody-{person}")), long.MaxValue, TimeProvider.System.GetUtcNow(), Kept(terms, person)))], People);
        var patch = Encoding.UTF8.GetBytes($$$"""{"from":1,"revision":2,"flags":{"{{{flag.Key}}}":{{{Encoding.UTF8.GetString(flag.Utf8Json.Span).Replace("US", "FR", StringComparison.Ordinal)}}} } }""");
        var after = snapshot.Apply(patch);
        var runs = Enumerable.Range(0, 9).Select(_ =>
        {
            var started = Stopwatch.GetTimestamp();
            var counts = new ImpactRun(snapshot, after, [flag.Key]).Run(people, now, CancellationToken.None);
            Debug.Assert(counts.Contexts == People, "Every context must be counted.");
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }).ToList();
        var (first, median) = (runs[0], runs.Order().ElementAt(4));
        var allocated = Allocated(() => new ImpactRun(snapshot, after, [flag.Key]).Run(people, now, CancellationToken.None));

        var page = new StringBuilder();
        var isMissed = false;
        page.AppendLine(CultureInfo.InvariantCulture, $"# Looking at contexts, and replaying changes over them\n\n{machine}. Processor time, medians of 31 interleaved rounds; written by `eng/bench.sh impact`.\n");
        page.AppendLine("| reading a context of 300 bytes and evaluating three rules, and besides | time | more than nothing | allocated | goal |\n|---|---|---|---|---|");
        Row("nothing", "off", null);
        Row("observed attributes: one of 256 contexts is looked at", "attributes", NanosecondsGoal);
        Row("a sample of 1,000 people that is full: hardly anybody is looked at", "crowd", NanosecondsGoal);
        Row("a sample into which everybody fits: each was taken a moment ago", "everybody", NanosecondsGoal * 3);
        page.AppendLine(CultureInfo.InvariantCulture, $"| *(alone)* taking a context: once in minutes for a person in the sample | {results["extract"].Nanoseconds:0} ns | | {results["extract"].Bytes:0} B | |");
        page.AppendLine(CultureInfo.InvariantCulture, $"\n| replaying a change of one flag with three rules | measured | goal |\n|---|---|---|");
        Fact($"over {People:N0} contexts, before and after (median of 9)", median, MillisecondsGoal, "ms");
        Fact("the same, the very first in the process", first, MillisecondsGoal, "ms");
        Fact("allocated for all of it", allocated / 1024.0, 1024, "KB");
        missed = isMissed;
        return page.ToString();

        Action<int> Evaluate(ContextSampler sampler, EnvironmentReplica environment) => times =>
        {
            for (var i = 0; i < times; i++)
            {
                var body = bodies[i & 63];
                worker.Context.TryRead(snapshot, body, out _);
                sampler.Offer(environment, worker, body, isFlat: true);
                snapshot.Evaluate(flag, worker.Context, now);
            }
        };

        void Row(string name, string key, double? goal)
        {
            var more = results[key].Nanoseconds - results["off"].Nanoseconds;
            isMissed |= more > goal;
            page.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {results[key].Nanoseconds:0} ns | {(goal is null ? "" : $"{more:0} ns")} | {results[key].Bytes:0} B | {(goal is { } limit ? $"< {limit:0} ns {(more <= limit ? "✓" : "✗")}" : "")} |");
        }

        void Fact(string name, double value, double goal, string unit)
        {
            isMissed |= value > goal;
            page.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {value:0} {unit} | < {goal:0} {unit} {(value <= goal ? "✓" : "✗")} |");
        }
    }

    private static byte[] Body(int person) => Encoding.UTF8.GetBytes(
        $$$"""{"targetingKey":"visitor-{{{person}}}","country":"US","age":42,"plan":"pro","email":"somebody@example.com","app_version":"4.2.1","device_type":"mobile","os":"ios","language":"en-US","city":"Springfield","ip":"203.0.113.7","cart":{"items":3,"total":59.9,"currency":"USD"},"tags":["a","b","c"]}""");

    private static byte[] Kept(SamplingTerms terms, int person) => Encoding.UTF8.GetBytes(
        $$$"""{"targetingKey":"{{{terms.StandInOf($"somebody-{person}")}}}","country":"{{{(person % 3 == 0 ? "US" : "FR")}}}","plan":"{{{(person % 2 == 0 ? "pro" : "free")}}}","age":{{{person % 90}}},"app_version":"4.2.{{{person % 20}}}","device_type":"mobile"}""");

    private static long Allocated(Action action)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static EnvironmentReplica Replica(Snapshot snapshot, SamplingTerms? terms)
    {
        var replica = new ConfigurationReplica(NullLogger<ConfigurationReplica>.Instance);
        var id = Guid.CreateVersion7();
        replica.Apply(new EnvironmentMessage(new EnvironmentIdentity(id, "bench", "bench", Guid.CreateVersion7(), "prod"), EnvironmentDocument.Parse(snapshot.ToUtf8Json()), null));
        if (terms is not null)
            replica.Apply(new SamplingMessage(new Dictionary<Guid, SamplingTerms> { [id] = terms }.ToFrozenDictionary()));
        return replica.Find(id)!;
    }

    private static PeopleSampler Sampler() =>
        new(new ConfigurationReplica(NullLogger<ConfigurationReplica>.Instance), TimeProvider.System, NullLogger<PeopleSampler>.Instance, new Nowhere());

    /// <summary>Takes everything and keeps nothing.</summary>
    private sealed class Nowhere : IContextSamples, IEventLog
    {
        public Task ReportAsync(IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask<AppendResult> AppendAsync(IReadOnlyList<LogEvent> events, CancellationToken cancellationToken = default) => new(AppendResult.Durable);
    }
}
