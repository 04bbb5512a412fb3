using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Togglr.Sdk.Sync;

namespace Togglr.Sdk.Reporting;

/// <summary>
/// Sends events of experiments in batches to <c>POST /sdk/v1/events</c>: bounded in memory, the same bytes again until the server has them, on disk while it cannot be reached. An event has its id from the
/// beginning, so however often a batch arrives it counts once.
/// </summary>
internal sealed partial class EventBatches : IDisposable
{
    private const int MostEvents = 500;
    private const int MostBytes = 1024 * 1024;

    /// <summary>Below this, compressing costs more than it saves.</summary>
    private const int LeastPacked = 1024;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _events = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TogglrHttp _http;
    private readonly TogglrClientOptions _options;
    private readonly EventFolder? _folder;
    private readonly Task _loop;
    private byte[]? _unsent;
    private bool _isClosed;
    private long _dropped;

    public EventBatches(TogglrHttp http, TogglrClientOptions options)
    {
        (_http, _options) = (http, options);
        _folder = options.EventDirectory is { } directory ? new EventFolder(directory, options) : null;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Takes an event; returns at once. Where too many wait, it is dropped and counted in the log.</summary>
    public void Add(byte[] utf8Event)
    {
        int waiting;
        lock (_lock)
        {
            waiting = _isClosed ? int.MaxValue : _events.Count;
            if (waiting < _options.EventCapacity)
                _events.Enqueue(utf8Event);
        }

        if (waiting >= _options.EventCapacity)
        {
            // Once per thousand: a full queue must not become a full log.
            if (Interlocked.Increment(ref _dropped) % 1000 == 1)
                LogDropped(_options.Logger, _dropped, nameof(TogglrClientOptions.EventCapacity));
        }
        else if (waiting == MostEvents - 1 || (waiting > 0 && waiting % (MostEvents * 10) == 0))
        {
            Wake();
        }
    }

    /// <summary>Sends what is waiting, or keeps it on disk. True when nothing waits in memory any more.</summary>
    public async Task<bool> SendAsync(CancellationToken stop)
    {
        await _sending.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            // The oldest first, and with it whether there is anybody.
            var isReachable = await SendStoredAsync(stop).ConfigureAwait(false);
            while ((_unsent ??= Take()) is { } batch)
            {
                if (!isReachable || await PostAsync(batch, stop).ConfigureAwait(false) is false)
                {
                    isReachable = false;
                    if (_folder is null || !_folder.Keep(batch))
                        return false;
                }

                _unsent = null;
            }

            return true;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Takes nothing more, and sends or keeps what is waiting.</summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        lock (_lock)
            _isClosed = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            if (await SendAsync(deadline).ConfigureAwait(false))
                return;
        }
        catch (OperationCanceledException)
        {
            // The time is over: what is left is kept on disk, or lost.
        }

        var lost = 0;
        while ((_unsent ??= Take()) is { } batch)
        {
            if (_folder?.Keep(batch) != true)
                lost++;
            _unsent = null;
        }

        if (lost > 0)
            LogLost(_options.Logger, lost);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _wake.Dispose();
        _sending.Dispose();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake.
        }
        catch (ObjectDisposedException)
        {
            // The client is gone.
        }
    }

    private async Task RunAsync()
    {
        try
        {
            var failures = 0;
            while (true)
            {
                // Not the events' clock alone: a full batch does not wait, unless nobody answers.
                if (failures == 0)
                {
                    using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                    await Task.WhenAny(Task.Delay(_options.EventsInterval, _options.TimeProvider, over.Token), _wake.WaitAsync(over.Token)).ConfigureAwait(false);
                    await over.CancelAsync().ConfigureAwait(false);
                }
                else
                {
                    var pause = _options.EventsInterval * Math.Pow(2, Math.Min(failures, 10)) * (0.5 + (Random.Shared.NextDouble() / 2));
                    await Task.Delay(pause < LongestPause ? pause : LongestPause, _options.TimeProvider, _stop.Token).ConfigureAwait(false);
                }

                _stop.Token.ThrowIfCancellationRequested();
                failures = await SendAsync(_stop.Token).ConfigureAwait(false) && _folder?.IsEmpty != false ? 0 : failures + 1;
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped; the rest is sent by the one who stops.
        }
    }

    /// <summary>Sends what an earlier failure, or an earlier process, left on disk. False when the server cannot be reached.</summary>
    private async Task<bool> SendStoredAsync(CancellationToken stop)
    {
        while (_folder?.Next() is { } stored)
        {
            if (await PostAsync(stored.Batch, stop).ConfigureAwait(false) is false)
                return false;
            _folder.Remove(stored.File);
        }

        return true;
    }

    /// <summary>The next batch; null when nothing waits.</summary>
    private byte[]? Take()
    {
        lock (_lock)
        {
            if (_events.Count == 0)
                return null;
            using var batch = new MemoryStream();
            batch.Write("{\"events\":["u8);
            for (var count = 0; count < MostEvents && _events.TryPeek(out var next) && (count == 0 || batch.Length + next.Length < MostBytes); count++)
            {
                if (count > 0)
                    batch.WriteByte((byte)',');
                batch.Write(_events.Dequeue());
            }

            batch.Write("]}"u8);
            return batch.ToArray();
        }
    }

    /// <summary>One request. True: the server has it, or will never want it. False: worth another try.</summary>
    private async Task<bool> PostAsync(byte[] batch, CancellationToken stop)
    {
        using var watchdog = new Watchdog(_options.TimeProvider, _options.RequestTimeout, stop);
        try
        {
            using var request = batch.Length < LeastPacked ? _http.Post("events", batch) : _http.Post("events", Pack(batch), "gzip");
            using var response = await _http.SendAsync(request, watchdog.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                await ReadVerdictsAsync(response, watchdog.Token).ConfigureAwait(false);
                return true;
            }

            var again = (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.Unauthorized or HttpStatusCode.NotFound;
            if (!again)
                LogRefused(_options.Logger, $"the server answered {(int)response.StatusCode}");
            return !again;
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            LogDelayed(_options.Logger, watchdog.Barked ? "it did not answer in time" : exception.Message);
            return false;
        }
    }

    private async Task ReadVerdictsAsync(HttpResponseMessage response, CancellationToken stop)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
            using var answer = await JsonDocument.ParseAsync(body, cancellationToken: stop).ConfigureAwait(false);
            if (answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("rejected", out var rejected) && rejected.ValueKind == JsonValueKind.Array && rejected.GetArrayLength() is var count and > 0)
                LogRejected(_options.Logger, count, rejected[0].TryGetProperty("message", out var message) ? message.ToString() : "");
        }
        catch (Exception exception) when (exception is JsonException or IOException or HttpRequestException)
        {
            // It has them; what it says of them is for people only.
        }
    }

    private static byte[] Pack(byte[] batch)
    {
        using var packed = new MemoryStream(batch.Length / 4);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(batch);
        return packed.ToArray();
    }

    [LoggerMessage(222, LogLevel.Warning, "{Dropped} events of experiments dropped so far: more are waiting than {Option} allows")]
    private static partial void LogDropped(ILogger logger, long dropped, string option);

    [LoggerMessage(223, LogLevel.Information, "Events of experiments could not be sent and wait for the next time: {Error}")]
    private static partial void LogDelayed(ILogger logger, string error);

    [LoggerMessage(224, LogLevel.Warning, "A batch of events was refused and is dropped: {Error}")]
    private static partial void LogRefused(ILogger logger, string error);

    [LoggerMessage(225, LogLevel.Warning, "{Count} events of a batch were rejected, the first because: {Reason}")]
    private static partial void LogRejected(ILogger logger, int count, string reason);

    [LoggerMessage(226, LogLevel.Warning, "{Batches} batches of events could not be sent before the client was disposed and are lost; EventDirectory would keep them")]
    private static partial void LogLost(ILogger logger, int batches);
}
