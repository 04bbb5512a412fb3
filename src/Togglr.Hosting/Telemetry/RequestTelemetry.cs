using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Togglr.Hosting.Telemetry;

/// <summary>Gives every management request an id, a duration by route and status, and a log line.</summary>
internal sealed partial class RequestTelemetry(ILogger<RequestTelemetry> logger) : IMiddleware, IDisposable
{
    private const string RequestIdHeader = "X-Request-Id";
    private readonly Meter _meter = new("Togglr.Http");
    private Histogram<double>? _duration;

    private Histogram<double> Duration => _duration ??= _meter.CreateHistogram<double>("togglr.http.request.duration", "s", "Duration of management requests.");

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers[RequestIdHeader] is [{ Length: > 0 and <= 64 } given] && given.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
            context.TraceIdentifier = given;
        // At the start of the answer, because a failure clears the headers that were set before it.
        context.Response.OnStarting(static state =>
        {
            var http = (HttpContext)state;
            http.Response.Headers[RequestIdHeader] = http.TraceIdentifier;
            return Task.CompletedTask;
        }, context);
        var started = Stopwatch.GetTimestamp();
        using var scope = logger.BeginScope(new KeyValuePair<string, object>[] { new("RequestId", context.TraceIdentifier) });
        try
        {
            await next(context);
        }
        finally
        {
            var elapsed = Stopwatch.GetElapsedTime(started);
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
            var status = context.Response.StatusCode;
            Duration.Record(elapsed.TotalSeconds,
                new KeyValuePair<string, object?>("method", Method(context.Request.Method)),
                new KeyValuePair<string, object?>("route", route),
                new KeyValuePair<string, object?>("status", status));
            RequestCompleted(logger, Method(context.Request.Method), route, status, elapsed.TotalMilliseconds);
        }
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>A method is anything the client writes; a label must not be.</summary>
    private static string Method(string method) => method switch
    {
        "GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD" or "OPTIONS" => method,
        _ => "other",
    };

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "{Method} {Route} answered {Status} in {Milliseconds:0.0} ms")]
    private static partial void RequestCompleted(ILogger logger, string method, string route, int status, double milliseconds);
}
