using System.Diagnostics;
using Togglr.Evaluation;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

public sealed class AllocationTests(ITestOutputHelper output) : SdkTest
{
    private const int Calls = 100_000;

    [Fact]
    public async Task Evaluating_with_details_and_counting_allocates_nothing()
    {
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(
                Snapshot(
                    1,
                    Flag("static", on: true),
                    Flag("text", "string", "\"hello\""),
                    Flag("number", "number", "7"),
                    Flag("off", on: true, enabled: false),
                    """
                    "rules":{"key":"rules","type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","rules":[
                    {"id":"r1","if":{"and":[{"attribute":"country","operator":"eq","value":"DE"},{"attribute":"age","operator":"gt","value":18}]},"then":{"variant":"on"}},
                    {"id":"r2","if":{"and":[{"attribute":"country","operator":"in","value":["US","CA"]},{"attribute":"age","operator":"gte","value":21}]},"then":{"variant":"on"}}],"default":{"variant":"off"}}
                    """.ReplaceLineEndings(""),
                    """
                    "tested":{"key":"tested","type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","default":{"experiment":"exp"}}
                    """.Trim(),
                    """
                    "rollout":{"key":"rollout","type":"string","enabled":true,"variants":{"a":"A","b":"B"},"default":{"rollout":{"variations":[{"key":"a","weight":50},{"key":"b","weight":50}]}}}
                    """.Trim()).Replace(
                    "\"experiments\":{}", """
                    "experiments":{"exp":{"key":"exp","phase":2,"traffic":10000,"variations":[{"key":"on","weight":1}]}}
                    """.Trim(), StringComparison.Ordinal),
                1);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.CountsInterval = TimeSpan.FromHours(1));
        var context = EvaluationContext.Builder("user-1").Set("country", "US").Set("age", 30).Build();

        AllocatesNothing("static flag", () => client.BooleanVariation("static", context, false));
        AllocatesNothing("static flag, detail", () => client.BooleanVariationDetail("static", context, false));
        AllocatesNothing("string, detail", () => client.StringVariationDetail("text", context, ""));
        AllocatesNothing("number, detail", () => client.DoubleVariationDetail("number", context, 0));
        AllocatesNothing("integer, detail", () => client.IntegerVariationDetail("number", context, 0));
        AllocatesNothing("disabled flag, detail", () => client.BooleanVariationDetail("off", context, true));
        AllocatesNothing("rules, detail", () => client.BooleanVariationDetail("rules", context, false));
        AllocatesNothing("rollout, detail", () => client.StringVariationDetail("rollout", context, ""));
        Assert.Equal("exp", client.BooleanVariationDetail("tested", context, false).Experiment);
        AllocatesNothing("experiment, detail", () => client.BooleanVariationDetail("tested", context, false));
        AllocatesNothing("unknown flag, detail", () => client.BooleanVariationDetail("missing", context, false));
        AllocatesNothing("wrong type, detail", () => client.BooleanVariationDetail("text", context, false));
    }

    [Fact]
    public async Task Json_values_are_parsed_once_and_then_cost_nothing()
    {
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("json", "json", """{"a":[1,2,3]}""")), 1);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.CountsInterval = TimeSpan.FromHours(1));
        AllocatesNothing("json, detail", () => client.JsonVariationDetail("json", Somebody, default));
    }

    private void AllocatesNothing<T>(string what, Func<T> evaluate)
    {
        for (var i = 0; i < 2000; i++)
            evaluate();
        var least = long.MaxValue;
        var fastest = double.MaxValue;
        // The runtime itself allocates now and then (tiered compilation): the best of several rounds is the code's own.
        for (var round = 0; round < 5; round++)
        {
            var clock = Stopwatch.GetTimestamp();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Calls; i++)
                evaluate();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(clock).TotalNanoseconds / Calls);
        }

        output.WriteLine($"{what}: {fastest:0} ns, {least} B in {Calls} calls");
        Assert.True(least == 0, $"{what} allocated {(double)least / Calls} bytes a call");
    }
}
