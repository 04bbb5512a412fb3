using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Togglr.Evaluation;

namespace Togglr.UnitTests.Evaluation;

public sealed class SnapshotTests
{
    private static readonly ContextLimits s_limits = new() { MaxDepth = 100 };

    [Fact]
    public void A_trace_has_the_answer_of_the_evaluation_and_serializes()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { MaxDepth = 500 };
        foreach (var (_, json, cases) in VectorTests.Cases())
        {
            var snapshot = Snapshot.Load(json);
            foreach (var (flag, contextJson, now) in cases)
            {
                var context = EvaluationContext.Parse(contextJson, s_limits);
                var result = snapshot.Evaluate(flag, context, now);
                var trace = snapshot.Trace(flag, context, now);
                Assert.Equal(result.Variant?.Key, trace.Result.Variant);
                Assert.Equal(result.Reason.WireName(), trace.Result.Reason);
                Assert.Equal(result.ErrorCode.WireName(), trace.Result.ErrorCode);
                Assert.Equal(result.RuleId, trace.Result.RuleId);
                Assert.Equal(result.RuleId, trace.Rules.SingleOrDefault(rule => rule.Matched)?.Id);
                Assert.All(trace.Rules, rule => AssertConsistent(rule.Condition));
                Assert.NotEmpty(JsonSerializer.SerializeToUtf8Bytes(trace, options));
            }
        }
    }

    [Fact]
    public void Patches_lead_to_the_same_answers_as_loading_the_whole()
    {
        foreach (var (file, json, cases) in VectorTests.Cases())
        {
            var whole = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 500 })!.AsObject();
            var random = new Random(file.Length);
            var full = Snapshot.Load(json);
            var revision = 10L;
            // Start with a third of everything, then add, remove and add again in random order.
            var start = new JsonObject { ["schemaVersion"] = 1, ["salt"] = whole["salt"]!.DeepClone(), ["revision"] = revision };
            var pieces = new List<(string Map, string Key, JsonNode? Node)>();
            foreach (var map in (string[])["flags", "segments", "experiments"])
            {
                start[map] = new JsonObject();
                foreach (var (key, node) in whole[map]?.AsObject() ?? [])
                {
                    if (random.Next(3) == 0)
                        start[map]![key] = node?.DeepClone();
                    else if (node is not null)
                        pieces.Add((map, key, node));
                }
            }
            var patched = Snapshot.Load(Encoding.UTF8.GetBytes(start.ToJsonString(Relaxed)));
            var steps = pieces.Concat(pieces.Where(_ => random.Next(4) == 0).Select(piece => (piece.Map, piece.Key, Node: (JsonNode?)null)))
                .OrderBy(_ => random.Next()).Concat(pieces.OrderBy(_ => random.Next())).ToList();
            foreach (var chunk in steps.Chunk(7))
            {
                var patch = new JsonObject { ["from"] = revision, ["revision"] = ++revision };
                foreach (var (map, key, node) in chunk)
                    (patch[map] ??= new JsonObject()).AsObject()[key] = node?.DeepClone();
                patched = patched.Apply(Encoding.UTF8.GetBytes(patch.ToJsonString(Relaxed)));
            }
            // "null" flags of a snapshot cannot come by patch; everything else must agree, and survive a round trip.
            var again = Snapshot.Load(patched.ToUtf8Json());
            Assert.Equal(revision, again.Revision);
            foreach (var (flag, contextJson, now) in cases.Where(test => whole["flags"]!.AsObject().TryGetPropertyValue(test.Flag, out var node) && node is not null))
            {
                var context = EvaluationContext.Parse(contextJson, s_limits);
                var expected = Facts(full.Evaluate(flag, context, now));
                Assert.Equal(expected, Facts(patched.Evaluate(flag, context, now)));
                Assert.Equal(expected, Facts(again.Evaluate(flag, context, now)));
            }
        }
    }

    [Fact]
    public void A_patch_shares_what_it_does_not_touch()
    {
        var before = Snapshot.Load(Sample);
        var after = before.Apply("""{"from":1,"revision":2,"segments":{"pro":{"key":"pro","included":["u"]}}}"""u8.ToArray());
        Assert.Same(Flag(before, "plain"), Flag(after, "plain"));
        Assert.NotSame(Flag(before, "gated"), Flag(after, "gated"));
        Assert.NotSame(Flag(before, "needs-gated"), Flag(after, "needs-gated"));
        Assert.Equal("off", before.Evaluate("needs-gated", EvaluationContext.Of("u"), 0).Variant!.Key);
        Assert.Equal("on", after.Evaluate("needs-gated", EvaluationContext.Of("u"), 0).Variant!.Key);
    }

    [Fact]
    public void Removing_a_segment_makes_its_users_malformed_until_it_returns()
    {
        var gone = Snapshot.Load(Sample).Apply("""{"from":1,"revision":2,"segments":{"pro":null}}"""u8.ToArray());
        Assert.Equal(EvaluationErrorCode.ParseError, gone.Evaluate("needs-gated", EvaluationContext.Empty, 0).ErrorCode);
        Assert.Contains("pro", Flag(gone, "needs-gated").Problem, StringComparison.Ordinal);
        var back = gone.Apply("""{"from":2,"revision":3,"segments":{"pro":{"key":"pro"}}}"""u8.ToArray());
        Assert.False(Flag(back, "needs-gated").Malformed);
    }

    [Fact]
    public void A_patch_from_another_revision_is_refused() =>
        Assert.Equal(SnapshotException.RevisionMismatch, Assert.Throws<SnapshotException>(() => Snapshot.Load(Sample).Apply("""{"from":2,"revision":3}"""u8.ToArray())).Code);

    [Theory]
    [InlineData("[]", SnapshotException.Malformed)]
    [InlineData("{\"flags\":", SnapshotException.Malformed)]
    [InlineData("", SnapshotException.Malformed)]
    [InlineData("{\"schemaVersion\":2}", SnapshotException.UnknownSchema)]
    public void Only_a_text_that_is_no_snapshot_is_refused(string json, string code) =>
        Assert.Equal(code, Assert.Throws<SnapshotException>(() => Snapshot.Load(Encoding.UTF8.GetBytes(json))).Code);

    [Fact]
    public void Line_breaks_and_lone_surrogates_do_not_reach_the_documents_of_flags()
    {
        var snapshot = Snapshot.Load("{\n\"flags\":{\r\n\"f\":{\"type\":\"string\",\"enabled\":true,\n\"variants\":{\"a\":\"x\\ud800y\\\\ud800\"},\"default\":{\"variant\":\"a\"}}}}"u8.ToArray());
        Assert.DoesNotContain((byte)'\n', snapshot.ToUtf8Json().ToArray());
        Assert.Equal("x\uFFFDy\\ud800", snapshot.Evaluate("f", EvaluationContext.Empty, 0).Variant!.Text);
        Assert.Contains("\\ufffd", Encoding.UTF8.GetString(Flag(snapshot, "f").Utf8Json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_another_type_replaces_a_value_and_nothing_else()
    {
        var snapshot = Snapshot.Load(Sample);
        Assert.Equal(EvaluationErrorCode.None, snapshot.Evaluate("plain", FlagType.Boolean, EvaluationContext.Empty, 0).ErrorCode);
        Assert.Equal(EvaluationErrorCode.TypeMismatch, snapshot.Evaluate("plain", FlagType.Text, EvaluationContext.Empty, 0).ErrorCode);
        Assert.Equal(EvaluationErrorCode.FlagNotFound, snapshot.Evaluate("no", FlagType.Text, EvaluationContext.Empty, 0).ErrorCode);
    }

    [Fact]
    public void Flags_are_found_by_text_and_by_bytes()
    {
        var snapshot = Snapshot.Load(Sample);
        Assert.All(snapshot.Flags, flag =>
        {
            Assert.True(snapshot.TryGetFlag(flag.Key, out var byText));
            Assert.True(snapshot.TryGetFlag(Encoding.UTF8.GetBytes(flag.Key), out var byBytes));
            Assert.Same(flag, byText);
            Assert.Same(flag, byBytes);
        });
        Assert.False(snapshot.TryGetFlag("", out _));
    }

    [Fact]
    public void Damaged_snapshots_never_throw_anything_unexpected()
    {
        var originals = VectorTests.Cases().Where(file => file.File != "limits.json").ToList();
        Prop.ForAll(Gen.Choose(0, originals.Count - 1).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (index, seed) =>
        {
            var random = new Random(seed);
            var json = originals[index].Snapshot.ToArray();
            for (var i = random.Next(1, 40); i > 0; i--)
                json[random.Next(json.Length)] = s_noise[random.Next(s_noise.Length)];
            Survive(json, originals[index].Cases);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Fact]
    public void Documents_with_parts_of_other_kinds_never_spoil_a_snapshot()
    {
        var originals = VectorTests.Cases().Where(file => file.File != "limits.json").ToList();
        string[] replacements = ["null", "true", "5", "1e999", "\"x\"", "[]", "{}", "[null,{}]", "{\"and\":[]}", "\"lone surrogate\""];
        Prop.ForAll(Gen.Choose(0, originals.Count - 1).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (index, seed) =>
        {
            var random = new Random(seed);
            var root = JsonNode.Parse(originals[index].Snapshot, documentOptions: new JsonDocumentOptions { MaxDepth = 500 })!;
            for (var i = random.Next(1, 30); i > 0; i--)
                Mutate(root, random, replacements);
            var json = Encoding.UTF8.GetBytes(root.ToJsonString(Relaxed).Replace("lone surrogate", "\\ud83d", StringComparison.Ordinal));
            var snapshot = Snapshot.Load(json);
            Survive(json, originals[index].Cases);
            _ = snapshot.Flags.Count;
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    private static readonly byte[] s_noise = [.. "{}[]\",:0123456789eE.-+\\u/abtrnul "u8, 0, 0x80, 0xFF];

    private static readonly JsonSerializerOptions s_relaxed = new() { MaxDepth = 500 };

    private static JsonSerializerOptions Relaxed => s_relaxed;

    private static byte[] Sample => """
        {"schemaVersion":1,"project":"shop","environment":"prod","revision":1,"salt":"s","flags":{
        "plain":{"key":"plain","type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","default":{"variant":"on"}},
        "gated":{"key":"gated","type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","rules":[{"id":"r","if":{"segment":"pro"},"then":{"variant":"on"}}],"default":{"off":true}},
        "needs-gated":{"key":"needs-gated","type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","prerequisites":[{"flag":"gated","variants":["on"]}],"default":{"variant":"on"}}},
        "segments":{"pro":{"key":"pro"}},"experiments":{}}
        """u8.ToArray();

    private static Flag Flag(Snapshot snapshot, string key) => snapshot.TryGetFlag(key, out var flag) ? flag : throw new KeyNotFoundException(key);

    private static (string?, EvaluationReason, EvaluationErrorCode, string?, string?) Facts(EvaluationResult result) =>
        (result.Variant?.Key, result.Reason, result.ErrorCode, result.RuleId, result.ExperimentKey);

    private static void AssertConsistent(ConditionTrace condition)
    {
        foreach (var part in condition.Parts ?? [])
            AssertConsistent(part);
        if (condition.Parts is { } parts)
        {
            Assert.Equal(condition.Holds, condition.Kind switch
            {
                "and" => parts.All(part => part.Holds),
                "or" => parts.Any(part => part.Holds),
                "not" => !parts.Single().Holds,
                _ => parts.Single().Holds,
            });
        }
        if (condition.Kind == "percentage")
            Assert.Equal(condition.Holds, condition.Bucket < condition.Limit);
    }

    private static void Survive(byte[] json, List<(string Flag, byte[] Context, long Now)> cases)
    {
        Snapshot snapshot;
        try
        {
            snapshot = Snapshot.Load(json);
        }
        catch (SnapshotException)
        {
            return;
        }
        var reader = new ContextReader(s_limits);
        foreach (var (flag, context, now) in cases.Take(20))
        {
            Assert.True(reader.TryRead(snapshot, context, out _));
            var parsed = EvaluationContext.Parse(context, s_limits);
            Assert.Same(snapshot.Evaluate(flag, parsed, now).Outcome, snapshot.Evaluate(flag, reader, now).Outcome);
            _ = snapshot.Trace(flag, parsed, now);
            _ = snapshot.Evaluate(flag, parsed, now).Outcome.Utf8Json;
        }
        var references = Togglr.Evaluation.Validation.ReferenceSet.Of(snapshot);
        foreach (var flag in snapshot.Flags)
        {
            _ = snapshot.Evaluate(flag, EvaluationContext.Empty, 0);
            _ = Togglr.Evaluation.Validation.Configuration.CheckFlag(flag.Key, flag.Utf8Json, references);
        }
    }

    private static void Mutate(JsonNode root, Random random, string[] replacements)
    {
        var node = root;
        while (true)
        {
            switch (node)
            {
                case JsonObject { Count: > 0 } members:
                    var name = members.ElementAt(random.Next(members.Count)).Key;
                    if (!ReferenceEquals(node, root) && (members[name] is not (JsonObject or JsonArray) || random.Next(5) == 0))
                    {
                        members[name] = JsonNode.Parse(replacements[random.Next(replacements.Length)]);
                        return;
                    }
                    node = members[name];
                    continue;
                case JsonArray { Count: > 0 } items:
                    var index = random.Next(items.Count);
                    if (items[index] is not (JsonObject or JsonArray) || random.Next(5) == 0)
                    {
                        items[index] = JsonNode.Parse(replacements[random.Next(replacements.Length)]);
                        return;
                    }
                    node = items[index];
                    continue;
                default:
                    return;
            }
        }
    }
}
