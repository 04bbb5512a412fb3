using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;

namespace Togglr.Edge.Protocols;

/// <summary>
/// Passes events on to the process that stores them, for an edge without the ingest role: applications need one address only. The answer is that process's
/// answer, so 202 still means durable; when it cannot be reached the sender is told to try again.
/// </summary>
internal sealed class EventForwarder : IDisposable
{
    private const int BodyLimit = 8 * 1024 * 1024;
    private readonly SdkGate _gate;
    private readonly HttpClient _client;

    public EventForwarder(SdkGate gate, Uri target)
    {
        _gate = gate;
        _client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = target,
            Timeout = TimeSpan.FromSeconds(10),
        };
    }

    public async Task ServeAsync(HttpContext context)
    {
        // Strangers are turned away here, so that they cannot load the control plane through an edge.
        if (_gate.Admit(context).Problem is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }

        var body = await RequestBody.ReadAsync(context, BodyLimit);
        try
        {
            await (body.Refusal is { } refusal ? refusal.ExecuteAsync(context) : ForwardAsync(context, body.Bytes));
        }
        finally
        {
            body.Release();
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task ForwardAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        // The path as it was matched, never the request's raw target, which may name another host.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(context.Request.Path.ToUriComponent(), UriKind.Relative)) { Content = new ReadOnlyMemoryContent(body) };
        request.Headers.TryAddWithoutValidation("Authorization", context.Request.Headers.Authorization.ToString());
        if (context.Request.Headers.ContentEncoding is { Count: > 0 } coding)
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding.ToString());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        HttpResponseMessage answer;
        try
        {
            answer = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, context.RequestAborted);
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            await Problem.Unavailable("Events cannot be passed on at the moment.").ExecuteAsync(context);
            return;
        }

        using (answer)
        {
            context.Response.StatusCode = answer.StatusCode == HttpStatusCode.NotFound && answer.Content.Headers.ContentType is null ? StatusCodes.Status503ServiceUnavailable : (int)answer.StatusCode;
            if (answer.Headers.RetryAfter is { } retry)
                context.Response.Headers.RetryAfter = retry.ToString();
            if (answer.Content.Headers.ContentType is { } type)
                context.Response.ContentType = type.ToString();
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
