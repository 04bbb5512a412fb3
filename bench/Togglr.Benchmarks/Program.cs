using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Togglr.Benchmarks;
using Togglr.Evaluation;
using Togglr.Evaluation.Buckets;

if (args is ["impact", .. var target])
{
    var impact = ImpactBench.Run(Machine(), out var isSlow);
    Console.WriteLine(impact);
    if (target is [var path])
        File.WriteAllText(path, impact);
    return isSlow ? 1 : 0;
}

if (args is ["statistics", var vectors, .. var statisticsTarget])
{
    var statistics = StatisticsBench.Run(Machine(), vectors, out var isOutside);
    Console.WriteLine(statistics);
    if (statisticsTarget is [var path])
        File.WriteAllText(path, statistics);
    return isOutside ? 1 : 0;
}

var large = SampleSnapshots.Large();
Snapshot snapshot = null!;
var coldCompile = CpuTime.Of(() => snapshot = Snapshot.Load(large));
var warmCompile = Enumerable.Range(0, 9).Select(_ => CpuTime.Of(() => Snapshot.Load(large))).Order().ElementAt(4);
var patch = Encoding.UTF8.GetBytes($$$"""{"from":1,"revision":2,"flags":{"{{{SampleSnapshots.Key(1)}}}":{{{Encoding.UTF8.GetString(snapshot.Flags[1].Utf8Json.Span)}}} } }""");
var apply = Enumerable.Range(0, 9).Select(_ => CpuTime.Of(() => snapshot.Apply(patch))).Order().ElementAt(4);

var context = EvaluationContext.Builder("user-1").Set("country", "US").Set("age", 42).Set("plan", "pro").Set("email", "somebody@example.com").Build();
var staticKey = SampleSnapshots.Key(0);
var rulesKey = SampleSnapshots.Key(1);
var rolloutKey = SampleSnapshots.Key(2);
var counter = new ExposureCounter();
var now = 1_772_366_400_000L;
Debug.Assert(snapshot.Evaluate(rulesKey, context, now).RuleId == "r3", "The third rule must decide.");

var harness = new Harness();
var text = Encoding.ASCII.GetBytes("5b0c7d9e21f04b6f8drollout-flag-2user-1-and-some-more!");
var frozen = snapshot.Flags.Take(500).ToFrozenDictionary(flag => flag.Key, flag => flag, StringComparer.Ordinal);
var digest = new byte[32];
harness.Add("probe: SHA256.HashData, 53 bytes", times => { for (var i = 0; i < times; i++) SHA256.HashData(text, digest); });
harness.Add("probe: FrozenDictionary", times => { for (var i = 0; i < times; i++) frozen.TryGetValue(rulesKey, out _); });
harness.Add("static", Evaluate(staticKey));
harness.Add("rules", Evaluate(rulesKey));
harness.Add("rollout", Evaluate(rolloutKey));
var unit = "user-1"u8.ToArray();
var seed = new BucketSeed("5b0c7d9e21f04b6f8d", rolloutKey);
harness.Add("bucket", times => { for (var i = 0; i < times; i++) seed.BucketOf(unit); });
harness.Add("managed block", ManagedBlocks);
using var peer = new Peer();
harness.Add("peer static", peer.Static);
harness.Add("peer targeted", peer.Targeted);
harness.Add("peer rollout", peer.Rollout);
var json = Encoding.UTF8.GetBytes("""{"targetingKey":"user-1","country":"US","age":42,"plan":"pro","email":"somebody@example.com","app_version":"4.2.1","device_type":"mobile","os":"ios","language":"en-US","city":"Springfield","ip":"203.0.113.7","cart":{"items":3,"total":59.9,"currency":"USD"},"tags":["a","b","c"]}""");
var reader = new ContextReader();
harness.Add("read", times => { for (var i = 0; i < times; i++) reader.TryRead(snapshot, json, out _); });
var users = Enumerable.Range(0, 1024).Select(static i => Encoding.UTF8.GetBytes($"user-{i * 7919:D8}-of-a-shop")).ToArray();
var hashed = users.Select(static key => UserSketch.HashOf(key)).ToArray();
harness.Add("user hash", times => { for (var i = 0; i < times; i++) UserSketch.HashOf(users[i & 1023]); });
harness.Add("static, user", times => { for (var i = 0; i < times; i++) counter.Record(snapshot.Evaluate(staticKey, context, now), hashed[i & 1023]); });

var (millionBytes, million) = Retained(SampleSnapshots.MillionKeys);
var member = EvaluationContext.Of("user-0765432");
Debug.Assert(million.Evaluate("f", member, 0).RuleId == "r", "The key must be found.");
harness.Add("million", times => { for (var i = 0; i < times; i++) counter.Record(million.Evaluate("f", member, 0)); });

var results = harness.Run();
var hash = results["probe: SHA256.HashData, 53 bytes"].Nanoseconds;
var lookup = results["probe: FrozenDictionary"].Nanoseconds;
var rolloutGoal = Sha256Block.IsNative ? 130 : 350;
var report = new Report(lookup / 14, hash / 700);
report.Goal("a static flag, counted", results["static"], 30, report.LookupScale, results["peer static"]);
report.Goal("three rules of two clauses, counted", results["rules"], 150, report.LookupScale, results["peer targeted"]);
report.Goal("a rollout, counted", results["rollout"], rolloutGoal, report.HashScale, results["peer rollout"]);
report.Plain("a bucket alone", results["bucket"]);
report.Plain("the managed block alone", results["managed block"]);
report.Plain("the hash of a user's key of 23 bytes, once for each context", results["user hash"]);
report.Plain("a static flag, counted with its user", results["static, user"]);
report.Plain("reading a context of 300 bytes into slots", results["read"]);
report.Plain("a flag with a segment of 1,000,000 keys, counted", results["million"]);
report.Fact("compile 5,000 flags and 500 segments (median of 9)", warmCompile.TotalMilliseconds, 250, "ms");
report.Fact("the same, the very first in the process", coldCompile.TotalMilliseconds, null, "ms");
report.Fact("a patch of one flag (median of 9)", apply.TotalMilliseconds, null, "ms");
report.Fact("memory of a segment of 1,000,000 keys, its document included", millionBytes / 1e6, 100, "MB");

var page = report.Write(hash, lookup, Machine());
Console.WriteLine(page);
if (args.Length > 0)
    File.WriteAllText(args[0], page);
return report.Missed ? 1 : 0;

Action<int> Evaluate(string key) => times =>
{
    for (var i = 0; i < times; i++)
        counter.Record(snapshot.Evaluate(key, context, now));
};

static unsafe void ManagedBlocks(int times)
{
    var state = stackalloc uint[8];
    var block = stackalloc byte[64];
    for (var i = 0; i < times; i++)
        Sha256Block.CompressManaged(state, block);
}

static (long Bytes, Snapshot Snapshot) Retained(Func<byte[]> document)
{
    var before = GC.GetTotalMemory(forceFullCollection: true);
    var loaded = Snapshot.Load(document());
    return (GC.GetTotalMemory(forceFullCollection: true) - before, loaded);
}

static string Machine()
{
    var model = File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;
    return string.Create(CultureInfo.InvariantCulture,
        $"{model ?? "unknown processor"}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}; buckets by {(Sha256Block.IsNative ? "libcrypto" : "the managed block")}");
}
