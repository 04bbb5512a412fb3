using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Togglr.Evaluation;

namespace Togglr.UnitTests.Evaluation;

public sealed class ContextTests
{
    private static readonly Snapshot s_snapshot = Snapshot.Load("""
        {"salt":"s","flags":{"f":{"type":"string","enabled":true,"variants":{"a":"a","b":"b","c":"c","d":"d","e":"e"},"rules":[
        {"id":"1","if":{"attribute":"age","operator":"gte","value":18},"then":{"variant":"a"}},
        {"id":"2","if":{"attribute":"user.city","operator":"eq","value":"Rome"},"then":{"variant":"b"}},
        {"id":"3","if":{"attribute":"tags","operator":"contains","value":"x"},"then":{"variant":"c"}},
        {"id":"4","if":{"attribute":"since","operator":"before","value":"2026-01-01"},"then":{"variant":"d"}}],
        "default":{"rollout":{"variations":[{"key":"e","weight":1}]}}}}}
        """u8.ToArray());

    [Fact]
    public void A_builder_takes_what_applications_have()
    {
        Assert.Equal("a", Evaluate(EvaluationContext.Builder().Set("age", 18m)));
        Assert.Equal("a", Evaluate(EvaluationContext.Builder().Set("age", 18L)));
        Assert.Equal("b", Evaluate(EvaluationContext.Builder().Set("user", new Dictionary<string, object?> { ["city"] = "Rome" })));
        Assert.Equal("b", Evaluate(EvaluationContext.Builder().Set("user.city", "Rome").Set("user", new Dictionary<string, object?> { ["city"] = "Bonn" })));
        Assert.Equal("c", Evaluate(EvaluationContext.Builder().Set("tags", new List<string> { "a", "xy" })));
        Assert.Equal("d", Evaluate(EvaluationContext.Builder().Set("since", new DateTimeOffset(2025, 12, 31, 23, 0, 0, TimeSpan.Zero))));
        Assert.Equal("d", Evaluate(EvaluationContext.Builder().Set("since", new DateOnly(2025, 12, 31))));
        Assert.Equal("b", Evaluate(EvaluationContext.Builder().Set("user", JsonSerializer.SerializeToElement(new { city = "Rome" }))));
        Assert.Equal("e", Evaluate(EvaluationContext.Builder("u").Set("age", double.NaN).Set("tags", new object()).Set("since", null)));
        Assert.Null(Evaluate(EvaluationContext.Builder()));
    }

    [Fact]
    public void An_object_that_contains_itself_ends_somewhere()
    {
        var circle = new Dictionary<string, object?>();
        circle["self"] = circle;
        Assert.Equal("e", Evaluate(EvaluationContext.Builder("u").Set("user", circle)));
    }

    [Theory]
    [InlineData("{", ContextProblem.MalformedJson)]
    [InlineData("", ContextProblem.MalformedJson)]
    [InlineData("{} x", ContextProblem.MalformedJson)]
    [InlineData("[1]", ContextProblem.NotAnObject)]
    [InlineData("null", ContextProblem.NotAnObject)]
    [InlineData("{\"age\":1,\"age\":2}", ContextProblem.DuplicateAttribute)]
    [InlineData("{\"user\":{\"city\":1,\"c\\u0069ty\":2}}", ContextProblem.DuplicateAttribute)]
    [InlineData("{\"user\":{\"x\":{\"y\":[[[[]]]]}}}", ContextProblem.TooDeep)]
    [InlineData("{\"zzz\":{\"x\":{\"y\":[[[[]]]]}}}", ContextProblem.TooDeep)]
    [InlineData("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1}", ContextProblem.TooManyAttributes)]
    [InlineData("{\"age\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}", ContextProblem.TooLarge)]
    [InlineData("{\"age\":1}", ContextProblem.None)]
    public void A_context_is_refused_for_its_reason(string json, ContextProblem expected)
    {
        var limits = new ContextLimits { MaxBytes = 60, MaxDepth = 5, MaxAttributes = 5 };
        Assert.Equal(expected == ContextProblem.None, EvaluationContext.TryParse(Encoding.UTF8.GetBytes(json), limits, out _, out var parsed));
        Assert.Equal(expected, parsed);
        Assert.Equal(expected == ContextProblem.None, new ContextReader(limits).TryRead(s_snapshot, Encoding.UTF8.GetBytes(json), out var read));
        Assert.Equal(expected, read);
    }

    [Fact]
    public void A_reader_forgets_the_context_before()
    {
        var reader = new ContextReader();
        Assert.True(reader.TryRead(s_snapshot, """{"targetingKey":"u","age":20}"""u8, out _));
        Assert.Equal("a", s_snapshot.Evaluate("f", reader, 0).Variant!.Key);
        Assert.True(reader.TryRead(s_snapshot, "{}"u8, out _));
        Assert.Equal(EvaluationErrorCode.TargetingKeyMissing, s_snapshot.Evaluate("f", reader, 0).ErrorCode);
        Assert.False(reader.TryRead(s_snapshot, """{"targetingKey":"u","age":20,"""u8, out _));
        Assert.Equal(EvaluationErrorCode.TargetingKeyMissing, s_snapshot.Evaluate("f", reader, 0).ErrorCode);
    }

    [Fact]
    public void A_context_read_for_another_snapshot_is_refused()
    {
        var reader = new ContextReader();
        Assert.True(reader.TryRead(s_snapshot, "{}"u8, out _));
        Assert.Equal(EvaluationErrorCode.InvalidContext, Snapshot.Load(s_snapshot.ToUtf8Json()).Evaluate("f", reader, 0).ErrorCode);
    }

    [Theory]
    [InlineData("""{"user.id":"a","targetingKey":"b"}""", "a")]
    [InlineData("""{"user":{"id":"a"},"key":"b"}""", "a")]
    [InlineData("""{"user_id":42,"userId":"b"}""", "42")]
    [InlineData("""{"key":"k"}""", "k")]
    [InlineData("""{"key":true}""", "")]
    public void Flat_protocols_find_the_targeting_key_under_its_aliases(string json, string expected)
    {
        var reader = new ContextReader();
        Assert.True(reader.TryRead(s_snapshot, Encoding.UTF8.GetBytes(json), out _));
        reader.UseAliasAsTargetingKey();
        Assert.Equal(expected, Encoding.UTF8.GetString(reader.TargetingKey));
    }

    [Fact]
    public void What_the_server_knows_fills_gaps_only()
    {
        var reader = new ContextReader();
        Assert.True(reader.TryRead(s_snapshot, """{"targetingKey":"u"}"""u8, out _));
        reader.SetIfMissing("user.city", "Rome"u8);
        reader.SetIfMissing("unused", "x"u8);
        Assert.Equal("b", s_snapshot.Evaluate("f", reader, 0).Variant!.Key);
        Assert.True(reader.TryRead(s_snapshot, """{"targetingKey":"u","user":{"city":"Bonn"}}"""u8, out _));
        reader.SetIfMissing("user.city", "Rome"u8);
        Assert.Equal("e", s_snapshot.Evaluate("f", reader, 0).Variant!.Key);
    }

    [Fact]
    public void A_reader_inside_a_larger_text_stops_at_the_end_of_the_context()
    {
        var json = """{"context":{"age":20,"user":{"city":["x",{"y":1}]}},"flags":["f"]}"""u8;
        var text = new Utf8JsonReader(json);
        text.Read();
        text.Read();
        text.Read();
        var reader = new ContextReader();
        Assert.True(reader.TryRead(s_snapshot, ref text, out _));
        Assert.Equal(JsonTokenType.EndObject, text.TokenType);
        Assert.True(text.Read());
        Assert.Equal("flags", text.GetString());
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var reader = new ContextReader();
            return reader.TryRead(s_snapshot, bytes, out var problem) == (problem == ContextProblem.None)
                && EvaluationContext.TryParse(bytes, null, out _, out var other) == (other == ContextProblem.None);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Damaged_contexts_never_throw_and_both_readers_agree() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var json = """{"targetingKey":"us\u0065r","age":17.5e0,"user":{"city":"R\ud83dome","id":7},"tags":["\\x",{"a":[1]},null,false],"since":"2026-01-01T00:00:00Z"}"""u8.ToArray();
            for (var i = random.Next(4); i > 0; i--)
                json[random.Next(json.Length)] = (byte)random.Next(32, 127);
            var reader = new ContextReader();
            if (!reader.TryRead(s_snapshot, json, out _) | !EvaluationContext.TryParse(json, null, out var context, out _))
                return true;
            return ReferenceEquals(s_snapshot.Evaluate("f", context, 0).Outcome, s_snapshot.Evaluate("f", reader, 0).Outcome);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void Evaluating_and_reading_allocate_nothing()
    {
        var context = EvaluationContext.Builder("user").Set("age", 17).Set("tags", new List<string> { "y" }).Build();
        var json = """{"targetingKey":"user","age":17,"tags":["y","\u0078"],"zzz":{"a":[1,2,3]}}"""u8.ToArray();
        var reader = new ContextReader();
        var counter = new ExposureCounter();
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                counter.Record(s_snapshot.Evaluate("f", context, i));
                reader.TryRead(s_snapshot, json, out _);
                counter.Record(s_snapshot.Evaluate("f", reader, i));
            }
        }
    }

    private static string? Evaluate(ContextBuilder builder) => s_snapshot.Evaluate("f", builder.Build(), 0).Variant?.Key;
}
