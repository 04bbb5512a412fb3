using System.Text.Json;
using Microsoft.Extensions.Logging;
using Togglr.Evaluation;
using Togglr.Sdk.Sync;

namespace Togglr.Sdk.Reporting;

/// <summary>
/// Sends the counts of evaluations to <c>POST /sdk/v1/counts</c>. A report that failed is sent again exactly as it was, and nothing new is taken before it got through, so memory stays
/// bounded by the number of rows.
/// </summary>
internal sealed partial class CountsReporter : IDisposable
{
    /// <summary>Most rows that the server takes in one report.</summary>
    private const int MostRows = 10_000;

    /// <summary>Most sketches of users that the server takes in one report.</summary>
    private const int MostSketches = 500;

    /// <summary>How much longer than usual the pause gets while reports fail.</summary>
    private const int LongestPause = 8;

    private static readonly TimeSpan Haste = TimeSpan.FromSeconds(1);

    private readonly ExposureCounter _counts = new();
    private readonly UnknownFlagCounter _unknown = new();
    private readonly Queue<byte[]> _reports = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _instance = Guid.CreateVersion7().ToString("N");
    private readonly TogglrHttp _http;
    private readonly TogglrClientOptions _options;
    private readonly Task _loop;
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _from;

    public CountsReporter(TogglrHttp http, TogglrClientOptions options)
    {
        _http = http;
        _options = options;
        _from = options.TimeProvider.GetUtcNow();
        _loop = Task.Run(RunAsync);
    }

    public void Count(in EvaluationResult result, ulong user) => _counts.Record(result, user);

    /// <summary>A flag was asked for that is not there.</summary>
    public void CountUnknown(string flag) => _unknown.Add(flag);

    /// <summary>Lets the next report be made within a second.</summary>
    public void Hurry() => Volatile.Read(ref _hurry).TrySetResult();

    /// <summary>Sends what there is. False when the server did not take it.</summary>
    public async Task<bool> SendAsync(CancellationToken stop)
    {
        await _sending.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            // First what is left of an earlier report, then what was counted meanwhile.
            if (!await SendReportsAsync(stop).ConfigureAwait(false))
                return false;
            MakeReports();
            return await SendReportsAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Ends the regular reports and sends a last one.</summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            if (!await SendAsync(deadline).ConfigureAwait(false))
                LogLost(_options.Logger);
        }
        catch (OperationCanceledException)
        {
            LogLost(_options.Logger);
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _sending.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            var pause = 1;
            while (true)
            {
                await WaitAsync(_options.CountsInterval * pause, mayHurry: pause == 1).ConfigureAwait(false);
                pause = await SendAsync(_stop.Token).ConfigureAwait(false) ? 1 : Math.Min(pause * 2, LongestPause);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped; the last report is made by the one who stops.
        }
    }

    private async Task WaitAsync(TimeSpan pause, bool mayHurry)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var hurry = Volatile.Read(ref _hurry);
        var longest = Task.Delay(pause, _options.TimeProvider, over.Token);
        if (!mayHurry || await Task.WhenAny(longest, hurry.Task).ConfigureAwait(false) == longest)
        {
            await longest.ConfigureAwait(false);
            return;
        }

        // What comes at the same time goes along, and a stream of errors makes no stream of reports.
        Volatile.Write(ref _hurry, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await Task.WhenAny(longest, Task.Delay(Haste, _options.TimeProvider, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
    }

    private async Task<bool> SendReportsAsync(CancellationToken stop)
    {
        while (_reports.TryPeek(out var report))
        {
            var (done, error, _) = await EventQueue.PostOnceAsync(_http, _options, "counts", report, stop).ConfigureAwait(false);
            if (!done)
            {
                LogDelayed(_options.Logger, error!);
                return false;
            }

            if (error is not null)
                LogRefused(_options.Logger, error);
            _reports.Dequeue();
        }

        return true;
    }

    private void MakeReports()
    {
        var to = _options.TimeProvider.GetUtcNow();
        var users = new Dictionary<string, UserSketch>(StringComparer.Ordinal);
        var counts = _counts.Drain(users);
        var unknown = _unknown.Drain();
        var (rows, sketches) = (counts.Chunk(MostRows).ToList(), users.Chunk(MostSketches).ToList());
        for (var i = 0; i < Math.Max(Math.Max(rows.Count, sketches.Count), Math.Min(1, unknown.Count)); i++)
            _reports.Enqueue(Report(to, rows.ElementAtOrDefault(i) ?? [], sketches.ElementAtOrDefault(i) ?? [], i == 0 ? unknown : []));
        _from = to;
    }

    private static void WriteCounts(Utf8JsonWriter json, ExposureCount[] rows)
    {
        json.WriteStartArray("counts"u8);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("flag"u8, row.Flag);
            json.WriteString("variant"u8, row.Variant);
            json.WriteString("reason"u8, row.Reason.WireName());
            json.WriteNumber("count"u8, row.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUsers(Utf8JsonWriter json, KeyValuePair<string, UserSketch>[] flags)
    {
        if (flags.Length == 0)
            return;
        json.WriteStartArray("users"u8);
        foreach (var (flag, users) in flags)
        {
            json.WriteStartObject();
            json.WriteString("flag"u8, flag);
            json.WriteBase64String("sketch"u8, users.ToBytes());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUnknown(Utf8JsonWriter json, IReadOnlyCollection<KeyValuePair<string, long>> flags)
    {
        if (flags.Count == 0)
            return;
        json.WriteStartArray("unknown"u8);
        foreach (var (flag, count) in flags)
        {
            json.WriteStartObject();
            json.WriteString("flag"u8, flag);
            json.WriteNumber("count"u8, count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private byte[] Report(DateTimeOffset to, ExposureCount[] rows, KeyValuePair<string, UserSketch>[] users, IReadOnlyCollection<KeyValuePair<string, long>> unknown)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("instance"u8, _instance);
            json.WriteString("sdk"u8, TogglrHttp.SdkName);
            json.WriteString("from"u8, Timestamp.Write(_from));
            json.WriteString("to"u8, Timestamp.Write(to));
            WriteCounts(json, rows);
            WriteUsers(json, users);
            WriteUnknown(json, unknown);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    [LoggerMessage(211, LogLevel.Information, "Evaluation counts could not be sent and wait for the next time: {Error}")]
    private static partial void LogDelayed(ILogger logger, string error);

    [LoggerMessage(212, LogLevel.Warning, "Evaluation counts were refused and are dropped: {Error}")]
    private static partial void LogRefused(ILogger logger, string error);

    [LoggerMessage(213, LogLevel.Warning, "The last evaluation counts could not be sent before the client was disposed")]
    private static partial void LogLost(ILogger logger);
}
