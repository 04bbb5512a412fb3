using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;

namespace Togglr.Ingest;

/// <summary>Checks the key of a request, and whether it may speak of a flag.</summary>
internal sealed class IngestGate(ConfigurationReplica replica, SdkCors cors, KeyRateLimiter limiter, TimeProvider time)
{
    /// <summary>Checks the header, allows the asking page to read the answer, and takes one request from the key's bucket.</summary>
    /// <param name="context">The request.</param>
    /// <param name="flag">The flag that it is about; null for none in particular.</param>
    /// <param name="key">The key.</param>
    /// <param name="state">The state of its environment.</param>
    /// <returns>Why it is refused, or null; only then are there a key and a state.</returns>
    public Problem? Admit(HttpContext context, string? flag, out SdkKeyIdentity key, out EnvironmentState state)
    {
        state = null!;
        var isKnown = replica.Keys.TryFind(context.Request.Headers.Authorization, time, out key!);
        cors.Allow(context, isKnown ? key.Terms.Origins : null);
        if (!isKnown)
            return replica.IsReady ? SdkProblems.KeyInvalid : SdkProblems.NotReady;
        key.NoteUse(context.Connection.RemoteIpAddress);
        if (!limiter.TryTake(context, key, key.Terms.RateLimit, out var seconds))
            return Problem.RateLimited(seconds, "This key sends too many requests.");
        if (key.Environment.Current is not { } current)
            return SdkProblems.NotReady;
        state = current;
        if (flag is not null && (!current.Snapshot.TryGetFlag(flag, out var found) || (key.Kind == SdkKeyKind.Client && !found.ClientVisible)))
            return SdkProblems.FlagNotFound(flag);
        return null;
    }
}
