using System.Text.Json;
using Togglr.ControlPlane.Operations;
using Togglr.Hosting.Telemetry;
using Togglr.IntegrationTests.Events;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Operations;

/// <summary><c>GET /api/v1/system</c>: how the installation does.</summary>
public sealed class SystemTests(EventsServer server) : IClassFixture<EventsServer>
{
    private const string Path = "/api/v1/system";

    [Fact]
    public async Task An_administrator_sees_the_processes_the_events_on_their_way_and_the_database()
    {
        var project = await server.CreateProjectAsync();
        await server.ExecuteAsync("INSERT INTO event_groups (events, payload, failure, received_at) VALUES (1, '\\x00', 'because', now() - interval '1 hour')");
        // As another process would, that has just gone silent.
        await server.ExecuteAsync("INSERT INTO process_samples VALUES (gen_random_uuid(), now() - interval '40 seconds', 'gone', 'edge', '1', now(), '{}')");
        JsonElement processes = default;
        await Eventually.TrueAsync(async () => (processes = (await server.Admin.GetAsync(Path)).At("processes")).GetArrayLength() > 0);
        var process = Assert.Single(processes.EnumerateArray());
        Assert.Equal(["control", "edge", "ingest"], process.GetProperty("roles").EnumerateArray().Select(static role => role.GetString()!));
        Assert.Equal(Environment.MachineName, process.GetProperty("host").GetString());
        var sample = process.GetProperty("samples")[0];
        Assert.True(sample.GetProperty("memory").GetInt64() > 10_000_000);
        Assert.True(sample.GetProperty("threads").GetInt32() > 0);

        var system = await server.Admin.GetAsync(Path);
        Assert.Equal((0, 5_000_000, 1), (system.At("events").GetProperty("waiting").GetInt32(), system.At("events").GetProperty("limit").GetInt32(), system.At("events").GetProperty("setAside").GetInt32()));
        Assert.Equal(0, system.At("events").GetProperty("lagSeconds").GetDouble());
        Assert.True(system.At("database").GetProperty("sizeBytes").GetInt64() > 5_000_000);
        Assert.InRange(system.At("database").GetProperty("connections").GetInt32(), 1, system.At("database").GetProperty("connectionLimit").GetInt32());
        // Nothing of anybody in particular.
        Assert.DoesNotContain(project.Key, JsonSerializer.Serialize(system.At("processes")), StringComparison.Ordinal);
        Assert.DoesNotContain("assword", JsonSerializer.Serialize(system.At("database")), StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_are_what_happened_between_two_readings()
    {
        static Dictionary<string, MetricReading> At(long quick, long slow, double accepted, double streams) => new(StringComparer.Ordinal)
        {
            ["togglr_http_request_duration_seconds"] = new([0.1, 1], [new("method=\"GET\"", 3, [quick, 0, 0]), new("method=\"PUT\"", 9, [0, slow, 1])]),
            ["togglr_ingest_events_total"] = new(null, [new("verdict=\"accepted\"", accepted, null), new("verdict=\"refused\"", accepted * 7, null)]),
            ["togglr_edge_streams"] = new(null, [new("", streams, null)]),
        };
        var figures = ProcessFigures.Between(At(100, 50, 1_000, 9), At(180, 70, 4_000, 4), TimeSpan.FromSeconds(10));
        Assert.Equal((10.0, 300.0, 4L, 0.0), (figures.Requests, figures.Events, figures.Streams, figures.SdkRequests));
        // Of 100 requests 80 were quick, so the 95th is three quarters up the slow bucket.
        Assert.Equal(775, figures.RequestP95);
        Assert.Null(figures.SdkP95);
        // A process that began anew counts from zero; nothing is negative.
        Assert.Equal(0, ProcessFigures.Between(At(100, 50, 1_000, 9), At(100, 50, 10, 9), TimeSpan.FromSeconds(10)).Events);
    }
}
