using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

public sealed class HostingTests : SdkTest
{
    private WebApplication Build(Action<TogglrClientOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddTogglr(options =>
        {
            options.SdkKey = "tgs_test";
            options.Endpoint = Edge.Address;
            configure(options);
        });
        builder.Services.AddHealthChecks().AddTogglr(tags: ["ready"]);
        return builder.Build();
    }

    private void ServeForever() => Edge.OnStream = async stream =>
    {
        await stream.FullAsync(Snapshot(4, Flag("a", on: true)), 4);
        await stream.StayOpenAsync();
    };

    [Fact]
    public async Task The_host_starts_with_flags_and_disposes_the_client_at_its_end()
    {
        ServeForever();
        var host = Build(options => options.CountsInterval = TimeSpan.FromHours(1));
        await host.Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "TogglrHostedService").StartAsync(TestContext.Current.CancellationToken);
        var client = host.Services.GetRequiredService<TogglrClient>();
        Assert.Equal(ClientState.Ready, client.Status.State);
        Assert.True(client.BooleanVariation("a", Somebody, false));
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, report.Entries["togglr"].Status);
        Assert.Equal(4L, report.Entries["togglr"].Data["revision"]);

        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.Equal(ClientState.Disposed, client.Status.State);
        Assert.Equal("/sdk/v1/counts", Edge.Posts.Single().Path);
        await Until(() => Edge.Open == 0, "the stream closed");
    }

    [Fact]
    public async Task A_server_that_is_down_delays_the_start_by_no_more_than_the_timeout_and_is_told_by_health()
    {
        await Edge.DisposeAsync();
        var host = Build(options => options.StartTimeout = TimeSpan.FromMilliseconds(200));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await host.Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "TogglrHostedService").StartAsync(TestContext.Current.CancellationToken);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.1, 5);
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["togglr"].Status);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    [Fact]
    public async Task Health_is_degraded_after_a_minute_without_connection()
    {
        var time = new ManualTime();
        StreamConnection? live = null;
        Edge.OnStream = async stream =>
        {
            live = stream;
            if (Edge.Streams.Count > 1)
            {
                await ScriptedEdge.Answer(stream.Context, System.Net.HttpStatusCode.ServiceUnavailable);
                return;
            }

            await stream.FullAsync(Snapshot(4, Flag("a", on: true)), 4);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.TimeProvider = time);
        await Until(() => live is not null, "the stream");
        live!.Cut();
        await Until(() => client.Status.State == ClientState.Stale, "stale");
        var check = new Hosting.TogglrHealthCheck(client);
        var context = new HealthCheckContext { Registration = new HealthCheckRegistration("togglr", check, HealthStatus.Unhealthy, null) };
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(context, TestContext.Current.CancellationToken)).Status);
        for (var step = 0; step < 70; step++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Equal(HealthStatus.Degraded, (await check.CheckHealthAsync(context, TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task Invalid_options_stop_the_start_and_are_named()
    {
        var host = Build(options => options.PollInterval = TimeSpan.Zero);
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("PollInterval", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Registering_twice_makes_one_client()
    {
        ServeForever();
        var services = new ServiceCollection();
        services.AddTogglr(options => options.Offline = true);
        services.AddTogglr(options => options.Offline = true);
        using var provider = services.BuildServiceProvider();
        Assert.Single(provider.GetServices<TogglrClient>());
        Assert.Single(provider.GetServices<IHostedService>());
    }
}
