using System.Text.Json.Nodes;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>How soon each kind of process gives its first right answer.</summary>
internal static class StartUp
{
    private const int Rounds = 9;
    private const int LaterStarts = 3;

    /// <summary>The edge with nothing but its disk against bare Kestrel, started in turns.</summary>
    public static IEnumerable<Goal> RunEdge(Programs programs, string edgeData, BenchProject project)
    {
        const int NobodyListens = 9;
        var (edges, bares) = (new Samples(), new Samples());
        for (var i = 0; i < Rounds; i++)
        {
            using (var edge = programs.StartEdge(edgeData, NobodyListens))
            {
                var target = Target.Post("edge", edge.Port, "/sdk/v1/evaluate", project.ServerKey, BenchProject.Body);
                edges.Add(edge.WaitUntil(() => Evaluates(target, project), TimeSpan.FromSeconds(20)).TotalMilliseconds);
            }

            using var bare = programs.StartBare(100);
            var yardstick = Target.Post("bare", bare.Port, "/answer/100", project.ServerKey, BenchProject.Body);
            bares.Add(bare.WaitUntil(() => LoadGenerator.Once(yardstick).Length == 100, TimeSpan.FromSeconds(20)).TotalMilliseconds);
        }

        yield return new Goal($"edge from its snapshot on disk ({project.FlagCount} flags) to the first right answer", 2, edges.Median / bares.Median, "×",
            $"{edges.Median:0} ms / bare Kestrel {bares.Median:0} ms, {Rounds} starts each");
    }

    /// <summary>The whole server with its database: the first start makes the database and the demo data, later ones open it.</summary>
    public static IEnumerable<Goal> RunServer(Programs programs)
    {
        yield return new Goal("`togglr serve`, first start to the first page", 10, StartServer(programs).TotalSeconds, "s", "new data directory, demo data");
        var later = new Samples();
        for (var i = 0; i < LaterStarts; i++)
            later.Add(StartServer(programs).TotalSeconds);
        yield return new Goal("`togglr serve`, later starts to the first page", 3, later.Median, "s", $"median of {LaterStarts}");
    }

    private static TimeSpan StartServer(Programs programs)
    {
        using var server = programs.StartServer("first-start");
        return FirstPage(server);
    }

    /// <summary>Waits until the page and the API behind it answer.</summary>
    /// <returns>The time since the process was started.</returns>
    public static TimeSpan FirstPage(ServerProcess server)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        return server.WaitUntil(() =>
        {
            using var page = http.GetAsync("/").GetAwaiter().GetResult();
            using var ready = http.GetAsync("/ready").GetAwaiter().GetResult();
            return page.IsSuccessStatusCode && ready.IsSuccessStatusCode;
        }, TimeSpan.FromSeconds(60));
    }

    /// <summary>Whether the server answers with a value for every flag.</summary>
    public static bool Evaluates(Target target, BenchProject project)
    {
        var flags = JsonNode.Parse(LoadGenerator.Once(target))?["flags"]?.AsObject();
        return flags?.Count == project.FlagCount && flags.All(flag => flag.Value?["value"] is not null);
    }
}
