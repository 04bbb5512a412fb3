using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Npgsql;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>
/// Exposures and metric events in batches over kept-alive connections, as fast as they are taken, on the embedded database and on the cores that the load generator uses, too. Every event has an id and a
/// unit of its own. Taken is what was answered with 202; visible is what a query finds.
/// </summary>
internal static class EventIngestion
{
    private const int BatchSize = 500;
    private const int Connections = 4;

    /// <summary>What is offered when it has to go on for ever; more than the goal, because the goal is a floor.</summary>
    private const int Rate = 55_000;

    private const string Project = "measured";

    private const string Fill =
        """
        WITH d AS (INSERT INTO snapshot_documents (id, body) VALUES (gen_random_uuid(), '{}') RETURNING id)
        INSERT INTO snapshot_entries (environment_id, kind, key, revision, superseded_at_revision, document_id)
        SELECT e.id, 'experiment', 'checkout-test', 1, 2, d.id FROM d, environments e JOIN projects p ON p.id = e.project_id WHERE p.key = 'measured' AND e.key = 'prod'
        """;

    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management, ServerProcess server, string data)
    {
        await management.CreateProjectAsync(Project);
        var key = await management.CreateServerKeyAsync(Project, BenchProject.Environment);
        await using var database = NpgsqlDataSource.Create(await Programs.DatabaseOfAsync(data));
        await using (var fill = database.CreateCommand(Fill))
            await fill.ExecuteNonQueryAsync();
        WaitForKey(server, key);
        var goals = new List<Goal>();
        Load(server.Port, key, packed: false, null, TimeSpan.FromSeconds(3), "w");
        await CatchUpAsync(database);
        var (most, length, _) = Load(server.Port, key, packed: false, null, TimeSpan.FromSeconds(5), "m");
        var waiting = Stopwatch.GetTimestamp();
        await CatchUpAsync(database);
        goals.Add(new Goal("events: time for each, durable, as fast as they are taken", null, length / most * 1e6, "µs", string.Create(CultureInfo.InvariantCulture,
            $"{most / length:0} a second for {length:0} s; sorted in {Stopwatch.GetElapsedTime(waiting).TotalSeconds:0.0} s later, so {most / (length + Stopwatch.GetElapsedTime(waiting).TotalSeconds):0} a second from end to end")));
        foreach (var packed in new[] { false, true })
        {
            var before = await CountAsync(database);
            var half = 0.0;
            using var stop = new CancellationTokenSource();
            var watching = WatchAsync(database, stop.Token);
            var memory = Task.Run(async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(10));
                half = server.ResidentMegabytes;
            });
            var (events, seconds, samples) = Load(server.Port, key, packed, Rate, TimeSpan.FromSeconds(20), packed ? "g" : "p");
            var end = server.ResidentMegabytes;
            await memory;
            await stop.CancelAsync();
            var lag = await watching;
            var start = Stopwatch.GetTimestamp();
            await CatchUpAsync(database);
            var caughtUp = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            var stored = await CountAsync(database) - before;
            if (stored != events)
                throw new InvalidOperationException($"{events} events were taken and {stored} are there.");
            var name = packed ? "events, gzip" : "events";
            goals.Add(new Goal($"{name}: time for each, durable", 20, seconds / events * 1e6, "µs", string.Create(CultureInfo.InvariantCulture, $"{events / seconds:0} a second for {seconds:0} s, batches of {BatchSize}, {Connections} connections")));
            goals.Add(new Goal($"{name}: until a batch is acknowledged, p99", 50, samples.Percentile(99), "ms", string.Create(CultureInfo.InvariantCulture, $"p50 {samples.Median:0.0} ms, at most {samples.Maximum:0} ms, at that rate")));
            goals.Add(new Goal($"{name}: until a query finds them, at most", 5000, Math.Max(lag, caughtUp), "ms", string.Create(CultureInfo.InvariantCulture, $"the oldest that waited under load; all of them {caughtUp:0} ms after the last")));
            goals.Add(new Goal($"{name}: server process grew in the second half by", 30, Math.Max(0, end - half), "MB", string.Create(CultureInfo.InvariantCulture, $"{end:0} MB at the end")));
        }
        return goals;
    }

    private static void WaitForKey(ServerProcess server, string key)
    {
        var target = new IPEndPoint(IPAddress.Loopback, server.Port);
        server.WaitUntil(
            () =>
            {
                using var connection = new HttpConnection(new Target("", target, []));
                connection.Send(new EventRequest(server.Port, key, packed: false, "warm").Next(0));
                connection.Receive(202);
                return true;
            },
            TimeSpan.FromSeconds(600));
    }

    /// <summary>Sends for a while, so many events a second or as many as are taken.</summary>
    private static (long Events, double Seconds, Samples Samples) Load(int port, string key, bool packed, int? rate, TimeSpan duration, string run)
    {
        var start = Stopwatch.GetTimestamp();
        var all = new List<double>[Connections];
        var threads = Enumerable.Range(0, Connections).Select(number => new Thread(() =>
        {
            var mine = all[number] = [];
            using var connection = new HttpConnection(new Target("", new IPEndPoint(IPAddress.Loopback, port), []));
            var request = new EventRequest(port, key, packed, $"{run}{number}");
            for (var batch = 0L; Stopwatch.GetElapsedTime(start) < duration; batch++)
            {
                // Whoever is late does not wait: what could not be sent in time is sent as soon as it can be.
                if (rate is { } perSecond && TimeSpan.FromSeconds((double)batch * BatchSize * Connections / perSecond) - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } early)
                    Thread.Sleep(early);
                var bytes = request.Next(batch);
                var sent = Stopwatch.GetTimestamp();
                connection.Send(bytes);
                connection.Receive(202);
                mine.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        })).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var samples = new Samples(all.SelectMany(static list => list));
        return ((long)samples.Count * BatchSize, seconds, samples);
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT (SELECT count(*) FROM events_exposure) + (SELECT count(*) FROM events_metric)");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task CatchUpAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT count(*) FROM event_groups");
        while ((long)(await command.ExecuteScalarAsync())! > 0)
            await Task.Delay(20);
    }

    /// <returns>How long the oldest event that was not visible yet had waited, at the worst moment, in milliseconds.</returns>
    private static async Task<double> WatchAsync(NpgsqlDataSource database, CancellationToken stop)
    {
        var worst = 0.0;
        await using var command = database.CreateCommand("SELECT coalesce(extract(epoch FROM now() - min(received_at)) * 1000, 0)::float8 FROM event_groups");
        while (!stop.IsCancellationRequested)
        {
            worst = Math.Max(worst, (double)(await command.ExecuteScalarAsync(CancellationToken.None))!);
            await Task.Delay(250, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return worst;
    }

    /// <summary>A request whose events are numbered in place, because making them anew would cost more than taking them does.</summary>
    private sealed class EventRequest
    {
        private readonly byte[] _body;
        private readonly List<int> _ids = [];
        private readonly List<int> _units = [];
        private readonly List<int> _times = [];
        private readonly bool _packed;
        private readonly string _head;
        private readonly byte[] _request;
        private readonly int _bodyStart;

        public EventRequest(int port, string key, bool packed, string name)
        {
            _packed = packed;
            var text = new StringBuilder("""{"events":[""");
            for (var i = 0; i < BatchSize; i++)
            {
                text.Append(i > 0 ? "," : "").Append(i % 2 == 0 ? """{"type":"exposure","id":" """.TrimEnd() : """{"type":"metric","id":" """.TrimEnd()).Append(name).Append('-');
                _ids.Add(text.Length);
                text.Append("0000000000").Append(""" ","at":" """.Trim());
                _times.Add(text.Length);
                text.Append("2026-01-01T00:00:00.000Z").Append(""" ","unit":"user- """.Trim());
                _units.Add(text.Length);
                text.Append("0000000000").Append(i % 2 == 0
                    ? """ ","experiment":"checkout-test","flag":"checkout","variant":"treatment","phase":1} """.Trim()
                    : """ ","event":"purchase","value":12.5,"properties":{"currency":"EUR","items":3}} """.Trim());
            }
            _body = Encoding.ASCII.GetBytes(text.Append("]}").ToString());
            _head = $"POST /sdk/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {key}\r\nContent-Type: application/json\r\n{(packed ? "Content-Encoding: gzip\r\n" : "")}Content-Length: ";
            var head = Encoding.ASCII.GetBytes($"{_head}{_body.Length}\r\n\r\n");
            _bodyStart = head.Length;
            _request = [.. head, .. _body];
        }

        public byte[] Next(long batch)
        {
            var body = _packed ? _body.AsSpan() : _request.AsSpan(_bodyStart);
            var now = Encoding.ASCII.GetBytes(TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            for (var i = 0; i < BatchSize; i++)
            {
                var number = batch * BatchSize + i;
                Utf8Formatter.TryFormat(number, body.Slice(_ids[i], 10), out _, new System.Buffers.StandardFormat('D', 10));
                Utf8Formatter.TryFormat(number / 2, body.Slice(_units[i], 10), out _, new System.Buffers.StandardFormat('D', 10));
                now.CopyTo(body[_times[i]..]);
            }
            if (!_packed)
                return _request;
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(_body);
            return [.. Encoding.ASCII.GetBytes($"{_head}{packed.Length}\r\n\r\n"), .. packed.GetBuffer().AsSpan(0, (int)packed.Length)];
        }
    }
}
