using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Togglr.Evaluation;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;
using Togglr.Messaging.Health;

namespace Togglr.LoadBench.Parts;

/// <summary>How many errors a node counts, and how long it takes until a flag that begins to fail is off.</summary>
internal static class Detection
{
    private const int Bursts = 5;
    private const int PerSecond = 1_000;
    private const int Counted = 20_000_000;
    private const int BatchSize = 1_000;
    private const int Connections = 4;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(8);

    /// <summary>Two threads report errors of a hundred flags as fast as they can while what was counted is delivered, as in a server.</summary>
    public static IReadOnlyList<Goal> Count()
    {
        var flags = string.Join(',', Enumerable.Range(0, 100).Select(i => $$$"""
            "f{{{i}}}":{"key":"f{{{i}}}","type":"boolean","enabled":true,"variants":[{"key":"on","value":true},{"key":"off","value":false}],"default":{"variant":"on"},"offVariant":"off"}
            """));
        var snapshot = Snapshot.Load(Encoding.UTF8.GetBytes($$$"""{"salt":"s","revision":1,"flags":{ {{{flags}}} },"segments":{}}"""));
        var counters = new HealthCounters(TimeProvider.System);
        var environment = Guid.CreateVersion7();
        foreach (var flag in snapshot.Flags)
            counters.AddError(environment, flag, "on", isPublic: false);
        var sum = counters.Drain(everything: true).Sum(row => row.Errors) - snapshot.Flags.Count;
        var allocated = 0L;
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Counted / 2; i++)
                counters.AddError(environment, snapshot.Flags[i % snapshot.Flags.Count], "on", isPublic: false);
            Interlocked.Add(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        while (threads.Exists(thread => thread.IsAlive))
        {
            Thread.Sleep(50);
            sum += counters.Drain(everything: false).Sum(row => row.Errors);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        sum += counters.Drain(everything: true).Sum(row => row.Errors);
        if (sum != Counted)
            throw new InvalidOperationException($"{Counted - sum} of {Counted} errors were lost.");
        return
        [
            new Goal("100,000 errors counted on a node", 1000, seconds * 1000 * 100_000 / Counted, "ms", $"two threads, {Counted / seconds / 1e6:0.0} million a second, none lost, {allocated} bytes allocated"),
        ];
    }

    /// <summary>Reports over HTTP as fast as they are taken, in batches, each with an id of its own: all that were taken are counted for the flag.</summary>
    public static async Task<IReadOnlyList<Goal>> ReportAsync(Management management, int port, BenchProject project, string data)
    {
        const string flag = "flag-001";
        await management.PutAsync($"{management.Project(project.Key)}/flags/{flag}/environments/{BenchProject.Environment}/health/settings", new JsonObject
        {
            ["windowSeconds"] = 60, ["minEvaluations"] = 100, ["maxErrorRate"] = 0.05, ["action"] = "none",
        });
        await using var database = NpgsqlDataSource.Create(await Programs.DatabaseOfAsync(data));
        var before = await ErrorsAsync(database, flag);
        Send(port, project.ServerKey, flag, "w", TimeSpan.FromSeconds(2), out var warm);
        var seconds = Send(port, project.ServerKey, flag, "m", TimeSpan.FromSeconds(8), out var reports);
        var clock = Stopwatch.StartNew();
        long counted;
        while ((counted = await ErrorsAsync(database, flag) - before) < warm + reports && clock.Elapsed < TimeSpan.FromSeconds(20))
            await Task.Delay(50);
        if (counted != warm + reports)
            throw new InvalidOperationException($"{warm + reports} reports were taken and {counted} were counted.");
        return
        [
            new Goal("100,000 error reports taken over HTTP", 1000, seconds * 1000 * 100_000 / reports, "ms",
                $"{reports / seconds:0} a second, batches of {BatchSize}, {Connections} connections, generator on the same cores; every one counted {clock.Elapsed.TotalMilliseconds:0} ms after the last"),
        ];
    }

    private static double Send(int port, string key, string flag, string run, TimeSpan duration, out long reports)
    {
        var start = Stopwatch.GetTimestamp();
        var sent = 0L;
        var threads = Enumerable.Range(0, Connections).Select(number => new Thread(() =>
        {
            using var connection = new HttpConnection(new Target("", new IPEndPoint(IPAddress.Loopback, port), []));
            var body = new StringBuilder();
            for (var batch = 0; Stopwatch.GetElapsedTime(start) < duration; batch++)
            {
                var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                body.Clear().Append("""{"events":[""");
                for (var i = 0; i < BatchSize; i++)
                {
                    body.Append(CultureInfo.InvariantCulture,
                        $$"""{{(i == 0 ? "" : ",")}}{"type":"error","id":"{{run}}{{number}}-{{batch}}-{{i}}","at":"{{now}}","flag":"{{flag}}","variant":"on","errorType":"timeout","message":"late"}""");
                }

                connection.Send(Target.Post("", port, "/sdk/v1/events", key, body.Append("]}").ToString()).Request);
                connection.Receive(202);
                Interlocked.Add(ref sent, BatchSize);
            }
        })).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        reports = sent;
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> ErrorsAsync(NpgsqlDataSource database, string flag)
    {
        await using var command = database.CreateCommand("SELECT coalesce(sum(t.errors), 0)::bigint FROM health_totals t JOIN flags f ON f.id = t.flag_id JOIN projects p ON p.id = f.project_id WHERE f.key = $1 AND p.key = 'few'");
        command.Parameters.Add(new NpgsqlParameter { Value = flag });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Traffic without errors, and then every tenth fails: from the first error until the flag is off.</summary>
    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management, int port, BenchProject project)
    {
        const string flag = "flag-000";
        var path = $"{management.Project(project.Key)}/flags/{flag}";
        await management.PutAsync($"{path}/environments/{BenchProject.Environment}/health/settings", new JsonObject
        {
            ["windowSeconds"] = 60, ["minEvaluations"] = 100, ["maxErrorRate"] = 0.05, ["action"] = "disable",
        });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/sdk/v1/features/{flag}/") };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", project.ServerKey);
        var times = new Samples();
        for (var burst = 0; burst < Bursts; burst++)
        {
            var (began, ended) = await BurstAsync(http);
            times.Add(Stopwatch.GetElapsedTime(began, ended).TotalMilliseconds);
            await management.PostAsync($"{path}/revive", new JsonObject { ["reason"] = "bench" });
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        return
        [
            new Goal("a burst of 10 % errors is found and the flag is off", 2000, times.Maximum, "ms",
                $"longest of {Bursts}, p50 {times.Median:0} ms: from the first report to the first evaluation that is off; a window of a minute, 5 % tolerated, up to {PerSecond} evaluations a second over HTTP"),
        ];
    }

    private static async Task<(long Began, long Ended)> BurstAsync(HttpClient http)
    {
        long began = 0;
        var start = Stopwatch.GetTimestamp();
        var sent = 0;
        while (Stopwatch.GetElapsedTime(start) < Quiet + TimeSpan.FromSeconds(30))
        {
            // Not faster than it is meant to be; slower where the machine is.
            var due = Stopwatch.GetElapsedTime(start).TotalSeconds * PerSecond;
            if (sent > due)
            {
                await Task.Delay(5);
                continue;
            }

            var isFailing = Stopwatch.GetElapsedTime(start) > Quiet;
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => EvaluateAsync(http)));
            sent += 10;
            if (Array.Exists(answers, isOn => !isOn))
                return began == 0 ? throw new InvalidOperationException("It was off before anything failed.") : (began, Stopwatch.GetTimestamp());
            if (!isFailing)
                continue;
            if (began == 0)
                began = Stopwatch.GetTimestamp();
            using var report = await http.PostAsJsonAsync("report-error", new { error_type = "timeout", error_message = "late", variant_key = "on" });
            report.EnsureSuccessStatusCode();
        }

        throw new InvalidOperationException("The burst was not found within half a minute.");
    }

    private static async Task<bool> EvaluateAsync(HttpClient http)
    {
        using var content = new StringContent("""{"user.id":"u"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await http.PostAsync("evaluate", content);
        answer.EnsureSuccessStatusCode();
        return (bool)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["enabled"]!;
    }
}
