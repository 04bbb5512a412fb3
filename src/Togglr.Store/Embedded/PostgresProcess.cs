using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Togglr.Store;

/// <summary>
/// A running PostgreSQL server that is restarted when it ends by itself. It is started and awaited on one thread that lives as long as it does, because the
/// operating system ends a child with the thread that started it, where it is asked to (<c>setpriv --pdeathsig</c>): so the server goes when we are killed.
/// </summary>
internal sealed partial class PostgresProcess : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FastShutdown = TimeSpan.FromSeconds(30);

    private readonly Func<ProcessStartInfo> _start;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _stop = new();
    private readonly Queue<string> _lastLines = new();
    private readonly Lock _gate = new();
    private Process? _process;
    private bool _keepAlive;

    internal PostgresProcess(Func<ProcessStartInfo> start, ILogger log)
    {
        (_start, _log) = (start, log);
        new Thread(Run) { IsBackground = true, Name = "postgres" }.Start();
    }

    /// <summary>Completes when the server is down for good: stopped, or ended before <see cref="KeepAlive"/>.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>The process number; 0 between two lives.</summary>
    internal int ProcessId
    {
        get
        {
            lock (_gate)
                return _process is { HasExited: false } process ? process.Id : 0;
        }
    }

    /// <summary>The last lines that the server wrote, for error messages.</summary>
    internal string LastLines
    {
        get
        {
            lock (_lastLines)
                return string.Join('\n', _lastLines);
        }
    }

    /// <summary>From now on an end is an accident and the server is started again.</summary>
    internal void KeepAlive() => Volatile.Write(ref _keepAlive, true);

    /// <summary>Shuts down in order: sessions are cut, everything is written. After 30 seconds less politely.</summary>
    internal async Task StopAsync()
    {
        _stop.Set();
        foreach (var (signal, patience) in ((int, TimeSpan)[])[(Posix.Interrupt, FastShutdown), (Posix.Quit, TimeSpan.FromSeconds(5)), (Posix.Kill, TimeSpan.FromSeconds(5))])
        {
            if (ProcessId is var id && id != 0)
                Posix.Signal(id, signal);
            if (await Task.WhenAny(Ended, Task.Delay(patience)).ConfigureAwait(false) == Ended)
                return;
        }
    }

    public void Dispose() => _stop.Dispose();

    private void Run()
    {
        var delay = FirstDelay;
        while (!_stop.IsSet)
        {
            var began = Stopwatch.GetTimestamp();
            if (!RunOnce() || _stop.IsSet || !Volatile.Read(ref _keepAlive))
                break;
            if (Stopwatch.GetElapsedTime(began) > LongestDelay)
                delay = FirstDelay;
            LogRestart((int)delay.TotalMilliseconds, LastLines);
            _stop.Wait(delay);
            delay = delay * 2 > LongestDelay ? LongestDelay : delay * 2;
        }

        _ended.TrySetResult();
    }

    private bool RunOnce()
    {
        try
        {
            using var process = new Process { StartInfo = _start() };
            process.OutputDataReceived += (_, line) => Heard(line.Data);
            process.ErrorDataReceived += (_, line) => Heard(line.Data);
            process.Start();
            process.StandardInput.Close();
            lock (_gate)
                _process = process;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            lock (_gate)
                _process = null;
            return true;
        }
        catch (System.ComponentModel.Win32Exception failed)
        {
            Heard(failed.Message);
            return Volatile.Read(ref _keepAlive);
        }
    }

    private void Heard(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 10)
                _lastLines.Dequeue();
        }

        if (line.Contains("FATAL:", StringComparison.Ordinal) || line.Contains("PANIC:", StringComparison.Ordinal))
            LogTrouble(line);
        else
            LogLine(line);
    }

    [LoggerMessage(3010, LogLevel.Debug, "PostgreSQL: {Line}")]
    private partial void LogLine(string line);

    [LoggerMessage(3011, LogLevel.Warning, "PostgreSQL: {Line}")]
    private partial void LogTrouble(string line);

    [LoggerMessage(3012, LogLevel.Error, "PostgreSQL ended by itself and is started again in {Delay} ms. Its last words: {LastLines}")]
    private partial void LogRestart(int delay, string lastLines);
}
