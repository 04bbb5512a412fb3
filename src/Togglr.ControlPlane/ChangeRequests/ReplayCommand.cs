using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Marks endpoints that are never part of a change request: they change nothing that is guarded, or cannot wait.</summary>
internal sealed class NeverRequested;

/// <summary>Why a call was refused when it was made again.</summary>
/// <param name="Position">Which call, from 0.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Detail">What, for people.</param>
internal sealed record ReplayFailure(int Position, int Status, string Code, string Detail)
{
    /// <summary>Whether trying again can help.</summary>
    public bool IsPassing => Status >= 500;

    /// <summary>As the answer to whoever asked.</summary>
    public Problem ToProblem() => Problem.Of(Status, Code, "A change cannot be made", $"Change {Position + 1}: {Detail}");
}

/// <summary>
/// Makes the calls of a change request through the very endpoints that people use, so that every check and permission holds that holds for them. Each has a scope of
/// services of its own and takes part in one transaction.
/// </summary>
internal sealed class CommandReplay
{
    private readonly IServiceProvider _services;
    private readonly Lazy<Dictionary<string, (RouteEndpoint Endpoint, TemplateMatcher Matcher)>> _operations;
    private readonly Lazy<RequestDelegate> _run;

    public CommandReplay(IServiceProvider services)
    {
        _services = services;
        _operations = new(Find);
        _run = new(() =>
        {
            var app = new ApplicationBuilder(_services);
            app.UseProblems();
            app.Run(http => http.GetEndpoint()!.RequestDelegate!(http));
            return app.Build();
        });
    }

    /// <summary>The operation that a call reaches; null when there is none that a change request may hold.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path, from <c>/api/v1</c> on.</param>
    public string? OperationOf(string method, string path)
    {
        var found = _operations.Value
            .Where(pair => pair.Value.Endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(method, StringComparer.OrdinalIgnoreCase) == true)
            .Where(pair => pair.Value.Matcher.TryMatch(path, new RouteValueDictionary()))
            .OrderBy(pair => pair.Value.Endpoint.RoutePattern.Parameters.Count).FirstOrDefault();
        return found.Key;
    }

    /// <summary>Makes a call for its author. Null when it went well; then what it changed is in the transaction.</summary>
    public async Task<ReplayFailure?> RunAsync(ChangeCommand command, Caller author, AmbientTransaction ambient, Authority authority, CancellationToken cancel)
    {
        if (!_operations.Value.TryGetValue(command.Operation, out var known))
            return new ReplayFailure(command.Position, 409, "unknown_operation", "There is no such call any more.");
        var values = new RouteValueDictionary();
        if (!known.Matcher.TryMatch(command.Path, values))
            return new ReplayFailure(command.Position, 409, "unknown_operation", "There is no such call any more.");
        await using var scope = _services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TogglrDbContext>().Join(ambient);
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancel, TraceIdentifier = System.Diagnostics.Activity.Current?.Id ?? Guid.CreateVersion7().ToString("n") };
        var request = http.Request;
        (request.Method, request.Scheme, request.Host, request.Path, request.QueryString) = (command.Method, "http", new HostString("localhost"), command.Path, new QueryString(command.Query));
        if (command.Body is { } bytes)
        {
            (request.Body, request.ContentType, request.ContentLength) = (new MemoryStream(bytes, writable: false), command.ContentType, bytes.Length);
            http.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        }
        // The versions on which the request builds are compared by whoever applies it, all at once.
        request.Headers.IfMatch = "*";
        if (command.Reason is { } reason)
            request.Headers["Togglr-Reason"] = reason;
        request.RouteValues = values;
        using var answer = new MemoryStream();
        http.Response.Body = answer;
        http.Features.Set(new Replayed(author, authority));
        http.SetEndpoint(known.Endpoint);
        scope.ServiceProvider.GetRequiredService<Current>().Http = http;
        await _run.Value(http);
        if (http.Response.StatusCode is >= 200 and < 300)
            return null;
        var (code, detail) = Read(answer);
        return new ReplayFailure(command.Position, http.Response.StatusCode, code, detail);
    }

    private static (string Code, string Detail) Read(MemoryStream answer)
    {
        try
        {
            using var problem = JsonDocument.Parse(answer.ToArray());
            var root = problem.RootElement;
            var detail = root.TryGetProperty("detail", out var text) ? text.GetString() : null;
            return (root.GetProperty("code").GetString()!, detail ?? root.GetProperty("title").GetString()!);
        }
        catch (JsonException)
        {
            return ("internal", "The call was refused.");
        }
    }

    private Dictionary<string, (RouteEndpoint, TemplateMatcher)> Find() =>
        _services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText is { } pattern && pattern.StartsWith("/api/v1/orgs/{org}/", StringComparison.Ordinal))
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods: [not "GET"] } && endpoint.Metadata.GetMetadata<NeverRequested>() is null)
            .Where(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not null)
            .ToDictionary(
                endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName,
                endpoint => (endpoint, new TemplateMatcher(TemplateParser.Parse(endpoint.RoutePattern.RawText!), new RouteValueDictionary())), StringComparer.Ordinal);

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
