using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Flags;
using Togglr.Evaluation;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Evaluations;

/// <summary>Evaluates flags for any context, now or as of any time or revision.</summary>
internal static class Evaluate
{
    private const int MaximumFlags = 1000;

    /// <summary>Traces nest as deep as conditions in segments in prerequisites do.</summary>
    private static readonly JsonSerializerOptions TraceJson = new(StrictJson.Options) { MaxDepth = 4000 };

    public static async Task<Results<JsonHttpResult<EvaluationView>, Problem>> HandleAsync(
        EvaluateRequest request, Current current, TogglrDbContext db, CompiledSnapshots snapshots, PastRevisions revisions, TimeProvider time, CancellationToken cancel)
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
        if (request.Draft is { } draft)
        {
            (snapshot, var refused) = await AssumeAsync(snapshot, draft, current, db, cancel);
            if (refused is not null)
                return refused;
        }

        var at = request.At?.ToUniversalTime() ?? time.GetUtcNow();
        var keys = request.Flags ?? [.. snapshot.Flags.Select(flag => flag.Key).Order(StringComparer.Ordinal)];
        var results = keys.Select(key => View(key, snapshot, context, at.ToUnixTimeMilliseconds(), request.Trace ?? false));
        return TypedResults.Json(new EvaluationView(revision, at, [.. results]), TraceJson);
    }

    /// <summary>The snapshot as it would be with a draft. Whatever the draft refers to is the snapshot's, so a past revision is asked with the segments of that time.</summary>
    private static async Task<(Snapshot Snapshot, Problem? Problem)> AssumeAsync(
        Snapshot snapshot, EvaluateDraftBody draft, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var row = await db.Flags.AsNoTracking().SingleOrDefaultAsync(flag => flag.ProjectId == current.Project.Id && flag.Key == draft.Flag, cancel);
        if (row is null)
            return (snapshot, Problem.Invalid(new ProblemItem("unknown_flag", "/draft/flag", $"There is no flag {draft.Flag}.")));
        if (ConfigureFlag.FaultOf(draft.Configuration) is { } fault)
            return (snapshot, Problem.Invalid(fault with { Path = $"/draft/configuration{fault.Path}" }));
        var configuration = ConfigureFlag.ToConfiguration(draft.Configuration);
        return (snapshot.Apply(DraftDocument.WritePatch(row, configuration, draft.Configuration.Enabled ?? true, snapshot.Revision)), null);
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
