using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.Evaluation;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.Evaluations;

/// <summary>Evaluates flags for any context, now or as of any time or revision.</summary>
internal static class Evaluate
{
    private const int MaximumFlags = 1000;

    /// <summary>Traces nest as deep as conditions in segments in prerequisites do.</summary>
    private static readonly JsonSerializerOptions TraceJson = new(StrictJson.Options) { MaxDepth = 4000 };

    public static async Task<Results<JsonHttpResult<EvaluationView>, Problem>> HandleAsync(
        EvaluateRequest request, Current current, CompiledSnapshots snapshots, PastRevisions revisions, TimeProvider time, CancellationToken cancel)
    {
        if (request.Flags is { Count: > MaximumFlags })
            return Problem.Invalid(new ProblemItem("too_many", "/flags", $"At most {MaximumFlags} flags at a time; leave them out for all."));
        if (!EvaluationContext.TryParse(JsonSerializer.SerializeToUtf8Bytes(request.Context), null, out var context, out var fault))
            return Problem.Invalid(new ProblemItem(fault.Code(), "/context", fault.Describe()));
        var (revision, missing) = await revisions.ResolveAsync(current.Environment, request.Revision, request.At, cancel);
        if (missing is not null)
            return missing;
        if (await snapshots.GetAsync(current.Environment.Id, revision) is not { } snapshot)
            return PastRevisions.NotThere(revision);

        var at = request.At?.ToUniversalTime() ?? time.GetUtcNow();
        var keys = request.Flags ?? [.. snapshot.Flags.Select(flag => flag.Key).Order(StringComparer.Ordinal)];
        var results = keys.Select(key => View(key, snapshot, context, at.ToUnixTimeMilliseconds(), request.Trace ?? false));
        return TypedResults.Json(new EvaluationView(revision, at, [.. results]), TraceJson);
    }

    private static FlagResultView View(string key, Snapshot snapshot, EvaluationContext context, long now, bool trace)
    {
        var result = snapshot.Evaluate(key, context, now);
        return new FlagResultView(
            key, result.Flag?.Type.WireName(), result.Variant is { } variant ? Json(variant.Utf8Json) : null, result.Variant?.Key, result.Reason.WireName(),
            result.RuleId, result.ExperimentKey, result.ErrorCode.WireName(), trace ? snapshot.Trace(key, context, now) : null);
    }

    private static JsonElement Json(ReadOnlyMemory<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = 256 });
        return JsonElement.ParseValue(ref reader);
    }
}
