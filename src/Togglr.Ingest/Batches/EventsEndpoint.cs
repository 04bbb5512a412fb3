using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging;
using Togglr.Messaging.Attributes;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;
using Togglr.Messaging.Health;

namespace Togglr.Ingest.Batches;

/// <summary><c>POST /sdk/v1/events</c>: exposures, metric events, feedback and errors, up to 10,000 at once, each with a verdict of its own. What is answered with 202 survives a crash and counts once.</summary>
internal sealed class EventsEndpoint : IDisposable
{
    /// <summary>The most bytes of a body, packed and unpacked.</summary>
    public const int BodyLimit = 8 * 1024 * 1024;

    private readonly IngestGate _gate;
    private readonly IEventBatchLog _log;
    private readonly FlagActivity _activity;
    private readonly HealthCounters _health;
    private readonly SeenReports _seen;
    private readonly AttributeObserver _attributes;
    private readonly TimeSpan _lateness;
    private readonly TimeProvider _time;
    private readonly RecentSet<Guid> _recent;
    private readonly RefusalBudget _budget;
    private readonly Meter _meter = new("Togglr.Ingest");
    private readonly Counter<long> _events;

    public EventsEndpoint(IngestGate gate, IEventBatchLog log, FlagActivity activity, HealthCounters health, SeenReports seen, AttributeObserver attributes, TimeSpan lateness, TimeProvider time)
    {
        (_gate, _log, _activity, _health, _seen, _attributes, _lateness, _time) = (gate, log, activity, health, seen, attributes, lateness, time);
        // Most repetitions come within seconds and are told as such at once; the others are found when events are sorted in.
        _recent = new RecentSet<Guid>(time, TimeSpan.FromMinutes(10), 100_000);
        _budget = new RefusalBudget(time);
        _events = _meter.CreateCounter<long>("togglr.ingest.events", description: "Events that were sent, by verdict.");
    }

    /// <summary>Serves a request.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (_gate.Admit(context, null, out var key, out var state) is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }
        if (key.Environment.Units is not { } units)
        {
            await Problem.NotReady("The key under which units are hashed is not there: it has not arrived yet, or the server cannot decrypt it.").ExecuteAsync(context);
            return;
        }
        var terms = new BatchTerms(key.Environment.Id, state, units, key.Kind == SdkKeyKind.Client, _time.GetUtcNow(), _lateness);
        using var reader = new BatchReader(terms, _recent, _budget, _attributes);
        if (await ReadAsync(context, reader) is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }
        if (reader.Batch.Count > 0 && await StoreAsync(context, reader) is { } failed)
        {
            await failed.ExecuteAsync(context);
            return;
        }
        // Not before they are safe: what is refused comes again.
        _recent.AddAll(reader.Ids);
        foreach (var (id, flag, variant, count) in reader.Errors)
        {
            // Health counts at once, so it cannot wait until events are sorted in and repetitions drop out. What came last is forgotten late here, however fast other events come.
            if (!_seen.TryAdd(SeenReports.Of(id, terms.IsPublic)))
                continue;
            _activity.AddError(terms.Environment, flag.Key);
            _health.AddErrors(terms.Environment, flag, variant, count, terms.IsPublic);
        }
        Count("accepted", reader.Accepted);
        Count("duplicate", reader.Duplicates);
        Count("refused", reader.Refused.Count);
        await AnswerAsync(context, reader);
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    private static async Task<Problem?> ReadAsync(HttpContext context, BatchReader reader)
    {
        var body = await RequestBody.ReadAsync(context, BodyLimit);
        if (body.Refusal is { } refusal)
            return refusal;
        try
        {
            var (unpacked, problem) = UnpackedBody.Of(context.Request.Headers.ContentEncoding, body.Bytes, BodyLimit);
            using (unpacked)
                return problem ?? reader.Read(unpacked.Bytes);
        }
        finally
        {
            body.Release();
        }
    }

    private async Task<Problem?> StoreAsync(HttpContext context, BatchReader reader) => await _log.AppendAsync(reader.Batch, context.RequestAborted) switch
    {
        AppendResult.Durable => null,
        AppendResult.Full => Problem.RateLimited(1, "Too many events are waiting to be written."),
        _ => Problem.Unavailable("Events cannot be stored at the moment."),
    };

    private void Count(string verdict, int count)
    {
        if (count > 0)
            _events.Add(count, new KeyValuePair<string, object?>("verdict", verdict));
    }

    private static async Task AnswerAsync(HttpContext context, BatchReader reader)
    {
        // Nobody is told "accepted" when nothing was.
        if (reader.Accepted + reader.Duplicates == 0 && reader.Refused.Count > 0)
        {
            await Problem.Invalid([.. reader.Refused.Take(100).Select(static verdict => new ProblemItem(verdict.Code, verdict.Path, verdict.Message))]).ExecuteAsync(context);
            return;
        }
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("accepted"u8, reader.Accepted);
            writer.WriteNumber("duplicates"u8, reader.Duplicates);
            writer.WriteStartArray("rejected"u8);
            foreach (var verdict in reader.Refused)
            {
                writer.WriteStartObject();
                writer.WriteNumber("index"u8, verdict.Index);
                writer.WriteString("code"u8, verdict.Code);
                writer.WriteString("path"u8, verdict.Path);
                writer.WriteString("message"u8, verdict.Message);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }
}
