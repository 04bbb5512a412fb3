using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Togglr.Edge.RemoteEvaluation;
using Togglr.Edge.Streaming;
using Togglr.Evaluation;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.Protocols;

/// <summary>The OpenFeature Remote Evaluation Protocol, version 0.3.0: <c>POST /ofrep/v1/evaluate/flags[/{key}]</c>.</summary>
internal sealed class OfrepEndpoints(SdkGate gate, EdgeCounts counts, ContextSampler sampler, PollingClients polling, EdgeMetrics metrics, int bodyLimit, TimeProvider time)
{
    /// <summary>The path of the stream that answers name.</summary>
    public const string StreamPath = "/ofrep/v1/stream";

    /// <summary>How long a page may be in the background before it should close its stream.</summary>
    private const int InactivityDelaySeconds = 120;

    /// <summary>One flag.</summary>
    public async Task OneAsync(HttpContext context)
    {
        var key = (string)context.Request.RouteValues["key"]!;
        var request = gate.Admit(context, acceptApiKeyHeader: true);
        if (request.Problem is { } problem)
        {
            await RefuseAsync(context, problem);
            return;
        }
        var body = await RequestBody.ReadAsync(context, bodyLimit);
        await (body.Refusal is { } refusal ? Refuse(context, key, refusal) : One(context, request, key, ref body));
    }

    /// <summary>All flags that the key may see.</summary>
    public async Task AllAsync(HttpContext context)
    {
        var request = gate.Admit(context, acceptApiKeyHeader: true);
        if (request.Problem is { } problem)
        {
            await RefuseAsync(context, problem);
            return;
        }
        polling.Note(request.Key, context);
        var body = await RequestBody.ReadAsync(context, bodyLimit);
        await (body.Refusal is { } refusal ? Refuse(context, null, refusal) : All(context, request, ref body));
    }

    private Task One(HttpContext context, in SdkRequest request, string key, ref RequestBody body)
    {
        var view = EdgeView.Of(request.State);
        var worker = view.Workers.Get();
        try
        {
            var fault = RequestReader.ReadOfrep(body.Bytes.Span, worker, request.State, out var detail);
            if (fault == RequestFault.None)
                sampler.Offer(request.Key.Environment, worker, body.Bytes.Span);
            body.Release();
            if (fault != RequestFault.None)
                return Refuse(context, fault, detail, key);
            if (!request.State.Snapshot.TryGetFlag(key, out var flag) || !EdgeView.IsVisible(flag, request.Key.Kind))
            {
                counts.AddUnknown(request.Key.Environment, key);
                return Answer.WriteJson(context, StatusCodes.Status404NotFound, ResultEncoding.OfrepFailure(key, "FLAG_NOT_FOUND", "There is no such flag for this key."));
            }
            var outcome = Evaluate(worker, request.State.Snapshot, flag, counts.Of(request.Key), worker.Context.User, time.GetUtcNow().ToUnixTimeMilliseconds());
            var status = outcome.Reason == EvaluationReason.Error ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK;
            // Without the comma that separates it from the next.
            return Answer.WriteJson(context, status, ResultEncoding.Ofrep(outcome).AsSpan()[..^1]);
        }
        finally
        {
            worker.Finish(metrics);
            view.Workers.Return(worker);
        }
    }

    private Task All(HttpContext context, in SdkRequest request, ref RequestBody body)
    {
        var view = EdgeView.Of(request.State);
        var worker = view.Workers.Get();
        try
        {
            var fault = RequestReader.ReadOfrep(body.Bytes.Span, worker, request.State, out var detail);
            if (fault == RequestFault.None)
                sampler.Offer(request.Key.Environment, worker, body.Bytes.Span);
            body.Release();
            if (fault != RequestFault.None)
                return Refuse(context, fault, detail, null);
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            worker.Write("{\"flags\":["u8);
            var (counter, user) = (counts.Of(request.Key), worker.Context.User);
            foreach (var flag in view.FlagsFor(request.Key.Kind))
                worker.Write(ResultEncoding.Ofrep(Evaluate(worker, request.State.Snapshot, flag, counter, user, now)));
            worker.TrimComma();
            var tag = TagOf(request.State.Revision, worker.Written);
            context.Response.Headers.ETag = tag;
            if (EntityTags(context.Request.Headers.IfNoneMatch, tag))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
            WriteTail(worker, request);
            return Answer.WriteJson(context, StatusCodes.Status200OK, worker.Written);
        }
        finally
        {
            worker.Finish(metrics);
            view.Workers.Return(worker);
        }
    }

    private static Outcome Evaluate(EvaluationWorker worker, Snapshot snapshot, Flag flag, ExposureCounter counter, ulong user, long now)
    {
        var result = snapshot.Evaluate(flag, worker.Context, now);
        counter.Record(result, user);
        worker.Count(result.Outcome);
        return result.Outcome;
    }

    private static void WriteTail(EvaluationWorker worker, in SdkRequest request)
    {
        var tail = string.Create(CultureInfo.InvariantCulture,
            $"],\"eventStreams\":[{{\"type\":\"sse\",\"endpoint\":{{\"requestUri\":\"{StreamPath}?token={request.Key.StreamToken}\"}},\"inactivityDelaySec\":{InactivityDelaySeconds}}}],\"metadata\":{{\"revision\":{request.State.Revision}}}}}");
        Span<byte> bytes = stackalloc byte[512];
        worker.Write(bytes[..Encoding.UTF8.GetBytes(tail, bytes)]);
    }

    private static bool EntityTags(Microsoft.Extensions.Primitives.StringValues ifNoneMatch, string tag)
    {
        foreach (var header in ifNoneMatch)
        {
            // Weak comparison (RFC 9110): proxies may have marked the tag as weak.
            if (header is not null && (header.AsSpan().Trim() is "*" || header.Contains(tag, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    // Stands for the revision and everything that was evaluated, so two contexts never share a tag by more than a chance of 2⁻⁶⁴.
    private static string TagOf(long revision, ReadOnlySpan<byte> results)
    {
        var hash = 0x9E3779B97F4A7C15UL ^ (ulong)results.Length;
        var words = MemoryMarshal.Cast<byte, ulong>(results);
        foreach (var word in words)
        {
            hash = (hash ^ word) * 0xFF51AFD7ED558CCDUL;
            hash ^= hash >> 32;
        }
        foreach (var rest in results[(words.Length * 8)..])
        {
            hash = (hash ^ rest) * 0xC4CEB9FE1A85EC53UL;
            hash ^= hash >> 29;
        }
        return string.Create(CultureInfo.InvariantCulture, $"\"{revision}-{hash:x16}\"");
    }

    private static Task Refuse(HttpContext context, RequestFault fault, string detail, string? key) =>
        Answer.WriteJson(context, StatusCodes.Status400BadRequest, ResultEncoding.OfrepFailure(
            key, fault is RequestFault.Malformed ? "PARSE_ERROR" : "INVALID_CONTEXT", detail.Length > 0 ? detail : "The body is not valid JSON."));

    private static Task Refuse(HttpContext context, string? key, Problem refusal) =>
        Answer.WriteJson(context, refusal.Status, ResultEncoding.OfrepFailure(key, "INVALID_CONTEXT", refusal.Detail ?? refusal.Title));

    private static Task RefuseAsync(HttpContext context, Problem problem)
    {
        if (problem.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Answer.WriteJson(context, problem.Status, ResultEncoding.OfrepFailure(null, null, problem.Detail ?? problem.Title));
    }
}
