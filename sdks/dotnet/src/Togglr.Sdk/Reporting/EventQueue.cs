using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Togglr.Sdk.Sync;

namespace Togglr.Sdk.Reporting;

/// <summary>One request waiting to be sent: where to, and its JSON body.</summary>
internal readonly record struct OutgoingEvent(string Path, ReadOnlyMemory<byte> Body);

/// <summary>Sends tracked events and error reports in the background: bounded, retried, never in the caller's way.</summary>
internal sealed partial class EventQueue : IDisposable
{
    /// <summary>Tries per event before it is given up: with pauses that double, about a minute of outage.</summary>
    private const int Tries = 8;

    /// <summary>Requests in flight at once; one connection per request, so a few suffice.</summary>
    private const int Senders = 4;

    private readonly Channel<OutgoingEvent> _channel;
    private readonly TogglrHttp _http;
    private readonly TogglrClientOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _senders;
    private long _dropped;
    private long _waiting;

    public EventQueue(TogglrHttp http, TogglrClientOptions options)
    {
        _http = http;
        _options = options;
        _channel = Channel.CreateBounded<OutgoingEvent>(options.EventCapacity);
        _senders = Enumerable.Range(0, Senders).Select(_ => Task.Run(SendAllAsync)).ToArray();
    }

    /// <summary>Events accepted and neither sent nor given up yet.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    public void Add(OutgoingEvent outgoing)
    {
        Interlocked.Increment(ref _waiting);
        if (_channel.Writer.TryWrite(outgoing))
            return;
        Interlocked.Decrement(ref _waiting);
        // Once per thousand: a full queue must not become a full log.
        if (Interlocked.Increment(ref _dropped) % 1000 == 1)
            LogDropped(_options.Logger, _dropped, nameof(TogglrClientOptions.EventCapacity));
    }

    /// <summary>Takes nothing more and sends what is waiting until <paramref name="deadline"/> is cancelled.</summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        _channel.Writer.TryComplete();
        var registration = deadline.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _stop);
        await using (registration.ConfigureAwait(false))
            await Task.WhenAll(_senders).ConfigureAwait(false);
        if (Waiting > 0)
            LogLost(_options.Logger, Waiting);
    }

    /// <summary>Returns when nothing is waiting any more, or <paramref name="stop"/> is cancelled.</summary>
    public async Task WaitUntilEmptyAsync(CancellationToken stop)
    {
        while (Waiting > 0 && !stop.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(5), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (var outgoing in _channel.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await SendAsync(outgoing).ConfigureAwait(false);
                Interlocked.Decrement(ref _waiting);
            }
        }
        catch (OperationCanceledException)
        {
            // The time for the last events is over.
        }
    }

    private async Task SendAsync(OutgoingEvent outgoing)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (done, error, retryAfter) = await PostOnceAsync(_http, _options, outgoing.Path, outgoing.Body, _stop.Token).ConfigureAwait(false);
            if (done)
            {
                if (error is not null)
                    LogRefused(_options.Logger, outgoing.Path, error);
                return;
            }

            if (attempt == Tries)
            {
                LogGivenUp(_options.Logger, outgoing.Path, error!);
                return;
            }

            var pause = _options.ReconnectDelay * Math.Pow(2, attempt - 1) * (0.5 + (Random.Shared.NextDouble() / 2));
            await Task.Delay(retryAfter > pause ? retryAfter.Value : pause, _options.TimeProvider, _stop.Token).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// One request. Done without an error: accepted. Done with one: refused for good, sending it again would change nothing.
    /// Not done: worth another try.
    /// </summary>
    public static async Task<(bool Done, string? Error, TimeSpan? RetryAfter)> PostOnceAsync(
        TogglrHttp http, TogglrClientOptions options, string path, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        using var watchdog = new Watchdog(options.TimeProvider, options.RequestTimeout, stop);
        try
        {
            using var request = http.Post(path, body);
            using var response = await http.SendAsync(request, watchdog.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return (true, null, null);
            var again = (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
            return (!again, $"it answered {(int)response.StatusCode}", http.RetryAfter(response));
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            return (false, watchdog.Barked ? "it did not answer in time" : exception.Message, null);
        }
    }

    [LoggerMessage(201, LogLevel.Warning, "{Dropped} events dropped so far: more are waiting than {Option} allows")]
    private static partial void LogDropped(ILogger logger, long dropped, string option);

    [LoggerMessage(202, LogLevel.Warning, "An event for {Path} was refused: {Error}")]
    private static partial void LogRefused(ILogger logger, string path, string error);

    [LoggerMessage(203, LogLevel.Warning, "An event for {Path} could not be delivered and is given up: {Error}")]
    private static partial void LogGivenUp(ILogger logger, string path, string error);

    [LoggerMessage(204, LogLevel.Warning, "{Count} events could not be sent before the client was disposed")]
    private static partial void LogLost(ILogger logger, long count);
}
