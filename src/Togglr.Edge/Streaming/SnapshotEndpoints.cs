using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Togglr.Edge.RemoteEvaluation;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.Streaming;

/// <summary>The snapshot document and the streams.</summary>
internal sealed class SnapshotEndpoints(SdkGate gate, StreamHub hub, PollingClients polling, TimeProvider time)
{
    /// <summary><c>GET /sdk/v1/config</c>.</summary>
    public Task ConfigAsync(HttpContext context)
    {
        var request = gate.Admit(context);
        if (Refusal(request) is { } problem)
            return problem.ExecuteAsync(context);
        polling.Note(request.Key, context);
        var view = EdgeView.Of(request.State);
        var response = context.Response;
        response.Headers.ETag = view.ETag;
        response.Headers.CacheControl = "no-cache";
        response.Headers.Append("Vary", "Accept-Encoding");
        foreach (var known in context.Request.Headers.IfNoneMatch)
        {
            if (known is null || (known != "*" && !known.Contains(view.ETag, StringComparison.Ordinal)))
                continue;
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        var document = request.State.Document.ToUtf8();
        if (AcceptsGzip(context))
        {
            response.Headers.ContentEncoding = "gzip";
            document = view.Gzip;
        }
        response.ContentType = "application/json";
        response.ContentLength = document.Length;
        return response.Body.WriteAsync(document, context.RequestAborted).AsTask();
    }

    /// <summary><c>GET /sdk/v1/stream</c>.</summary>
    public Task StreamAsync(HttpContext context)
    {
        var request = gate.AdmitStream(context, acceptStreamToken: false);
        return Refusal(request) is { } problem ? problem.ExecuteAsync(context) : RunAsync(context, request, StreamKind.Patches);
    }

    /// <summary><c>GET /ofrep/v1/stream</c>.</summary>
    public Task RefetchStreamAsync(HttpContext context)
    {
        var request = gate.AdmitStream(context, acceptStreamToken: true);
        return request.Problem is { } problem ? problem.ExecuteAsync(context) : RunAsync(context, request, StreamKind.Refetch);
    }

    private static Problem? Refusal(in SdkRequest request) =>
        request.Problem ?? (request.Key.Kind == SdkKeyKind.Client ? SdkProblems.ServerKeyRequired : null);

    private async Task RunAsync(HttpContext context, SdkRequest request, StreamKind kind)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // For proxies that would collect the stream before passing it on.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // Stalled clients are dropped by the hub; Kestrel's own rule would cut streams that have little to say.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        await response.StartAsync(context.RequestAborted);
        var connection = new StreamConnection(request.Key, kind, time);
        try
        {
            await hub.RunAsync(connection, request.State, SdkGate.ResumeFrom(context), response.BodyWriter, context.Abort, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away.
        }
    }

    private static bool AcceptsGzip(HttpContext context)
    {
        foreach (var header in context.Request.Headers.AcceptEncoding)
        {
            if (header is not null && header.Contains("gzip", StringComparison.OrdinalIgnoreCase) && !header.Contains("gzip;q=0", StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
