using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Segments;
using Togglr.Evaluation;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Evaluations;

/// <summary>Asks whether a context is in a segment.</summary>
public sealed record EvaluateSegmentRequest
{
    /// <summary>The segment's key.</summary>
    public required string Segment { get; init; }

    /// <summary>The context: <c>targetingKey</c> and any attributes.</summary>
    [ApiSchema("EvaluationContext")]
    public required JsonElement Context { get; init; }

    /// <summary>A condition to assume instead of the saved one; nothing is saved. The lists are the saved ones. Absent or null: there is no condition.</summary>
    [ApiSchema("Condition", isNullable: true)]
    public JsonElement? If { get; init; }
}

/// <summary>Whether a context is in a segment.</summary>
/// <param name="Segment">The segment's key.</param>
/// <param name="IsIn">Whether it is.</param>
/// <param name="DecidedBy">Why: <c>excluded</c>, <c>included</c>, <c>condition</c>, or <c>none</c> for neither a list nor the condition.</param>
/// <param name="Trace">How the condition came out, also where a list decided; null when there is none.</param>
public sealed record SegmentResultView(string Segment, bool IsIn, string DecidedBy, ConditionTrace? Trace);

/// <summary>Evaluates a segment as flags do, by flags that exist for this question alone.</summary>
internal static class EvaluateSegment
{
    /// <summary>No flag can be called so.</summary>
    private const string Lists = " lists";

    private const string Draft = " draft";

    private static readonly JsonSerializerOptions TraceJson = new(StrictJson.Options) { MaxDepth = 4000 };

    public static async Task<Results<JsonHttpResult<SegmentResultView>, Problem>> HandleAsync(
        EvaluateSegmentRequest request, Current current, TogglrDbContext db, CompiledSnapshots snapshots, TimeProvider time, CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, request.Segment, cancel) is not { } row)
            return Problem.Invalid(new ProblemItem("unknown_segment", "/segment", $"There is no segment {request.Segment}."));
        if (!EvaluationContext.TryParse(JsonSerializer.SerializeToUtf8Bytes(request.Context), null, out var context, out var fault))
            return Problem.Invalid(new ProblemItem(fault.Code(), "/context", fault.Describe()));
        var condition = SegmentStore.Condition(request.If);
        if (await ConditionCheck.RunAsync(db, current.Project, row.Key, condition, cancel) is { } refused)
            return refused;
        if (await snapshots.GetAsync(current.Environment.Id, current.Environment.Revision) is not { } snapshot)
            return PastRevisions.NotThere(current.Environment.Revision);

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var asked = snapshot.Apply(Patch(row.Key, condition, snapshot.Revision));
        var list = Condition(asked.Trace(Lists, context, now))?.SegmentDecidedBy;
        var trace = condition is null ? null : Condition(asked.Trace(Draft, context, now));
        var decided = list is "excluded" or "included" ? list : trace?.Holds == true ? "condition" : "none";
        return TypedResults.Json(new SegmentResultView(row.Key, decided is "included" or "condition", decided, trace), TraceJson);
    }

    private static ConditionTrace? Condition(EvaluationTrace trace) => trace.Rules is [var rule, ..] ? rule.Condition : null;

    private static ReadOnlyMemory<byte> Patch(string segment, JsonElement? condition, long revision)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { MaxDepth = 1000 });
        writer.WriteStartObject();
        writer.WriteNumber("from", revision);
        writer.WriteNumber("revision", revision);
        writer.WriteStartObject("flags");
        WriteFlag(writer, Lists, () =>
        {
            writer.WriteStartObject();
            writer.WriteString("segment", segment);
            writer.WriteEndObject();
        });
        if (condition is { } present)
            WriteFlag(writer, Draft, () => present.WriteTo(writer));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static void WriteFlag(Utf8JsonWriter writer, string key, Action writeCondition)
    {
        writer.WriteStartObject(key);
        writer.WriteString("key", key);
        writer.WriteString("type", "boolean");
        writer.WriteBoolean("enabled", true);
        writer.WriteStartObject("variants");
        writer.WriteBoolean("in", true);
        writer.WriteBoolean("out", false);
        writer.WriteEndObject();
        writer.WriteStartArray("prerequisites");
        writer.WriteEndArray();
        writer.WriteStartArray("targets");
        writer.WriteEndArray();
        writer.WriteStartArray("rules");
        writer.WriteStartObject();
        writer.WriteString("id", "rule");
        writer.WritePropertyName("if");
        writeCondition();
        writer.WriteStartObject("then");
        writer.WriteString("variant", "in");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("default");
        writer.WriteString("variant", "out");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
