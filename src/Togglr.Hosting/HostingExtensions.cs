using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Hosting.Configuration;
using Togglr.Hosting.Health;
using Togglr.Hosting.Telemetry;
using Togglr.Hosting.Security;

namespace Togglr.Hosting;

/// <summary>What every role needs: logging, metrics, health.</summary>
public static class HostingExtensions
{
    /// <summary>Registers metrics, request telemetry and the clock.</summary>
    public static IServiceCollection AddTogglrHosting(this IServiceCollection services, TogglrOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton<ProcessMetrics>();
        services.AddSingleton<RequestTelemetry>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        return services;
    }

    /// <summary>Logs to standard output: one JSON object per line with UTC times and request ids, or plain text.</summary>
    public static ILoggingBuilder AddTogglrLogging(this ILoggingBuilder logging, TogglrOptions options)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(options.LogLevel switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.Information,
        });
        if (options.LogLevel is "info")
            logging.AddFilter("Microsoft", LogLevel.Warning);

        // They write addresses, in which invitations and browsers' streams carry secrets; the first also puts them around every line of a request.
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("System.Net.Http", LogLevel.Warning);

        // It reports what we expect (a key that is taken, a database that is away) as errors; what is unexpected is logged where it is handled.
        if (options.LogLevel is not ("trace" or "debug"))
            logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);

        if (options.LogFormat == "json")
        {
            logging.AddJsonConsole(console =>
            {
                console.IncludeScopes = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                console.JsonWriterOptions = new JsonWriterOptions { Indented = false };
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
        }

        return logging;
    }

    /// <summary>Request ids, durations and log lines for what follows in the pipeline.</summary>
    public static IApplicationBuilder UseRequestTelemetry(this IApplicationBuilder app) => app.UseMiddleware<RequestTelemetry>();

    /// <summary>Keeps everything but <see cref="MapOperations"/> away from <see cref="TogglrOptions.MetricsListen"/>.</summary>
    public static void UseMetricsAddress(this IApplicationBuilder app, TogglrOptions options)
    {
        if (options.MetricsListen.Count == 0)
            return;
        app.Use((context, next) =>
        {
            if (!IsMetricsAddress(context, options) || context.Request.Path.Value is "/metrics" or "/health" or "/ready")
                return next(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Maps <c>/health</c> (the process runs), <c>/ready</c> (it should get traffic) and <c>/metrics</c>; all anonymous.</summary>
    public static void MapOperations(this IEndpointRouteBuilder endpoints, TogglrOptions options)
    {
        // Counters start with the process, not with the first scrape.
        endpoints.ServiceProvider.GetRequiredService<PrometheusExporter>();
        endpoints.ServiceProvider.GetRequiredService<ProcessMetrics>();

        endpoints.MapGet("/health", static context => context.Response.WriteAsync("{\"status\":\"ok\"}", context.RequestAborted)).AllowEverybody().ExcludeFromDescription();
        endpoints.MapGet("/ready", ReadyAsync).AllowEverybody().ExcludeFromDescription();
        endpoints.MapGet("/metrics", context => WriteMetricsAsync(context, options)).AllowEverybody().ExcludeFromDescription();
    }

    private static async Task WriteMetricsAsync(HttpContext context, TogglrOptions options)
    {
        if (options.MetricsListen.Count > 0 && !IsMetricsAddress(context, options))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = PrometheusExporter.ContentType;
        context.RequestServices.GetRequiredService<PrometheusExporter>().Write(context.Response.BodyWriter);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static bool IsMetricsAddress(HttpContext context, TogglrOptions options) =>
        options.MetricsListen.Any(address => address.Port == context.Connection.LocalPort);

    private static async Task ReadyAsync(HttpContext context)
    {
        var waiting = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var check in context.RequestServices.GetServices<IReadinessCheck>())
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            timeout.CancelAfter(TimeSpan.FromSeconds(2));
            try
            {
                if (await check.CheckAsync(timeout.Token) is { } missing)
                    waiting[check.Name] = missing;
            }
            catch (Exception error) when (error is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
            {
                waiting[check.Name] = error is OperationCanceledException ? "no answer within two seconds" : "the check failed";
            }
        }

        context.Response.StatusCode = waiting.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await context.Response.WriteAsJsonAsync(new { status = waiting.Count == 0 ? "ready" : "waiting", waiting }, context.RequestAborted);
    }
}
