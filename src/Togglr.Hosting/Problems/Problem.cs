using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Togglr.Hosting.Problems;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Code">A stable code, for programs.</param>
/// <param name="Path">Where: a JSON pointer into the body (<c>/rules/0/then</c>), or the name of a query parameter or header.</param>
/// <param name="Message">What, for people.</param>
public sealed record ProblemItem(string Code, string Path, string Message);

/// <summary>A place that uses what somebody wants to delete.</summary>
/// <param name="Kind"><c>flag</c> or <c>segment</c>, or whatever else refers to it.</param>
/// <param name="Key">Its key.</param>
/// <param name="Environments">The environments in which it does; empty where that does not depend on the environment.</param>
public sealed record ProblemUse(string Kind, string Key, IReadOnlyList<string> Environments);

/// <summary>
/// An expected failure as a value. As a result of an endpoint it writes itself as <c>application/problem+json</c> with the id of the request.
/// </summary>
public sealed class Problem : IResult
{
    /// <summary>The root of every <c>type</c>.</summary>
    public const string TypeRoot = "https://togglr.dev/problems/";

    private Problem(int status, string code, string title, string? detail)
    {
        Status = status;
        Code = code;
        Title = title;
        Detail = detail;
    }

    /// <summary>The HTTP status, 400 to 599; 202 for <see cref="Deferred"/>.</summary>
    public int Status { get; }

    /// <summary>The stable code.</summary>
    public string Code { get; }

    /// <summary>What kind of failure this is; the same for every failure with this code.</summary>
    public string Title { get; }

    /// <summary>What happened this time.</summary>
    public string? Detail { get; }

    /// <summary>The single faults of an invalid request.</summary>
    public IReadOnlyList<ProblemItem>? Errors { get; private init; }

    /// <summary>With <c>precondition_failed</c>: the version that the resource has now.</summary>
    public long? Current { get; private init; }

    /// <summary>With <c>in_use</c>: where.</summary>
    public IReadOnlyList<ProblemUse>? UsedBy { get; private init; }

    /// <summary>With <c>rate_limited</c> and <c>unavailable</c>: seconds to wait, also sent as <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; private init; }

    /// <summary>What is answered instead, where nothing failed; see <see cref="Deferred"/>.</summary>
    public IResult? Created { get; private init; }

    /// <summary>No failure, but not what was asked for either: 202, the change waits for somebody. <paramref name="answer"/> writes the response.</summary>
    public static Problem Deferred(IResult answer) => new(202, "approval_required", "Waits for approval", null) { Created = answer };

    /// <summary>The same failure, saying of which of several things it is.</summary>
    public Problem About(string subject) =>
        new(Status, Code, Title, $"{subject}: {Detail}") { Errors = Errors, Current = Current, UsedBy = UsedBy, RetryAfter = RetryAfter, Created = Created };

    /// <summary>Any failure that has no factory of its own here.</summary>
    public static Problem Of(int status, string code, string title, string? detail = null) => new(status, code, title, detail);

    /// <summary>400: the body is not JSON.</summary>
    public static Problem MalformedJson(string detail) => new(400, "malformed_json", "The body is not valid JSON", detail);

    /// <summary>400: the request is understood but says something that cannot be.</summary>
    public static Problem Invalid(params IReadOnlyList<ProblemItem> errors) =>
        new(400, "validation_failed", "The request is not valid", errors.Count == 0 ? null : errors[0].Message) { Errors = errors };

    /// <summary>400 with a code of its own and one fault.</summary>
    public static Problem BadRequest(string code, string title, ProblemItem error) => new(400, code, title, error.Message) { Errors = [error] };

    /// <summary>401: nobody, or nobody known, is asking.</summary>
    public static Problem Unauthorized(string detail = "Sign in first.", string code = "unauthorized") => new(401, code, "Not signed in", detail);

    /// <summary>403: known, may see it, may not do it.</summary>
    public static Problem Forbidden(string detail, string code = "forbidden") => new(403, code, "Not allowed", detail);

    /// <summary>404: not there, or not there for this caller.</summary>
    public static Problem NotFound(string detail) => new(404, "not_found", "Not found", detail);

    /// <summary>409 by default: the state of things does not allow it.</summary>
    public static Problem Conflict(string detail, string code = "conflict") => new(409, code, "In conflict with the current state", detail);

    /// <summary>409 with what is in conflict.</summary>
    public static Problem Conflict(string detail, string code, IReadOnlyList<ProblemItem> errors) => new(409, code, "In conflict with the current state", detail) { Errors = errors };

    /// <summary>409: something with this key is there already.</summary>
    public static Problem AlreadyExists(string detail) => new(409, "already_exists", "Already exists", detail);

    /// <summary>409: something else refers to it.</summary>
    public static Problem InUse(string detail, IReadOnlyList<ProblemUse> usedBy) => new(409, "in_use", "Still in use", detail) { UsedBy = usedBy };

    /// <summary>412: somebody changed it in the meantime.</summary>
    /// <param name="current">The version it has now; null where that is not known.</param>
    public static Problem PreconditionFailed(long? current) =>
        new(412, "precondition_failed", "Changed in the meantime", "Somebody changed this after you read it. Read it again and repeat your change.") { Current = current };

    /// <summary>428: this call does not work without <c>If-Match</c>.</summary>
    public static Problem PreconditionRequired() =>
        new(428, "precondition_required", "If-Match is required", "Send If-Match with the version that you read, so that nobody's change is lost.");

    /// <summary>413: too many bytes.</summary>
    public static Problem BodyTooLarge(long? limit) =>
        new(413, "body_too_large", "The body is too large", limit is null ? null : $"At most {limit} bytes are accepted here.");

    /// <summary>429: slow down.</summary>
    public static Problem RateLimited(int retryAfterSeconds, string detail) =>
        new(429, "rate_limited", "Too many requests", detail) { RetryAfter = retryAfterSeconds };

    /// <summary>503: something that this needs does not answer now.</summary>
    public static Problem Unavailable(string detail) => new(503, "unavailable", "Temporarily unavailable", detail) { RetryAfter = 1 };

    /// <summary>503: the process has only just started.</summary>
    public static Problem NotReady(string detail) => new(503, "not_ready", "Not ready yet", detail) { RetryAfter = 1 };

    /// <summary>500: a bug. Says nothing about itself; the log has it under the request's id.</summary>
    public static Problem Internal() => new(500, "internal", "Something went wrong", "The failure was logged under the id of this request.");

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (Created is not null)
            return Created.ExecuteAsync(httpContext);
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString();
        if (Status == 401)
            response.Headers.WWWAuthenticate = "Bearer";
        var document = new ProblemDocument(
            TypeRoot + Code, Title, Status, Detail, Code, httpContext.TraceIdentifier, Errors, Current, UsedBy);
        return response.WriteAsJsonAsync(document, ProblemJson.Default.ProblemDocument, "application/problem+json", httpContext.RequestAborted);
    }
}

/// <summary>A problem as it travels (RFC 9457).</summary>
/// <param name="Type">A URI that names the kind of problem; ends in the code.</param>
/// <param name="Title">What kind of failure this is.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What happened this time.</param>
/// <param name="Code">The stable code.</param>
/// <param name="RequestId">The id under which the server logged this request.</param>
/// <param name="Errors">The single faults of an invalid request.</param>
/// <param name="Current">With <c>precondition_failed</c>: the version that the resource has now.</param>
/// <param name="UsedBy">With <c>in_use</c>: where.</param>
public sealed record ProblemDocument(
    string Type,
    string Title,
    int Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail,
    string Code,
    string RequestId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ProblemItem>? Errors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Current,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ProblemUse>? UsedBy);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ProblemJson : JsonSerializerContext;
