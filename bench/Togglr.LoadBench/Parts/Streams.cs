using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;
using Togglr.Sdk;

namespace Togglr.LoadBench.Parts;

/// <summary>Connected SDKs: what an idle one costs, and how soon a change is with all of them.</summary>
internal static class Streams
{
    private const int IdleStreams = 2000;
    private const int RawStreams = 999;
    private const int Changes = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Memory of the server with and without idle streams, garbage collected both times.</summary>
    public static async Task<IReadOnlyList<Goal>> MemoryAsync(ServerProcess server, BenchProject project)
    {
        // Whatever is made once for the first stream is no stream's cost.
        foreach (var stream in await OpenAsync(server, project, 50, static (_, _, _) => { }))
            stream.Dispose();
        await Task.Delay(1000);
        var (residentBefore, managedBefore) = await MemoryOfAsync(server);
        var streams = await OpenAsync(server, project, IdleStreams, static (_, _, _) => { });
        await Task.Delay(3000);
        var (resident, managed) = await MemoryOfAsync(server);
        foreach (var stream in streams)
            stream.Dispose();
        return
        [
            new Goal("memory per idle stream", 20, (resident - residentBefore) * 1000 / IdleStreams, "KB",
                $"resident {residentBefore:0} → {resident:0} MB with {IdleStreams} streams of {project.FlagCount} flags"),
            new Goal("of it managed objects", null, (managed - managedBefore) / 1000 / IdleStreams, "KB"),
        ];
    }

    /// <summary>From the answer of the management API to the event in a .NET SDK, with 999 other streams to serve.</summary>
    public static async Task<IReadOnlyList<Goal>> PropagationAsync(ServerProcess server, Management management, BenchProject project)
    {
        var arrivals = new ConcurrentQueue<(long Revision, long At)>();
        var sdkArrivals = new ConcurrentQueue<long>();
        var streams = await OpenAsync(server, project, RawStreams, (_, revision, at) => arrivals.Enqueue((revision, at)));
        await using var client = new TogglrClient(new TogglrClientOptions
        {
            SdkKey = project.ServerKey,
            Endpoint = new Uri($"http://127.0.0.1:{server.Port}"),
        });
        if (!await client.WaitUntilReadyAsync(TimeSpan.FromSeconds(10)))
            throw new InvalidOperationException("The SDK did not become ready.");
        client.FlagsChanged += (_, _) => sdkArrivals.Enqueue(Stopwatch.GetTimestamp());
        await Task.Delay(1000);
        var initial = arrivals.Max(arrival => arrival.Revision);

        var (toSdk, toLast, toAny) = (new Samples(), new Samples(), new Samples());
        var path = $"{management.Project(project.Key)}/flags/flag-000/environments/{BenchProject.Environment}/toggle";
        for (var change = 1; change <= Changes; change++)
        {
            arrivals.Clear();
            sdkArrivals.Clear();
            await management.PostAsync(path, new JsonObject { ["enabled"] = change % 2 == 0 });
            var answered = Stopwatch.GetTimestamp();
            await Task.Delay(Pause);
            for (var waited = 0; (sdkArrivals.IsEmpty || arrivals.Count < RawStreams) && waited < 100; waited++)
                await Task.Delay(50);
            var received = arrivals.Where(arrival => arrival.Revision == initial + change).Select(arrival => Milliseconds(answered, arrival.At)).ToArray();
            if (received.Length != RawStreams || !sdkArrivals.TryPeek(out var sdkArrival))
                throw new InvalidOperationException($"Change {change} reached {received.Length} of {RawStreams} streams.");
            toSdk.Add(Milliseconds(answered, sdkArrival));
            toLast.Add(received.Max());
            foreach (var latency in received)
                toAny.Add(latency);
        }

        foreach (var stream in streams)
            stream.Dispose();
        return
        [
            new Goal("propagation p99: API's answer to the change event in the .NET SDK", 100, toSdk.Percentile(99), "ms",
                $"p50 {toSdk.Median:0.0} ms; {RawStreams + 1} connected, {Changes} changes"),
            new Goal("propagation p99: to each of the raw streams", 100, toAny.Percentile(99), "ms", $"p50 {toAny.Median:0.0} ms; the last one of a change: median {toLast.Median:0.0} ms"),
        ];
    }

    // The event may overtake the answer; then it took no time at all.
    private static double Milliseconds(long from, long to) => Math.Max(0, (to - from) * 1000.0 / Stopwatch.Frequency);

    private static async Task<List<EventStream>> OpenAsync(ServerProcess server, BenchProject project, int count, Action<EventStream, long, long> onRevision)
    {
        var streams = new List<EventStream>(count);
        for (var i = 0; i < count; i++)
        {
            var stream = new EventStream(onRevision);
            streams.Add(stream);
            await stream.OpenAsync(server.Port, project.ServerKey, CancellationToken.None);
        }

        return streams;
    }

    private static async Task<(double ResidentMegabytes, double ManagedBytes)> MemoryOfAsync(ServerProcess server)
    {
        server.CollectGarbage();
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/metrics"));
        var line = metrics.Split('\n').First(line => line.StartsWith("togglr_process_managed_memory", StringComparison.Ordinal));
        return (server.ResidentMegabytes, double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
