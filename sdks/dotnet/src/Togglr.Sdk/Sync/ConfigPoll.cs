using System.Globalization;
using System.Net;
using Togglr.Sdk.Snapshots;

namespace Togglr.Sdk.Sync;

/// <summary>Asks <c>GET /sdk/v1/config</c> once.</summary>
internal sealed class ConfigPoll(SnapshotHolder snapshots, TogglrHttp http, TogglrClientOptions options)
{
    /// <param name="known">The revision that need not be sent again; null asks for the snapshot in any case.</param>
    /// <param name="stop">Ends the request.</param>
    public async Task<Attempt> AskAsync(long? known, CancellationToken stop)
    {
        using var watchdog = new Watchdog(options.TimeProvider, options.RequestTimeout, stop);
        try
        {
            using var request = http.Get("config");
            if (known is { } revision)
                request.Headers.TryAddWithoutValidation("If-None-Match", string.Create(CultureInfo.InvariantCulture, $"\"{revision}\""));
            using var response = await http.SendAsync(request, watchdog.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotModified && known is not null)
                return new Attempt(Verdict.Worked);
            if (response.StatusCode != HttpStatusCode.OK)
                return Attempt.FromStatus(response, http.RetryAfter(response));

            var body = await response.Content.ReadAsStreamAsync(watchdog.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                using var watched = new WatchedStream(body, options.MaxSnapshotBytes, _ => watchdog.Restart(options.RequestTimeout));
                using var document = new MemoryStream();
                await watched.CopyToAsync(document, watchdog.Token).ConfigureAwait(false);
                var acceptance = snapshots.AcceptFull(document.GetBuffer().AsSpan(0, (int)document.Length), SnapshotSource.Network);
                return acceptance.Result is AcceptResult.Older
                    ? new Attempt(Verdict.Unusable, acceptance.Error)
                    : Attempt.FromAcceptance(acceptance) ?? new Attempt(Verdict.Worked);
            }
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            return Attempt.FromException(exception, watchdog.Barked);
        }
    }
}
