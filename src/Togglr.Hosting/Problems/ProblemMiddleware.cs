using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Togglr.Hosting.Problems;

/// <summary>How a role explains its own exceptions.</summary>
public sealed class ProblemOptions
{
    /// <summary>Asked in order; the first that returns a problem wins. An exception that nobody explains is a bug: 500.</summary>
    public IList<Func<Exception, Problem?>> Explanations { get; } = [];

    /// <summary>Paths under which answers without a body (unknown route, wrong method) become problems too.</summary>
    public IList<PathString> Roots { get; } = ["/api"];
}

/// <summary>Composition of problem+json.</summary>
public static class ProblemComposition
{
    /// <summary>Makes binding failures exceptions, which <see cref="UseProblems"/> turns into problems.</summary>
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddOptions<ProblemOptions>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>Turns exceptions and empty error answers into problem+json. Belongs before everything that can fail.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.UseMiddleware<ProblemMiddleware>();
}

internal sealed partial class ProblemMiddleware(RequestDelegate next, IOptions<ProblemOptions> options, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var problem = Explain(exception, context);
            context.Response.Clear();
            await problem.ExecuteAsync(context);
            return;
        }
        await DescribeEmptyAsync(context);
    }

    private Problem Explain(Exception exception, HttpContext context)
    {
        if (exception is BadHttpRequestException bad)
            return BadRequestProblems.From(bad, context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize);
        // The framework looks the charset of a JSON body up and trips over one that it does not know.
        if (exception is InvalidOperationException { InnerException: ArgumentException } && exception.Message.Contains("content type charset", StringComparison.Ordinal))
            return BadRequestProblems.UnsupportedMediaType;
        foreach (var explain in options.Value.Explanations)
        {
            if (explain(exception) is not { } problem)
                continue;
            if (problem.Status >= 500)
                LogUnavailable(logger, exception, context.Request.Method, RouteOf(context));
            return problem;
        }
        LogUnhandled(logger, exception, context.Request.Method, RouteOf(context));
        return Problem.Internal();
    }

    // Not the path: that may carry a secret.
    private static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";

    private async Task DescribeEmptyAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentLength is > 0 || response.ContentType is not null
            || !options.Value.Roots.Any(root => context.Request.Path.StartsWithSegments(root, StringComparison.Ordinal)))
            return;
        var problem = response.StatusCode switch
        {
            404 => Problem.NotFound("There is nothing at this path."),
            405 => Problem.Of(405, "method_not_allowed", "Method not allowed", $"Allowed here: {response.Headers.Allow}."),
            413 => Problem.BodyTooLarge(context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize),
            408 => BadRequestProblems.TooSlow,
            415 => BadRequestProblems.UnsupportedMediaType,
            var status => Problem.Of(status, "error", "The request failed"),
        };
        await problem.ExecuteAsync(context);
    }

    [LoggerMessage(EventId = 1101, Level = LogLevel.Error, Message = "Unhandled failure of {Method} {Route}")]
    private static partial void LogUnhandled(ILogger logger, Exception exception, string method, string route);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "{Method} {Route} is unavailable")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string method, string route);
}
