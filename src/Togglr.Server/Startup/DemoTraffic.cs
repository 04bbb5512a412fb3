using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Togglr.ControlPlane.Demo;
using Togglr.Simulation;

namespace Togglr.Server.Startup;

/// <summary>
/// Lets made-up people come to the demo shop once it is open: through the same endpoint as everybody, so what its pages show went the way of all events. One experiment has an effect, one compares a
/// variant with itself, and one loses exposures of a variant, which its results must refuse to believe; an algorithm finds the banner that sells best. The start does not wait for it.
/// </summary>
internal sealed partial class DemoTraffic(
    IServiceProvider services, IServer server, IHostApplicationLifetime lifetime, FirstStartReport firstStart, TimeProvider time, ILogger<DemoTraffic> logger) : BackgroundService
{
    /// <summary>Less than events may be late by default.</summary>
    private static readonly TimeSpan History = TimeSpan.FromHours(22);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(2);

    private const int BusyGroups = 10;

    // The edge hears of experiments within moments of their start.
    private const int MostAttempts = 30;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!lifetime.ApplicationStarted.IsCancellationRequested || !firstStart.IsDone)
                await Task.Delay(Pause, time, stoppingToken);
            var isNew = await DemoData.SeedExperimentsAsync(services, History + TimeSpan.FromMinutes(5), stoppingToken);
            await Task.WhenAll(VisitAsync(isNew, stoppingToken), LookAtBannersAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception failure)
        {
            // The demo goes on without visitors.
            LogFailed(failure.Message);
        }
    }

    private Task VisitAsync(bool withHistory, CancellationToken stop) => PlayAsync(
        Options() with
        {
            Users = 10_000,
            Hours = withHistory ? History.TotalHours : 0,
            Minutes = 10_080,
            Effects = new Dictionary<string, double>(StringComparer.Ordinal) { ["sticky"] = 0.4 },
            Lost = new Dictionary<string, double>(StringComparer.Ordinal) { ["map"] = 0.2 },
            // Who comes after a restart does other things than before.
            Seed = withHistory ? 1 : Now,
        },
        stop);

    /// <summary>People come in groups, many at first, so that there is something to see soon.</summary>
    private async Task LookAtBannersAsync(CancellationToken stop)
    {
        var options = Options() with
        {
            Algorithm = "promo-banner",
            Users = 300,
            Rounds = 30,
            Hours = 1 / 60.0,
            Rate = 0.2,
            Effects = new Dictionary<string, double>(StringComparer.Ordinal) { ["shipping"] = 0.5, ["bundle"] = -0.3, ["countdown"] = 0.2 },
        };
        var first = Now;
        for (var group = 0ul; ; group++)
        {
            await PlayAsync(options with { Seed = first + group }, stop);
            if (group >= BusyGroups)
                await Task.Delay(Quiet, time, stop);
        }
    }

    private ulong Now => (ulong)time.GetUtcNow().ToUnixTimeSeconds();

    private SimulationOptions Options() => new() { Url = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()), Key = DemoData.ServerKey("prod") };

    private async Task PlayAsync(SimulationOptions options, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await new Simulator(options, http, time).RunAsync(cancel: stop);
                return;
            }
            catch (InvalidOperationException) when (attempt < MostAttempts)
            {
                await Task.Delay(Pause, time, stop);
            }
        }
    }

    [LoggerMessage(EventId = 1203, Level = LogLevel.Warning, Message = "No more made-up people come to the demo: {Reason}")]
    private partial void LogFailed(string reason);
}
