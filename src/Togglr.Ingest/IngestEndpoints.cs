using Microsoft.AspNetCore.Http;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;
using Togglr.Messaging.Health;

namespace Togglr.Ingest;

/// <summary>Events from SDKs. What is answered with 202 survives a crash of any process.</summary>
internal sealed class IngestEndpoints(
    IngestGate gate, IEventLog log, IEventBatchLog batches, FlagActivity activity, HealthCounters health, SeenReports seen, int bodyLimit, TimeProvider time)
{
    // Ten thousand rows of long keys.
    private const int CountsLimit = 4 * 1024 * 1024;

    /// <summary><c>POST /sdk/v1/counts</c>.</summary>
    public async Task CountsAsync(HttpContext context)
    {
        if (gate.Admit(context, null, out var key, out var state) is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }
        var isPublic = key.Kind == SdkKeyKind.Client;
        var counts = new List<(Flag Flag, string? Variant, long Count)>();
        var problem = await ReadAsync(context, CountsLimit, body => CountsReader.Read(body, key.Environment, state, isPublic, time.GetUtcNow(), counts));
        if (problem is not null)
        {
            await problem.ExecuteAsync(context);
            return;
        }
        // Not before they are safe: what is refused comes again.
        foreach (var (flag, variant, count) in counts)
        {
            activity.AddEvaluations(key.Environment.Id, flag.Key, count);
            health.AddEvaluations(key.Environment.Id, flag, variant, count, isPublic);
        }
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    /// <summary><c>POST /sdk/v1/features/{key}/track</c>.</summary>
    public Task TrackAsync(HttpContext context) => TakeEventAsync(context, static (body, environment, snapshot, flag, now) => EventReader.ReadFeedback(body, environment, snapshot, flag, now));

    /// <summary><c>POST /sdk/v1/features/{key}/report-error</c>.</summary>
    public Task ReportErrorAsync(HttpContext context) => TakeEventAsync(context, static (body, environment, _, flag, now) => EventReader.ReadError(body, environment, flag, now));

    private async Task TakeEventAsync(HttpContext context, Func<JsonElement, Guid, Snapshot, string, DateTimeOffset, (LogEvent? Event, Problem? Problem)> read)
    {
        var name = (string)context.Request.RouteValues["key"]!;
        var problem = gate.Admit(context, name, out var key, out var state);
        LogEvent? taken = null;
        UInt128? report = null;
        var isRepeated = false;
        try
        {
            problem ??= await ReadAsync(context, bodyLimit, Take, isCounted: () => taken is { Kind: EventKind.ErrorReport });
        }
        catch
        {
            Forget();
            throw;
        }
        if (problem is not null)
        {
            Forget();
            await SdkProblems.WriteForTogglrSdkAsync(context, problem);
            return;
        }
        if (!isRepeated && IsError(taken!) && state.Snapshot.TryGetFlag(name, out var flag))
        {
            activity.AddError(key.Environment.Id, name);
            health.AddError(key.Environment.Id, flag, VariantOf(taken!), key.Kind == SdkKeyKind.Client);
        }
        context.Response.StatusCode = StatusCodes.Status202Accepted;

        (IReadOnlyList<LogEvent>? Events, Problem? Problem) Take(JsonElement body)
        {
            var (entry, invalid) = read(body, key.Environment.Id, state.Snapshot, name, time.GetUtcNow());
            taken = entry;
            if (entry is { DeduplicationKey: { } given } && IsError(entry))
                isRepeated = !seen.TryAdd((report = SeenReports.Of(key.Environment.Id, name, given, key.Kind == SdkKeyKind.Client)).Value);
            if (isRepeated)
                return ([], null);
            // An error counts whether or not there is room for what it says of itself.
            var isKept = entry is not { Kind: EventKind.ErrorReport } || health.TakeDetails(key.Environment.Id, name);
            return (entry is null ? null : isKept ? [entry] : [], invalid);
        }

        // It did not count, so it comes again.
        void Forget()
        {
            if (report is { } forgotten && !isRepeated)
                seen.Forget(forgotten);
        }
    }

    private static bool IsError(LogEvent taken) =>
        taken.Kind == EventKind.ErrorReport || (taken.Kind == EventKind.Feedback && taken.Payload.Span.StartsWith("{\"type\":\"error\""u8));

    private static string? VariantOf(LogEvent taken)
    {
        var reader = new Utf8JsonReader(taken.Payload.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVariant = reader.ValueTextEquals("variant"u8);
            reader.Read();
            if (isVariant)
                return reader.GetString();
            reader.Skip();
        }
        return null;
    }

    /// <summary>Reads a body and stores its events. Where nothing more can be stored, what is counted anyway (<paramref name="isCounted"/>) loses its details only.</summary>
    private async Task<Problem?> ReadAsync(HttpContext context, int limit, Func<JsonElement, (IReadOnlyList<LogEvent>? Events, Problem? Problem)> read, Func<bool>? isCounted = null)
    {
        var body = await RequestBody.ReadAsync(context, limit);
        if (body.Refusal is { } refusal)
            return refusal;
        IReadOnlyList<LogEvent>? events;
        try
        {
            var (document, malformed) = EventReader.Parse(body.Bytes);
            if (document is null)
                return malformed;
            using (document)
                (events, malformed) = read(document.RootElement);
            if (events is null)
                return malformed;
        }
        finally
        {
            body.Release();
        }
        return await AppendAsync(events, context.RequestAborted) switch
        {
            AppendResult.Durable => null,
            AppendResult.Full when isCounted?.Invoke() == true => null,
            AppendResult.Full => Problem.RateLimited(1, "Too many events are waiting to be written."),
            _ => Problem.Unavailable("Events cannot be stored at the moment."),
        };
    }

    /// <summary>Feedback goes the way of other events, where one that comes again is recognised.</summary>
    private ValueTask<AppendResult> AppendAsync(IReadOnlyList<LogEvent> events, CancellationToken cancel)
    {
        if (events is not [{ Kind: EventKind.Feedback } feedback])
            return log.AppendAsync(events, cancel);
        var batch = new EventBatch(feedback.EnvironmentId, time.GetUtcNow(), feedback.Payload.Length + 512);
        batch.Add(new RecordedEvent
        {
            Kind = RecordedKind.Feedback, Id = IdOf(feedback), At = EventBatch.Microseconds(feedback.At), Value = feedback.Reward, WeightsVersion = feedback.WeightsVersion, Name = Encoding.UTF8.GetBytes(feedback.Flag),
            Detail = Encoding.UTF8.GetBytes(VariantOf(feedback) ?? ""), Content = feedback.Payload.Span,
        });
        return batches.AppendAsync(batch, cancel);
    }

    /// <summary>Names the event by the sender's name for it, apart from those that <c>/events</c> was sent.</summary>
    private static Guid IdOf(LogEvent taken) => taken.DeduplicationKey is { } key
        ? EventBatch.IdOf(taken.EnvironmentId, SHA256.HashData(Encoding.UTF8.GetBytes($"track\n{taken.Flag}\n{key}"))) : Guid.Empty;
}
