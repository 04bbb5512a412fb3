using System.Globalization;
using Microsoft.AspNetCore.Http;
using Togglr.Edge.RemoteEvaluation;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge;

/// <summary>Who asks, and about which state of which environment.</summary>
/// <param name="Key">The key.</param>
/// <param name="State">The state that the whole request is answered from.</param>
/// <param name="Problem">Why the request is refused; then there is no key and no state.</param>
internal readonly record struct SdkRequest(SdkKeyIdentity Key, EnvironmentState State, Problem? Problem);

/// <summary>Checks the key of a request.</summary>
internal sealed class SdkGate(ConfigurationReplica replica, KeyRateLimiter limiter, SdkCors cors, TimeProvider time)
{
    /// <summary>Checks the header, allows the asking page to read the answer, and takes one request from the key's bucket.</summary>
    public SdkRequest Admit(HttpContext context, bool acceptApiKeyHeader = false)
    {
        string? header = context.Request.Headers.Authorization;
        if (header is null && acceptApiKeyHeader)
            header = context.Request.Headers["X-API-Key"];
        return Admit(context, replica.Keys.TryFind(header, time, out var key) ? key : null);
    }

    /// <summary>The same for streams, whose clients may not be able to send headers.</summary>
    public SdkRequest AdmitStream(HttpContext context, bool acceptStreamToken)
    {
        var query = context.Request.Query;
        string? header = context.Request.Headers.Authorization;
        if (header is null && query.TryGetValue("key", out var given))
            header = given;
        if (replica.Keys.TryFind(header, time, out var key))
            return Admit(context, key);
        return Admit(context, acceptStreamToken && query.TryGetValue("token", out var token) && replica.Keys.TryFindStreamToken(token.ToString(), time, out key) ? key : null);
    }

    /// <summary>The revision that a stream resumes from: the last event's, or <c>?revision=</c>.</summary>
    public static long? ResumeFrom(HttpContext context)
    {
        string? last = context.Request.Headers["Last-Event-ID"];
        if (string.IsNullOrEmpty(last))
            last = context.Request.Query["revision"];
        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : null;
    }

    private SdkRequest Admit(HttpContext context, SdkKeyIdentity? key)
    {
        cors.Allow(context, key?.Terms.Origins);
        if (key is null)
            return new SdkRequest(null!, null!, replica.IsReady ? SdkProblems.KeyInvalid : SdkProblems.NotReady);
        key.NoteUse(context.Connection.RemoteIpAddress);
        if (!limiter.TryTake(context, key, key.Terms.RateLimit, out var seconds))
            return new SdkRequest(null!, null!, Problem.RateLimited(seconds, "This key sends too many requests."));
        return key.Environment.Current is { } state
            ? new SdkRequest(key, state, null)
            : new SdkRequest(null!, null!, SdkProblems.NotReady);
    }
}
