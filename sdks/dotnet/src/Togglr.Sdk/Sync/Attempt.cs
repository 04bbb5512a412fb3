using System.Net;
using Togglr.Sdk.Snapshots;

namespace Togglr.Sdk.Sync;

/// <summary>How a stream or a poll ended.</summary>
internal enum Verdict
{
    /// <summary>It worked: the poll was answered, or the stream delivered before it ended.</summary>
    Worked,

    /// <summary>The server answered, but not with what was asked for; another way may work.</summary>
    Unusable,

    /// <summary>The server did not answer at all.</summary>
    Unreachable,

    /// <summary>401 or 403: the key is not accepted.</summary>
    KeyRefused,

    /// <summary>The stream said that the key is revoked.</summary>
    KeyRevoked,
}

/// <summary>The end of one stream or poll.</summary>
/// <param name="Verdict">How it ended.</param>
/// <param name="Error">Why, for people; null when there is nothing to say.</param>
/// <param name="RetryAfter">The pause that the server asked for.</param>
/// <param name="Gap">The next stream must start from a whole snapshot.</param>
internal readonly record struct Attempt(Verdict Verdict, string? Error = null, TimeSpan? RetryAfter = null, bool Gap = false)
{
    public static Attempt FromStatus(HttpResponseMessage response, TimeSpan? retryAfter) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => new(Verdict.KeyRefused, "Togglr does not know the SDK key (401): it is wrong, expired or revoked."),
        HttpStatusCode.Forbidden => new(Verdict.KeyRefused, "Togglr refuses this SDK key (403): evaluation in the process needs a server key."),
        var status => new(Verdict.Unusable, $"{response.RequestMessage?.RequestUri?.AbsolutePath} answered {(int)status}.", retryAfter),
    };

    public static Attempt FromException(Exception exception, bool barked) => exception switch
    {
        // Whoever accepted the connection may hold a stream back and yet answer a poll, as some proxies do.
        OperationCanceledException when barked => new(Verdict.Unusable, "Togglr was silent for too long."),
        HttpRequestException http => new(Verdict.Unreachable, http.Message),
        InvalidDataException data => new(Verdict.Unusable, data.Message),
        _ => new(Verdict.Unreachable, exception.Message),
    };

    /// <summary>What a snapshot or patch that was not taken over means for the connection; null when it goes on.</summary>
    public static Attempt? FromAcceptance(Acceptance acceptance) => acceptance.Result switch
    {
        AcceptResult.Gap => new(Verdict.Unusable, acceptance.Error, Gap: true),
        AcceptResult.Malformed => new(Verdict.Unusable, acceptance.Error, Gap: true),
        _ => null,
    };
}
