using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Togglr.Evaluation;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;
using Togglr.Sdk;

namespace Togglr.LoadBench.Parts;

/// <summary>How soon a bandit turns to another arm: from the answer to the events that make it the best until each of the connected SDKs serves it. Feedback comes all the time, so the pause between two versions is never over before.</summary>
internal static class Bandits
{
    private const int Clients = 50;
    private const int Rounds = 20;
    private const int People = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly EvaluationContext[] Contexts = [.. Enumerable.Range(0, People).Select(i => EvaluationContext.Of(i.ToString(CultureInfo.InvariantCulture)))];

    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management, ServerProcess server)
    {
        var project = await BenchProject.CreateAsync(management, "bandits", Rounds);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        http.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(project.ServerKey);
        server.WaitUntil(() => StartUp.Evaluates(Target.Post("", server.Port, "/sdk/v1/evaluate", project.ServerKey, BenchProject.Body), project), TimeSpan.FromSeconds(120));
        var clients = new List<TogglrClient>();
        try
        {
            for (var i = 0; i < Clients; i++)
                clients.Add(new TogglrClient(new TogglrClientOptions { SdkKey = project.ServerKey, Endpoint = http.BaseAddress }));
            foreach (var client in clients)
            {
                if (!await client.WaitUntilReadyAsync(TimeSpan.FromSeconds(30)))
                    throw new InvalidOperationException("An SDK did not become ready.");
            }
            var (each, last) = (new Samples(), new Samples());
            var random = new Random(1);
            for (var round = 0; round < Rounds; round++)
            {
                var arrivals = await TurnAsync(management, http, project, clients, $"flag-{round:000}", TimeSpan.FromSeconds(2 + 3 * random.NextDouble()));
                last.Add(arrivals.Max());
                foreach (var arrival in arrivals)
                    each.Add(arrival);
            }
            return
            [
                new Goal("bandit: from the answer to events that change the best arm until every SDK serves it, at most", 5000, last.Maximum, "ms",
                    $"median {last.Median:0} ms; {Rounds} times, {Clients} SDKs, 20 other outcomes a second, settings by default"),
                new Goal("bandit: the same for each SDK, p50", null, each.Median, "ms"),
            ];
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    private static async Task<double[]> TurnAsync(Management management, HttpClient http, BenchProject project, List<TogglrClient> clients, string flag, TimeSpan rest)
    {
        await management.PutAsync($"{management.Project(project.Key)}/flags/{flag}/environments/{BenchProject.Environment}/algorithm", new JsonObject { ["kind"] = "thompson" });
        await SendAsync(http, Outcomes(flag, "off", 400, 0.6), Outcomes(flag, "on", 400, 0.4));
        using var end = new CancellationTokenSource();
        var trickle = TrickleAsync(http, flag, end.Token);
        await UntilAsync(clients, flag, static share => share < 0.2);
        await Task.Delay(rest);
        await SendAsync(http, Outcomes(flag, "on", 4000, 0.9));
        var arrivals = await UntilAsync(clients, flag, static share => share > 0.8);
        await end.CancelAsync();
        await trickle;
        return arrivals;
    }

    /// <summary>Milliseconds until each client serves "on" to such a share of people.</summary>
    private static async Task<double[]> UntilAsync(List<TogglrClient> clients, string flag, Func<double, bool> isReached)
    {
        var begun = Stopwatch.GetTimestamp();
        return await Task.WhenAll(clients.Select(async client =>
        {
            var reached = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
            client.FlagsChanged += Look;
            Look(null, EventArgs.Empty);
            var elapsed = await reached.Task.WaitAsync(Patience);
            client.FlagsChanged -= Look;
            return elapsed;

            void Look(object? sender, EventArgs changed)
            {
                if (isReached(Contexts.Count(context => client.BooleanVariation(flag, context, false)) / (double)People))
                    reached.TrySetResult(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }));
    }

    private static async Task TrickleAsync(HttpClient http, string flag, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await SendAsync(http, Outcomes(flag, "off", 5, 0.6));
            await Task.Delay(TimeSpan.FromMilliseconds(250), CancellationToken.None);
        }
    }

    private static IEnumerable<string> Outcomes(string flag, string variant, int count, double rate) => Enumerable.Range(0, count).Select(i =>
        $$"""{"type":"feedback","id":"{{Guid.CreateVersion7()}}","at":"{{TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)}}","flag":"{{flag}}","variant":"{{variant}}","outcome":"{{(i < rate * count ? "success" : "failure")}}"}""");

    private static async Task SendAsync(HttpClient http, params IEnumerable<string>[] events)
    {
        using var content = new StringContent($$"""{"events":[{{string.Join(',', events.SelectMany(static some => some))}}]}""", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/sdk/v1/events", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }
}
