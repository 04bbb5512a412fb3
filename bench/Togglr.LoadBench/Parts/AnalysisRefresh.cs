using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>
/// How long results need to take in one part of new data in a hundred, on the embedded database: an experiment of two weeks with five metrics, CUPED and two dimensions, and so many exposures and as many
/// metric events, a third of which are from before the exposure. Its tables are filled directly; what is new comes in as the drain writes it: by the clock of the last minutes, under numbers of batches.
/// </summary>
internal static class AnalysisRefresh
{
    private const int Rounds = 5;

    private const string Project = "analysed";

    /// <summary>Half of new exposures are of people who were there before.</summary>
    private const string NewExposures =
        """
        INSERT INTO events_exposure (environment_id, experiment, phase, flag, variant, unit, at, received_at, batch, attributes)
        SELECT $1, 'test', 1, 'checkout', CASE WHEN n % 2 = 0 THEN 'off' ELSE 'on' END, md5('u' || n)::uuid, $4 - random() * $5, now(), $6,
            jsonb_build_object('country', (ARRAY['DE', 'FR', 'US', 'GB', 'JP'])[1 + n % 5], 'plan', (ARRAY['free', 'pro'])[1 + n / 2 % 2])
        FROM (SELECT n FROM generate_series($2::bigint, $3) AS n) AS s ORDER BY 7
        """;

    private const string NewMetrics =
        """
        INSERT INTO events_metric (environment_id, event, unit, at, received_at, batch, value, properties)
        SELECT $1, CASE WHEN n % 3 = 0 THEN 'purchase' ELSE 'view' END, md5('u' || ($2 + floor(random() * ($3 - $2 + 1))::bigint))::uuid, $4 - random() * $5, now(), $6,
            CASE WHEN n % 3 = 0 THEN round((10 + 90 * random())::numeric, 2) END, '{"currency":"EUR"}'
        FROM (SELECT n FROM generate_series(1, $7::bigint) AS n) AS s ORDER BY 4
        """;

    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management, string data, long exposures)
    {
        await management.CreateProjectAsync(Project);
        var path = management.Project(Project);
        await management.PostAsync($"{path}/flags", new JsonObject
        {
            ["key"] = "checkout", ["type"] = "boolean", ["environments"] = new JsonObject { [BenchProject.Environment] = new JsonObject { ["enabled"] = true } },
        });
        var metrics = new JsonArray();
        foreach (var (key, definition) in ((string, string)[])[
            ("bought", """{"kind":"conversion","event":"purchase"}"""),
            ("revenue", """{"kind":"sum","event":"purchase","cap":500}"""),
            ("views", """{"kind":"count","event":"view"}"""),
            ("basket", """{"kind":"mean","event":"purchase"}"""),
            ("perview", """{"kind":"ratio","event":"purchase","numerator":"count","denominator":{"event":"view","aggregation":"count"}}""")])
        {
            await management.PostAsync($"{path}/metrics", new JsonObject { ["key"] = key, ["definition"] = JsonNode.Parse(definition) });
            metrics.Add((JsonNode)new JsonObject { ["metric"] = key, ["role"] = metrics.Count == 0 ? "primary" : "secondary" });
        }
        await management.PostAsync($"{path}/experiments", new JsonObject
        {
            ["key"] = "test", ["flag"] = "checkout", ["environment"] = BenchProject.Environment, ["control"] = "off",
            ["variations"] = new JsonArray(new JsonObject { ["key"] = "off", ["weight"] = 1 }, new JsonObject { ["key"] = "on", ["weight"] = 1 }),
            ["plan"] = new JsonObject
            {
                ["method"] = "alwaysValid", ["lookDays"] = new JsonArray(), ["minimumDays"] = 0, ["cuped"] = true, ["cupedDays"] = 7,
                ["dimensions"] = new JsonArray("country", "plan"), ["metrics"] = metrics,
            },
        });
        await management.PostAsync($"{path}/experiments/test/start", new JsonObject { ["reason"] = "measure" });

        await using var database = NpgsqlDataSource.Create(await Programs.DatabaseOfAsync(data));
        await ExecuteAsync(database, "UPDATE experiment_phases SET started_at = date_trunc('day', now()) - interval '14 days' WHERE experiment_id = (SELECT e.id FROM experiments e JOIN projects p ON p.id = e.project_id WHERE p.key = 'analysed')");
        await ExecuteAsync(database, "SELECT add_event_partitions(current_date - 21, current_date + 1)");
        var environment = (Guid)(await ScalarAsync(database, "SELECT e.id FROM environments e JOIN projects p ON p.id = e.project_id WHERE p.key = 'analysed' AND e.key = 'prod'"))!;

        // What was there before: two weeks of exposures, three weeks of what people did.
        var clock = Stopwatch.StartNew();
        var known = exposures - exposures / 100 * Rounds / 2;
        var (day, events) = (TimeSpan.FromDays(1), exposures);
        await AddAsync(database, environment, (1, known), (1, known), events, 14 * day, 21 * day);
        // As the database does by itself after a while.
        await ExecuteAsync(database, "VACUUM (ANALYZE) events_exposure; VACUUM (ANALYZE) events_metric");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  filled in {clock.Elapsed.TotalSeconds:0} s"));
        var last = await RefreshedAsync(database, clock);
        var made = last.Milliseconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  first results after {clock.Elapsed.TotalSeconds:0} s, at most {made} ms of them"));
        // The server does so by itself, every ten minutes.
        while (await ScalarAsync(database, "SELECT index_event_day(current_date)") is not (null or DBNull))
        {
        }
        await ExecuteAsync(database, "VACUUM (ANALYZE) experiment_units; CHECKPOINT");

        var scan = Stopwatch.StartNew();
        for (var i = 0; i < 3; i++)
        {
            scan.Restart();
            await ScalarAsync(database, "SELECT (SELECT count(*) FROM events_exposure) + (SELECT count(*) FROM events_metric)");
        }
        var bare = scan.Elapsed.TotalMilliseconds;

        var (refreshes, visible) = (new List<double>(), new List<double>());
        var part = exposures / 100;
        for (var round = 0; round < Rounds; round++)
        {
            // Whether this one has rested from the one before is not what is measured.
            await ExecuteAsync(database, "UPDATE experiment_progress SET milliseconds = 0");
            var units = known + part / 2;
            await AddAsync(database, environment, (known - part / 2, units - 1), (1, units), part, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));
            known = units;
            clock.Restart();
            last = await RefreshedAsync(database, clock);
            refreshes.Add(last.Milliseconds);
            visible.Add(clock.Elapsed.TotalMilliseconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {part} more exposures and events: {last.Milliseconds} ms, visible after {clock.ElapsedMilliseconds} ms"));
        }
        var median = Median(refreshes);
        var counts = await ScalarAsync(database, "SELECT count(*) || ' people, ' || (SELECT count(*) FROM events_metric) || ' events' FROM experiment_units WHERE experiment_id = (SELECT e.id FROM experiments e JOIN projects p ON p.id = e.project_id WHERE p.key = 'analysed')");
        return
        [
            new Goal(string.Create(CultureInfo.InvariantCulture, $"results of {exposures:N0} exposures: refresh after 1 % new data"), 3000, median, "ms",
                string.Create(CultureInfo.InvariantCulture, $"median of {Rounds}; at most {refreshes.Max():0} ms; {counts}; 5 metrics, CUPED, 2 dimensions")),
            new Goal("results: from new data to new results", null, Median(visible), "ms", "with what the worker waits between two rounds"),
            new Goal("results: refresh after 1 % new data / counting the same rows", null, median / bare, "×", string.Create(CultureInfo.InvariantCulture, $"count(*) of both tables: {bare:0} ms")),
        ];
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task AddAsync(NpgsqlDataSource database, Guid environment, (long From, long To) exposed, (long From, long To) acting, long events, TimeSpan exposedIn, TimeSpan actedIn)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var counter = new NpgsqlCommand("SELECT nextval('event_batches')", connection);
        var batch = (long)(await counter.ExecuteScalarAsync())!;
        var now = TimeProvider.System.GetUtcNow();
        await RunAsync(NewExposures, environment, exposed.From, exposed.To, now, exposedIn, batch);
        await RunAsync(NewMetrics, environment, acting.From, acting.To, now, actedIn, batch, events);
        await transaction.CommitAsync();

        async Task RunAsync(string sql, params object[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Waits until the last batch is in the results.</summary>
    private static async Task<(long Batch, int Milliseconds)> RefreshedAsync(NpgsqlDataSource database, Stopwatch clock)
    {
        var last = (long)(await ScalarAsync(database, "SELECT max(batch) FROM events_exposure"))!;
        while (clock.Elapsed < TimeSpan.FromMinutes(20))
        {
            await using (var command = database.CreateCommand("SELECT exposure_batch, milliseconds FROM experiment_progress WHERE exposure_batch >= $1"))
            {
                command.Parameters.Add(new NpgsqlParameter { Value = last });
                await using var reader = await command.ExecuteReaderAsync();
                if (await reader.ReadAsync())
                    return (reader.GetInt64(0), reader.GetInt32(1));
            }
            await Task.Delay(50);
        }
        throw new InvalidOperationException("The results were not refreshed within twenty minutes.");
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        // Some of these refuse to share a transaction with others.
        foreach (var statement in sql.Split(';', StringSplitOptions.TrimEntries))
        {
            await using var command = database.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }
    }
}
