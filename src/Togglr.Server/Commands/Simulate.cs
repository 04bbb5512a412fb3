using System.Globalization;
using Togglr.Simulation;

namespace Togglr.Server.Commands;

/// <summary><c>togglr simulate</c>: traffic that is made up, against a server that is not.</summary>
internal static class Simulate
{
    public const string Usage = """
        Usage: togglr simulate --url URL --key KEY [--option value …]

          --url URL            the server or edge, such as http://127.0.0.1:8080
          --key KEY            an SDK key for servers of the environment
          --experiment KEY     only this one; all that run if absent
          --users N            people, 1 to 1000000 (5000)
          --hours H            their visits lie that far back at most (23); more than TOGGLR_EVENT_LATE_HOURS is refused
          --minutes M          and then go on for so long, as fast as time goes (0)
          --visits V           of a person on an average day (1.5)
          --rate P             how likely somebody in the control buys on a visit (0.08)
          --effect E           by which share others buy more often: 0.1, or treatment=0.1,other=-0.05
          --slowdown S         by which share their pages are slower, in the same way
          --lost L             the share of exposures of a variant that get lost: treatment=0.1
          --drift D            how far effects move on to the next variant by the end, 0 to 1 (0)
          --algorithm FLAG     people of a flag whose traffic an algorithm shares out, who tell how it went; no experiments
          --rounds N           with it: the time is cut into so many rounds, a second each (60)
          --bots, --duplicates, --late P
                               shares of programs, of events sent twice, of events sent at the end (0.005, 0.01, 0.01)
          --seed N             where chance begins (1)

        People send page_view (value: pages), page_load_ms, add_to_cart and purchase (value: the amount), with the
        properties country, device and plan. Who is exposed before a phase of an experiment began is no part of it.
        The same seed on the same day makes the same events, which count once.
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (SimulationArguments.Read(arguments, out var fault) is not { } options)
        {
            Console.Error.WriteLine($"{fault}\n\n{Usage}");
            return CommandLine.Misused;
        }

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) => (pressed.Cancel, _) = (true, stop.CancelAsync());
        try
        {
            var shown = -1;
            var progress = new Progress<(double Share, SimulationReport Report)>(told =>
            {
                if (Console.IsOutputRedirected || (int)(told.Share * 100) == Interlocked.Exchange(ref shown, (int)(told.Share * 100)))
                    return;
                Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"\r{told.Share:P0}, {told.Report.Events:N0} events "));
            });
            var report = await new Simulator(options, http, TimeProvider.System).RunAsync(progress, stop.Token);
            Tell(report);
            if (options is { Hours: > 0, Algorithm: null })
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Their visits lie up to {options.Hours:0.##} hours back. What was before the phase of an experiment began is no part of its results: choose --hours shorter than it runs."));
            return report.Rejected == 0 ? CommandLine.Done : CommandLine.Failed;
        }
        catch (Exception failure) when (failure is HttpRequestException or InvalidOperationException or OperationCanceledException)
        {
            Console.Error.WriteLine(stop.IsCancellationRequested ? "Stopped." : failure.Message);
            return CommandLine.Failed;
        }
    }

    private static void Tell(SimulationReport report)
    {
        FormattableString summary = $"\n{report.Visits:N0} visits, {report.Events:N0} events, {report.Purchases:N0} purchases; {report.Duplicates:N0} sent twice, {report.Lost:N0} exposures lost, {report.Rejected:N0} refused";
        Console.Out.WriteLine(summary.ToString(CultureInfo.InvariantCulture) + (report.Refusal is { } why ? $" ({why})" : ""));
        foreach (var ((experiment, variant), people) in report.Exposed)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {experiment}: {people:N0} people got {variant}"));
    }
}
