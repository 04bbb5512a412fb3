using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.NETCore.Client;

namespace Togglr.LoadBench.Processes;

/// <summary>A server under measurement: its own process, stopped by its id, with what the kernel knows about its use of the machine.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();

    private ServerProcess(Process process, int port, long startedAt)
    {
        (_process, Port, StartedAt) = (process, port, startedAt);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The loopback port that it was told to listen on.</summary>
    public int Port { get; }

    /// <summary>Time stamp of just before the process was created.</summary>
    public long StartedAt { get; }

    /// <summary>User and system time of all threads so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            // The program's name is in parentheses and may hold blanks; utime and stime are the 12th and 13th field after it, in ticks of 10 ms.
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromMilliseconds(10 * (Number(fields[11]) + Number(fields[12])));
        }
    }

    /// <summary>Physical memory of the process in MB (10^6 bytes): code and libraries included.</summary>
    public double ResidentMegabytes => StatusKilobytes("VmRSS:") * 1024 / 1e6;

    /// <summary>Largest value that <see cref="ResidentMegabytes"/> ever had.</summary>
    public double PeakResidentMegabytes => StatusKilobytes("VmHWM:") * 1024 / 1e6;

    public int ChildrenResidentMegabytes => (int)(Descendants(_process.Id).Sum(PrivateKilobytes) * 1024 / 1e6);

    public bool HasExited => _process.HasExited;

    public string LastLines
    {
        get
        {
            lock (_lastLines)
                return string.Join('\n', _lastLines);
        }
    }

    public static ServerProcess Start(string program, Func<int, IEnumerable<string>> arguments)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(program)! };
        foreach (var argument in arguments(port))
            start.ArgumentList.Add(argument);
        // The caller's own settings must not change what is measured.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TOGGLR_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        var startedAt = Stopwatch.GetTimestamp();
        return new ServerProcess(Process.Start(start)!, port, startedAt);
    }

    /// <summary>Tries every millisecond until <paramref name="attempt"/> succeeds.</summary>
    /// <returns>The time since the process was started.</returns>
    public TimeSpan WaitUntil(Func<bool> attempt, TimeSpan timeout)
    {
        while (true)
        {
            try
            {
                if (attempt())
                    return Stopwatch.GetElapsedTime(StartedAt);
            }
            catch (Exception error) when (error is SocketException or HttpRequestException or InvalidDataException or EndOfStreamException or TaskCanceledException)
            {
                // Not there yet.
            }

            if (_process.HasExited)
                throw new InvalidOperationException($"The server ended with code {_process.ExitCode}:\n{LastLines}");
            if (Stopwatch.GetElapsedTime(StartedAt) > timeout)
                throw new TimeoutException($"The server did not answer within {timeout.TotalSeconds} s:\n{LastLines}");
            Thread.Sleep(1);
        }
    }

    /// <summary>Has the runtime collect all garbage, as a heap snapshot does, so that memory shows what is in use.</summary>
    public void CollectGarbage()
    {
        var client = new DiagnosticsClient(_process.Id);
        const long HeapCollect = 0x800000;
        for (var i = 0; i < 2; i++)
        {
            using var session = client.StartEventPipeSession(new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, HeapCollect), requestRundown: false);
            var drain = session.EventStream.CopyToAsync(Stream.Null);
            Thread.Sleep(700);
            session.Stop();
            drain.Wait(TimeSpan.FromSeconds(10));
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            const int Terminate = 15;
            _ = Kill(_process.Id, Terminate);
            if (!_process.WaitForExit(TimeSpan.FromSeconds(20)))
                _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static IEnumerable<int> Descendants(int parent)
    {
        foreach (var task in Directory.EnumerateDirectories($"/proc/{parent}/task"))
        {
            foreach (var child in File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return (int)Number(child);
                foreach (var descendant in Descendants((int)Number(child)))
                    yield return descendant;
            }
        }
    }

    // PostgreSQL's processes share most of their memory; its own share of each page is what a process really adds.
    private static long PrivateKilobytes(int process) =>
        File.ReadLines($"/proc/{process}/smaps_rollup").Where(line => line.StartsWith("Pss:", StringComparison.Ordinal)).Sum(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private long StatusKilobytes(string field) =>
        Number(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_lastLines)
        {
            if (line.Data is not null)
                _lastLines.Enqueue(line.Data);
            if (_lastLines.Count > 40)
                _lastLines.Dequeue();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
