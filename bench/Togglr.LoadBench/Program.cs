// Measures the published server over loopback and writes one table: goal, measured, met.
//
//   Togglr.LoadBench SERVER_EXECUTABLE BARE_KESTREL_EXECUTABLE RESULT_FILE [PART …]
//
// Parts: edge, streams, events, analysis, bandit, health, schedules, crud, start, sign-in, audit, browser (all of them when none is named). Exit code 1 when a goal is missed.
// TOGGLR_BENCH_EXPOSURES: how many exposures the part analysis has, ten million unless said.
using System.Globalization;
using Togglr.LoadBench;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Parts;
using Togglr.LoadBench.Processes;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: Togglr.LoadBench SERVER_EXECUTABLE BARE_KESTREL_EXECUTABLE RESULT_FILE [edge|streams|events|analysis|bandit|health|schedules|crud|start|sign-in|audit|browser …]");
    return 2;
}

var scratch = Directory.CreateTempSubdirectory("togglr-bench-").FullName;
// The database's processes have no rights of root, so they must be able to reach their data through this folder.
File.SetUnixFileMode(scratch, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
var programs = new Programs(Path.GetFullPath(args[0]), Path.GetFullPath(args[1]), scratch);
var parts = args.Length > 3 ? args[3..] : ["start", "edge", "streams", "events", "analysis", "bandit", "health", "schedules", "crud", "sign-in", "audit", "browser"];
var goals = new List<Goal>();
try
{
    if (parts.Contains("edge"))
        Add(EdgeOverHttp.RunNoise(programs));
    if (parts.Contains("start"))
        Add(StartUp.RunServer(programs));

    if (parts.Contains("audit"))
    {
        using var log = programs.StartServer("audit");
        using (var http = new HttpClient())
        {
            log.WaitUntil(
                () =>
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{log.Port}/ready");
                    return http.Send(request).IsSuccessStatusCode;
                },
                TimeSpan.FromSeconds(120));
        }

        using var reader = await Management.SignInAsync(log.Port);
        Add(await AuditPages.RunAsync(reader, Path.Combine(scratch, "audit")));
        if (parts is ["audit"])
            return await FinishAsync();
    }

    if (parts.Contains("events"))
    {
        using var taker = programs.StartServer("events");
        StartUp.FirstPage(taker);
        using var owner = await Management.SignInAsync(taker.Port);
        Add(await EventIngestion.RunAsync(owner, taker, Path.Combine(scratch, "events")));
        if (parts is ["events"])
            return await FinishAsync();
    }

    if (parts.Contains("analysis"))
    {
        using var analyst = programs.StartServer("analysis");
        StartUp.FirstPage(analyst);
        using var owner = await Management.SignInAsync(analyst.Port);
        Add(await AnalysisRefresh.RunAsync(owner, Path.Combine(scratch, "analysis"), Exposures()));
        if (parts is ["analysis"])
            return await FinishAsync();
    }

    if (parts.Contains("bandit"))
    {
        using var learner = programs.StartServer("bandit");
        StartUp.FirstPage(learner);
        using var experimenter = await Management.SignInAsync(learner.Port);
        Add(await Bandits.RunAsync(experimenter, learner));
        if (parts is ["bandit"])
            return await FinishAsync();
    }

    if (parts.Contains("browser"))
    {
        using var site = programs.StartServer("browser");
        StartUp.FirstPage(site);
        using var administrator = await Management.SignInAsync(site.Port);
        Add(await BrowserPages.RunAsync(administrator, site.Port));
        if (parts is ["browser"])
            return await FinishAsync();
    }

    using var server = programs.StartServer("server");
    StartUp.FirstPage(server);
    using var management = await Management.SignInAsync(server.Port);
    await Task.Delay(TimeSpan.FromSeconds(3));
    Add([
        new Goal("server process, idle", 150, server.ResidentMegabytes, "MB", "resident, all roles, demo data"),
        new Goal("PostgreSQL's processes, idle", null, server.ChildrenResidentMegabytes, "MB", "proportional share"),
    ]);
    var few = await BenchProject.CreateAsync(management, "few", 5);
    var many = await BenchProject.CreateAsync(management, "many", 100);

    WaitForAnswers(server);

    if (parts.Contains("edge") || parts.Contains("start"))
    {
        using (var edge = programs.StartEdge("edge", server.Port))
        {
            WaitForAnswers(edge);
            if (parts.Contains("edge"))
                Add(EdgeOverHttp.Run(programs, edge, few, many));
            Add([new Goal("edge process, after its load", null, edge.ResidentMegabytes, "MB", $"resident; at most {edge.PeakResidentMegabytes:0} MB")]);
            await Task.Delay(1500); // The snapshot is on disk at most a second after it arrived.
        }

        if (parts.Contains("start"))
            Add(StartUp.RunEdge(programs, "edge", many));
    }

    if (parts.Contains("streams"))
    {
        Add(await Streams.MemoryAsync(server, many));
        Add(await Streams.PropagationAsync(server, management, many));
    }

    if (parts.Contains("health"))
    {
        Add(Detection.Count());
        Add(await Detection.RunAsync(management, server.Port, few));
        Add(await Detection.ReportAsync(management, server.Port, few, Path.Combine(scratch, "server")));
    }

    if (parts.Contains("schedules"))
        Add(await DueSchedules.RunAsync(management, Path.Combine(scratch, "server")));

    void WaitForAnswers(ServerProcess process)
    {
        foreach (var project in new[] { few, many })
        {
            var target = Target.Post("", process.Port, "/sdk/v1/evaluate", project.ServerKey, BenchProject.Body);
            process.WaitUntil(() => StartUp.Evaluates(target, project), TimeSpan.FromSeconds(120));
        }
    }

    var load = Target.Post("server", server.Port, "/sdk/v1/evaluate", many.ServerKey, BenchProject.Body);
    LoadGenerator.Saturate(load, threads: 2, connectionsPerThread: 16, TimeSpan.FromSeconds(4));
    Add([
        new Goal("server process, under load", 200, server.ResidentMegabytes, "MB",
            $"resident, after evaluations as fast as they go and all of the above; at most {server.PeakResidentMegabytes:0} MB"),
        new Goal("PostgreSQL's processes, under load", null, server.ChildrenResidentMegabytes, "MB", "proportional share"),
    ]);
    if (parts.Contains("sign-in"))
        Add(await SignIn.RunAsync(management));
    if (parts.Contains("crud"))
    {
        Add(await Crud.RunAsync(management));
        Add([
            new Goal("server process, after 6,000 changes in a project of 5,000 flags", null, server.ResidentMegabytes, "MB",
                $"resident; at most {server.PeakResidentMegabytes:0} MB"),
            new Goal("PostgreSQL's processes, then", null, server.ChildrenResidentMegabytes, "MB", "proportional share"),
        ]);
    }
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

return await FinishAsync();

static long Exposures() => long.TryParse(Environment.GetEnvironmentVariable("TOGGLR_BENCH_EXPOSURES"), NumberStyles.None, CultureInfo.InvariantCulture, out var exposures) ? exposures : 10_000_000;

async Task<int> FinishAsync()
{
    var report = Report.Write(goals, TimeProvider.System);
    await File.WriteAllTextAsync(args[2], report);
    Console.WriteLine();
    Console.WriteLine(report);
    return goals.All(goal => goal.Limit is null || goal.Measured <= goal.Limit) ? 0 : 1;
}

void Add(IEnumerable<Goal> measured)
{
    foreach (var goal in measured)
    {
        goals.Add(goal);
        Console.WriteLine(goal.Row);
    }
}
