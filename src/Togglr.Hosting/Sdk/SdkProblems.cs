using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;

namespace Togglr.Hosting.Sdk;

/// <summary>The failures of the SDK API.</summary>
public static class SdkProblems
{
    /// <summary>401: no key, or none that is valid.</summary>
    public static Problem KeyInvalid { get; } = Problem.Of(401, "sdk_key_invalid", "The SDK key is not valid",
        "Send the key of an environment as Authorization: <key>. It may be missing, mistyped, expired or revoked.");

    /// <summary>403: a client key asks for what contains rules.</summary>
    public static Problem ServerKeyRequired { get; } = Problem.Of(403, "server_key_required", "A server key is required",
        "Client keys evaluate remotely; rules are for server keys only.");

    /// <summary>503: ask again in a second.</summary>
    public static Problem NotReady { get; } = Problem.NotReady("The configuration has not arrived yet.");

    /// <summary>400: the context cannot be used.</summary>
    public static Problem ContextInvalid(string detail) => Problem.Of(400, "context_invalid", "The context cannot be used", detail);

    /// <summary>404: no such flag for this key.</summary>
    public static Problem FlagNotFound(string key) => Problem.NotFound($"There is no flag '{key}' here.");

    /// <summary>
    /// Writes a failure in the shape of the Togglr SDK protocol, whose clients read <c>error.code</c> and <c>error.message</c> and accept
    /// <c>application/json</c> only; the members of problem+json are there as well.
    /// </summary>
    public static async Task WriteForTogglrSdkAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString();
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error"u8);
            writer.WriteString("code"u8, problem.Code);
            writer.WriteString("message"u8, problem.Detail ?? problem.Title);
            writer.WriteEndObject();
            writer.WriteString("type"u8, Problem.TypeRoot + problem.Code);
            writer.WriteString("title"u8, problem.Title);
            writer.WriteNumber("status"u8, problem.Status);
            if (problem.Detail is not null)
                writer.WriteString("detail"u8, problem.Detail);
            writer.WriteString("code"u8, problem.Code);
            writer.WriteString("requestId"u8, context.TraceIdentifier);
            writer.WriteEndObject();
        }
        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }
}
