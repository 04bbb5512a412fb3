using Microsoft.Extensions.Logging;
using Togglr.Sdk.Snapshots;

namespace Togglr.Sdk.Sync;

/// <summary>Keeps the snapshot current: a stream while one can be had, polls in between, pauses that grow with every failure.</summary>
internal sealed partial class Synchronizer(SnapshotHolder snapshots, TogglrHttp http, StatusBoard status, TogglrClientOptions options)
{
    /// <summary>A stream that lived this long was a good one: the next failure starts from the shortest pause again.</summary>
    private static readonly TimeSpan GoodStream = TimeSpan.FromSeconds(10);

    /// <summary>A key may have been issued a moment ago and be on its way to the server that was asked: refused once is not refused.</summary>
    private static readonly TimeSpan NewKeyPause = TimeSpan.FromSeconds(1);

    /// <summary>A key that is refused again is seldom accepted later, so the pause grows from the one to the other.</summary>
    private static readonly TimeSpan RefusedKeyPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRefusedKeyPause = TimeSpan.FromMinutes(5);

    private readonly ConfigStream _stream = new(snapshots, http, options);
    private readonly ConfigPoll _poll = new(snapshots, http, options);
    private readonly ILogger _logger = options.Logger;
    private readonly TimeProvider _time = options.TimeProvider;
    private bool _gap;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await SynchronizeAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped in the middle of a request.
        }
    }

    private async Task SynchronizeAsync(CancellationToken stop)
    {
        var failures = 0;
        var refusals = 0;
        while (!stop.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            var attempt = options.StreamingEnabled ? await StreamAsync(stop).ConfigureAwait(false) : await PollAsync("", stop).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
                return;

            if (attempt.Verdict is not Verdict.KeyRefused)
                refusals = 0;
            switch (attempt.Verdict)
            {
                case Verdict.KeyRevoked:
                    LogRevoked(_logger);
                    status.Failed(attempt.Error!);
                    return;
                case Verdict.KeyRefused:
                    await RefusedAsync(attempt.Error!, refusals++, stop).ConfigureAwait(false);
                    continue;
                case Verdict.Worked when !options.StreamingEnabled:
                    failures = 0;
                    await PauseAsync(Jittered(options.PollInterval), stop).ConfigureAwait(false);
                    continue;
                case Verdict.Worked when _time.GetElapsedTime(started) >= GoodStream:
                    failures = 0;
                    break;
            }

            var pause = attempt.RetryAfter ?? Backoff(failures++);
            if (pause < options.ReconnectDelay)
                pause = options.ReconnectDelay;
            LogReconnecting(_logger, attempt.Error ?? "The connection ended.", pause);
            await PauseAsync(pause, stop).ConfigureAwait(false);
        }
    }

    private async Task<Attempt> StreamAsync(CancellationToken stop)
    {
        var resume = _gap ? null : snapshots.NetworkRevision;
        var attempt = await _stream.FollowAsync(resume, status.UpToDate, stop).ConfigureAwait(false);
        _gap = attempt.Gap;
        if (stop.IsCancellationRequested || attempt.Verdict is Verdict.KeyRefused or Verdict.KeyRevoked)
            return attempt;
        if (attempt.Verdict is not Verdict.Unusable || attempt.Gap)
        {
            status.Interrupted(attempt.Error!);
            return attempt;
        }

        // A stream that cannot be had (a proxy in the way, a server too old or too busy) still leaves polling.
        var polled = await PollAsync(attempt.Error + " ", stop).ConfigureAwait(false);
        return polled.Verdict is Verdict.Worked ? attempt : polled;
    }

    private async Task<Attempt> PollAsync(string before, CancellationToken stop)
    {
        var attempt = await _poll.AskAsync(snapshots.NetworkRevision, stop).ConfigureAwait(false);
        if (stop.IsCancellationRequested || attempt.Verdict is Verdict.KeyRefused)
            return attempt;
        attempt = attempt with { Error = before + attempt.Error };
        if (attempt.Verdict is Verdict.Worked)
            status.UpToDate();
        else
            status.Interrupted(attempt.Error!);
        return attempt;
    }

    private async Task RefusedAsync(string error, int refusals, CancellationToken stop)
    {
        if (refusals == 0)
        {
            status.Interrupted(error);
            await PauseAsync(Jittered(NewKeyPause), stop).ConfigureAwait(false);
            return;
        }

        var pause = Jittered(Doubled(RefusedKeyPause, refusals - 1, LongestRefusedKeyPause));
        LogRefused(_logger, error, pause);
        status.Failed(error);
        await PauseAsync(pause, stop).ConfigureAwait(false);
    }

    private TimeSpan Backoff(int failures) => Jittered(Doubled(options.ReconnectDelay, failures, options.PollInterval));

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan most) => TimeSpan.FromTicks((long)Math.Min(most.Ticks, first.Ticks * Math.Pow(2, Math.Min(times, 40))));

    /// <summary>Between half of the pause and the whole, so that many clients do not come back together.</summary>
    private static TimeSpan Jittered(TimeSpan pause) => pause * (0.5 + (Random.Shared.NextDouble() / 2));

    private async Task PauseAsync(TimeSpan pause, CancellationToken stop)
    {
        try
        {
            await Task.Delay(pause, _time, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop looks at the token itself.
        }
    }

    [LoggerMessage(101, LogLevel.Information, "Not connected to Togglr: {Error} The last good snapshot stays in use; next try in {Pause}")]
    private static partial void LogReconnecting(ILogger logger, string error, TimeSpan pause);

    [LoggerMessage(102, LogLevel.Error, "{Error} The last good snapshot stays in use; next try in {Pause}")]
    private static partial void LogRefused(ILogger logger, string error, TimeSpan pause);

    [LoggerMessage(103, LogLevel.Error, "The SDK key was revoked or its environment deleted. The last good snapshot stays in use; restart with another key")]
    private static partial void LogRevoked(ILogger logger);
}
