using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Togglr.Edge;

/// <summary>Writes small answers without going through anything.</summary>
internal static class Answer
{
    private static readonly StringValues Json = "application/json";
    private static readonly StringValues NoStore = "no-store";

    /// <summary>A JSON answer of known length. The bytes are copied before the call returns.</summary>
    public static Task WriteJson(HttpContext context, int status, ReadOnlySpan<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        var headers = response.Headers;
        headers.ContentType = Json;
        headers.CacheControl = NoStore;
        headers.ContentLength = body.Length;
        // Started first: the body then goes straight into the connection's buffers.
        var starting = response.StartAsync(context.RequestAborted);
        if (!starting.IsCompletedSuccessfully)
            return WriteSlowly(context, starting, body.ToArray());
        response.BodyWriter.Write(body);
        return Task.CompletedTask;
    }

    private static async Task WriteSlowly(HttpContext context, Task starting, byte[] body)
    {
        await starting;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
