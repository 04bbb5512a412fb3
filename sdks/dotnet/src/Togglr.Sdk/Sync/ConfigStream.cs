using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;
using Togglr.Sdk.Snapshots;

namespace Togglr.Sdk.Sync;

/// <summary>Follows <c>GET /sdk/v1/stream</c> until it ends.</summary>
internal sealed class ConfigStream(SnapshotHolder snapshots, TogglrHttp http, TogglrClientOptions options)
{
    /// <summary>The server sends at least a heartbeat every 15 seconds; three missed ones mean a dead connection.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(45);

    /// <param name="resume">The revision to go on from; null asks for the whole snapshot.</param>
    /// <param name="upToDate">Called when the snapshot in use is known to be the server's.</param>
    /// <param name="stop">Ends the stream.</param>
    public async Task<Attempt> FollowAsync(long? resume, Action upToDate, CancellationToken stop)
    {
        using var watchdog = new Watchdog(options.TimeProvider, options.RequestTimeout, stop);
        try
        {
            using var request = http.Get("stream");
            request.Headers.Accept.ParseAdd("text/event-stream");
            if (resume is { } revision)
                request.Headers.TryAddWithoutValidation("Last-Event-ID", revision.ToString(CultureInfo.InvariantCulture));
            using var response = await http.SendAsync(request, watchdog.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
                return Attempt.FromStatus(response, http.RetryAfter(response));
            if (response.Content.Headers.ContentType?.MediaType is not "text/event-stream")
                return new Attempt(Verdict.Unusable, $"The stream answered {response.Content.Headers.ContentType?.MediaType ?? "no type"} instead of events.");

            watchdog.Restart(options.RequestTimeout);
            var body = await response.Content.ReadAsStreamAsync(watchdog.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
                return await ReadAsync(body, resume is not null, upToDate, watchdog).ConfigureAwait(false);
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            return Attempt.FromException(exception, watchdog.Barked);
        }
    }

    private async Task<Attempt> ReadAsync(Stream body, bool resumed, Action upToDate, Watchdog watchdog)
    {
        var delivered = false;
        var heard = false;
        using var watched = new WatchedStream(body, options.MaxSnapshotBytes, first =>
        {
            watchdog.Restart(Silence);
            // A resumed stream that begins with a heartbeat has nothing new to tell. The parser swallows comments, hence this look at the first byte.
            if (resumed && !heard && first == (byte)':')
                upToDate();
            heard = true;
        });
        try
        {
            var events = SseParser.Create(watched, Accept).EnumerateAsync(watchdog.Token);
            await foreach (var item in events.ConfigureAwait(false))
            {
                watched.MessageCompleted();
                if (item.Data is not { } acceptance)
                {
                    if (item.EventType is "revoked")
                        return new Attempt(Verdict.KeyRevoked, "The SDK key was revoked or its environment deleted.");
                    continue;
                }

                if (Attempt.FromAcceptance(acceptance) is { } end)
                    return end;
                delivered = true;
                if (acceptance.Result is not AcceptResult.Older)
                    upToDate();
            }

            return delivered || (resumed && heard)
                ? new Attempt(Verdict.Worked, "The stream ended.")
                : new Attempt(Verdict.Unusable, "The stream ended before it said anything.");
        }
        catch (Exception exception) when (delivered && exception is not InvalidDataException && (watchdog.Barked || !watchdog.Token.IsCancellationRequested))
        {
            return Attempt.FromException(exception, watchdog.Barked) with { Verdict = Verdict.Worked };
        }
    }

    // Runs inside the parser, on its buffer: a snapshot is never copied before it is compiled.
    private Acceptance? Accept(string eventType, ReadOnlySpan<byte> data) => eventType switch
    {
        "full" => snapshots.AcceptFull(data, SnapshotSource.Network),
        "patch" => snapshots.AcceptPatch(data),
        _ => null,
    };
}
