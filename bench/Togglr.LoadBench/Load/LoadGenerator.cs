using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Togglr.LoadBench.Load;

/// <summary>Sends a <see cref="Target"/>'s request in one of three ways.</summary>
internal static partial class LoadGenerator
{
    /// <summary>One answer, to look at or to measure.</summary>
    public static byte[] Once(Target target)
    {
        using var connection = new HttpConnection(target);
        connection.Send(target.Request);
        return connection.Receive().ToArray();
    }

    /// <summary>
    /// Closed loop that keeps the server busy: each of <paramref name="threads"/> threads sends on all of its connections, then reads all answers.
    /// </summary>
    /// <returns>The number of answered requests.</returns>
    public static int Saturate(Target target, int threads, int connectionsPerThread, TimeSpan duration)
    {
        var total = 0;
        var clock = Stopwatch.StartNew();
        RunThreads(threads, _ =>
        {
            var connections = new HttpConnection[connectionsPerThread];
            for (var i = 0; i < connections.Length; i++)
                connections[i] = new HttpConnection(target);
            var count = 0;
            while (clock.Elapsed < duration)
            {
                foreach (var connection in connections)
                    connection.Send(target.Request);
                foreach (var connection in connections)
                    connection.Receive();
                count += connections.Length;
            }

            foreach (var connection in connections)
                connection.Dispose();
            Interlocked.Add(ref total, count);
        });
        return total;
    }

    /// <summary>Closed loop over one connection.</summary>
    /// <returns>The latency of every request in microseconds.</returns>
    public static Samples OneByOne(Target target, TimeSpan duration)
    {
        var samples = new Samples();
        using var connection = new HttpConnection(target);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            var start = Stopwatch.GetTimestamp();
            connection.Send(target.Request);
            connection.Receive();
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return samples;
    }

    /// <summary>
    /// Open loop: request <c>i</c> is due at <c>i / perSecond</c>, whatever became of those before it. Latency counts from when it was due, so a server
    /// that stalls is charged for everybody who had to wait.
    /// </summary>
    /// <returns>The latency of every request in microseconds.</returns>
    public static Samples AtRate(Target target, int perSecond, int connections, TimeSpan duration)
    {
        var count = (int)(perSecond * duration.TotalSeconds);
        var latencies = new double[count];
        var next = -1;
        var start = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 20;
        RunThreads(connections, _ =>
        {
            using var connection = new HttpConnection(target);
            _ = SetTimerSlack(29, 1, 0, 0, 0);
            int i;
            while ((i = Interlocked.Increment(ref next)) < count)
            {
                var due = start + (long)((double)i / perSecond * Stopwatch.Frequency);
                SleepUntil(due);
                connection.Send(target.Request);
                connection.Receive();
                latencies[i] = Stopwatch.GetElapsedTime(due).TotalMicroseconds;
            }
        });
        return new Samples(latencies);
    }

    private static void RunThreads(int count, Action<int> body)
    {
        Exception? failure = null;
        var threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            var index = i;
            threads[i] = new Thread(() =>
            {
                try
                {
                    body(index);
                }
                catch (Exception error)
                {
                    Interlocked.CompareExchange(ref failure, error, null);
                }
            }, maxStackSize: 256 * 1024);
        }

        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("The load failed: " + failure.Message, failure);
    }

    // Thread.Sleep is good to a millisecond only, and spinning would take a core from the server.
    private static void SleepUntil(long due)
    {
        var left = (due - Stopwatch.GetTimestamp()) * 1_000_000_000 / Stopwatch.Frequency;
        if (left <= 0)
            return;
        var pause = new TimeSpec { Seconds = (nint)(left / 1_000_000_000), Nanoseconds = (nint)(left % 1_000_000_000) };
        _ = NanoSleep(in pause, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec pause, nint remaining);

    // prctl(PR_SET_TIMERSLACK, 1): by default Linux may wake a thread 50 µs late.
    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int SetTimerSlack(int option, nuint nanoseconds, nuint unused3, nuint unused4, nuint unused5);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
