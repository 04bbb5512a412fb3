using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Togglr.Edge.RemoteEvaluation;
using Togglr.Evaluation;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging;
using Togglr.Messaging.Health;

namespace Togglr.Edge.Protocols;

/// <summary>The evaluation side of the Togglr SDK protocol: <c>features/{key}/evaluate</c>, <c>features/{key}/health</c> and <c>health</c>.</summary>
internal sealed class FeatureEndpoints(SdkGate gate, EdgeCounts counts, ContextSampler sampler, EdgeMetrics metrics, FlagActivity activity, IFlagHealth? health, int bodyLimit, TimeProvider time)
{
    /// <summary><c>POST /sdk/v1/features/{key}/evaluate</c>.</summary>
    public async Task EvaluateAsync(HttpContext context)
    {
        if (Admit(context, out var request, out var flag) is { } problem)
        {
            await SdkProblems.WriteForTogglrSdkAsync(context, problem);
            return;
        }
        var body = await RequestBody.ReadAsync(context, bodyLimit);
        await (body.Refusal is { } refusal ? SdkProblems.WriteForTogglrSdkAsync(context, refusal) : Evaluate(context, request, flag, ref body));
    }

    /// <summary><c>GET /sdk/v1/features/{key}/health</c>: what all nodes have seen; where nobody can say, what this process has seen in the last ten minutes.</summary>
    public async Task HealthAsync(HttpContext context)
    {
        if (Admit(context, out var request, out var flag) is { } problem)
        {
            await SdkProblems.WriteForTogglrSdkAsync(context, problem);
            return;
        }
        var figures = health is null ? null : await health.ReadAsync(request.Key.Environment.Id, flag.Key, context.RequestAborted);
        figures ??= Own(request.Key.Environment.Id, flag.Key);
        await Answer.WriteJson(context, StatusCodes.Status200OK, Write(request, flag, figures).WrittenSpan);
    }

    private FlagHealthFigures Own(Guid environment, string flag)
    {
        var (evaluations, errors, lastErrorAt) = activity.Read(environment, flag);
        return new FlagHealthFigures(false, errors == 0 ? 0 : Math.Min(1, (double)errors / Math.Max(evaluations, errors)), null, lastErrorAt);
    }

    private static ArrayBufferWriter<byte> Write(in SdkRequest request, Flag flag, FlagHealthFigures figures)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("feature_key"u8, flag.Key);
        writer.WriteString("environment_key"u8, request.State.Identity.Key);
        writer.WriteBoolean("enabled"u8, flag is { Enabled: true, Killed: false });
        writer.WriteBoolean("auto_disabled"u8, figures.AutoDisabled);
        writer.WriteNumber("error_rate"u8, figures.ErrorRate);
        if (figures.Threshold is { } threshold)
            writer.WriteNumber("threshold"u8, threshold);
        if (figures.LastErrorAt is { } at)
            writer.WriteString("last_error_at"u8, at);
        writer.WriteEndObject();
        return buffer;
    }

    /// <summary><c>GET /sdk/v1/health</c>; needs no key.</summary>
    public Task ServerHealthAsync(HttpContext context)
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return Answer.WriteJson(context, StatusCodes.Status200OK, System.Text.Encoding.UTF8.GetBytes($"{{\"status\":\"ok\",\"server_time\":\"{now}\"}}"));
    }

    private Problem? Admit(HttpContext context, out SdkRequest request, out Flag flag)
    {
        flag = null!;
        request = gate.Admit(context);
        if (request.Problem is { } problem)
            return problem;
        var key = (string)context.Request.RouteValues["key"]!;
        if (!request.State.Snapshot.TryGetFlag(key, out var found) || !EdgeView.IsVisible(found, request.Key.Kind))
        {
            counts.AddUnknown(request.Key.Environment, key);
            return SdkProblems.FlagNotFound(key);
        }
        flag = found;
        return null;
    }

    private Task Evaluate(HttpContext context, in SdkRequest request, Flag flag, ref RequestBody body)
    {
        var view = EdgeView.Of(request.State);
        var worker = view.Workers.Get();
        try
        {
            var fault = RequestReader.ReadFlat(body.Bytes.Span, worker, request.State, out var detail);
            if (fault == RequestFault.None)
                sampler.Offer(request.Key.Environment, worker, body.Bytes.Span, isFlat: true);
            body.Release();
            if (fault != RequestFault.None)
                return SdkProblems.WriteForTogglrSdkAsync(context, RequestReader.ToProblem(fault, detail));
            var result = request.State.Snapshot.Evaluate(flag, worker.Context, time.GetUtcNow().ToUnixTimeMilliseconds());
            counts.Of(request.Key).Record(result, worker.Context.User);
            worker.Count(result.Outcome);
            return Answer.WriteJson(context, StatusCodes.Status200OK, ResultEncoding.Togglr(result.Outcome));
        }
        finally
        {
            worker.Finish(metrics);
            view.Workers.Return(worker);
        }
    }
}
