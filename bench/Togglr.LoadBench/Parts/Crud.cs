using System.Diagnostics;
using System.Text.Json.Nodes;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>The management API on the embedded database, one person at a time, in a project that grows to 5,000 flags.</summary>
internal static class Crud
{
    private const double LimitMilliseconds = 25;
    private const double PermissionLimitPercent = 5;
    private const int Operations = 200;
    private const int FlagCount = 5000;

    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management)
    {
        const string Project = "crud";
        await management.CreateProjectAsync(Project);
        var flags = management.Project(Project) + "/flags";
        var goals = new List<Goal>();
        var spent = new double[4];

        await MeasureAsync("create a flag, 0 to 5,000", FlagCount, i => management.PostAsync(flags, new JsonObject
        {
            ["key"] = $"crud-{i:0000}",
            ["name"] = $"Flag {i}",
            ["type"] = "boolean",
            ["tags"] = new JsonArray("critical"),
        }));
        await MeasureAsync("read a flag", Operations, i => management.GetAsync($"{flags}/crud-{i * 7 % FlagCount:0000}"));
        await MeasureAsync("list 50 of 5,000 flags", Operations, i => management.GetAsync($"{flags}?limit=50&sort={(i % 2 == 0 ? "key" : "-updatedAt")}"));
        await MeasureAsync("search in 5,000 flags", Operations, i => management.GetAsync($"{flags}?search=Flag {i * 7 % FlagCount}&environment=prod&enabled=false"));
        await MeasureAsync("toggle a flag", Operations, i => management.PostAsync($"{flags}/crud-{i:0000}/environments/prod/toggle", new JsonObject { ["enabled"] = true }));
        var versions = new long[Operations];
        for (var i = 0; i < Operations; i++)
            versions[i] = (long)(await management.GetAsync($"{flags}/crud-{i:0000}/environments/prod"))["version"]!;
        await MeasureAsync("configure a flag", Operations,
            i => management.ConfigureAsync($"{flags}/crud-{i:0000}/environments/prod", BenchProject.WithRules(), versions[i]));
        double Percent(int question) => 100 * spent[question] / spent[0];
        goals.Add(new Goal("permission check, of the time of all these requests", PermissionLimitPercent, Percent(1), "%", $"{spent[1]:0.0} ms of {spent[0]:0} ms"));
        goals.Add(new Goal("finding out who asks, and that the sign-in is alive", null, Percent(2), "%", "one question to the database a request"));
        goals.Add(new Goal("reading the project and environment of the route", null, Percent(3), "%", "the request works with them"));
        return goals;

        async Task MeasureAsync(string name, int count, Func<int, Task<JsonNode>> operation)
        {
            var samples = new Samples();
            var before = await SpentAsync();
            for (var i = 0; i < count; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await operation(i);
                samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            var after = await SpentAsync();
            spent = [.. spent.Zip(after.Zip(before, static (later, earlier) => later - earlier), static (sum, more) => sum + more)];
            goals.Add(new Goal($"API p95: {name}", LimitMilliseconds, samples.Percentile(95), "ms", $"p50 {samples.Median:0.0} ms, {count} times"));
        }

        // The requests, and the questions before them.
        async Task<double[]> SpentAsync()
        {
            var sums = new List<double> { await management.SumOfAsync("togglr_http_request_duration_seconds") };
            foreach (var question in new[] { "may", "who", "where" })
                sums.Add(await management.SumOfAsync("togglr_access_duration_seconds", $"question=\"{question}\""));
            return [.. sums];
        }
    }
}
