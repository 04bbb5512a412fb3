using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Togglr.Hosting.Telemetry;
using Togglr.Store;

namespace Togglr.ControlPlane.Operations;

/// <summary>Composition of what processes tell of themselves.</summary>
public static class OperationsComposition
{
    /// <summary>Lets the process tell of itself. It needs the database and the exporter of meters, and no management API.</summary>
    /// <param name="services">The services.</param>
    /// <param name="roles">What the process does.</param>
    /// <param name="version">The version of the program.</param>
    public static IServiceCollection AddProcessReports(this IServiceCollection services, string roles, string version) =>
        services.AddHostedService(provider => new ProcessReporter(
            provider.GetRequiredService<PrometheusExporter>(), roles, version, provider.GetRequiredService<TogglrDatabase>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ProcessReporter>>()));
}

/// <summary>Writes every ten seconds how the process does, so that whoever asks any of them sees all. Kept for a quarter of an hour: history is the work of a monitoring system.</summary>
internal sealed partial class ProcessReporter(PrometheusExporter meters, string roles, string version, TogglrDatabase database, TimeProvider time, ILogger<ProcessReporter> logger)
    : DatabaseWorker(database, time)
{
    /// <summary>How often a process tells of itself.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>For so long it is kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(15);

    // Whoever starts the server and looks should not see nothing.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    private readonly Guid _process = Guid.CreateVersion7(time.GetUtcNow());
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private IReadOnlyDictionary<string, MetricReading>? _before;
    private long _readAt;

    /// <inheritdoc/>
    protected override TimeSpan Pause => Interval;

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        var (before, after, elapsed) = (_before, meters.Read(), Time.GetElapsedTime(_readAt));
        (_before, _readAt) = (after, Time.GetTimestamp());
        if (before is null)
            return First;
        var now = Time.GetUtcNow();
        await using var command = Database.DataSource.CreateCommand(
            """
            WITH old AS (DELETE FROM process_samples WHERE at < $8)
            INSERT INTO process_samples (process_id, at, host, roles, version, started_at, figures) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = _process });
        command.Parameters.Add(new NpgsqlParameter { Value = now });
        command.Parameters.Add(new NpgsqlParameter { Value = Environment.MachineName });
        command.Parameters.Add(new NpgsqlParameter { Value = roles });
        command.Parameters.Add(new NpgsqlParameter { Value = version });
        command.Parameters.Add(new NpgsqlParameter { Value = _startedAt });
        command.Parameters.Add(new NpgsqlParameter { Value = JsonSerializer.Serialize(ProcessFigures.Between(before, after, elapsed), JsonSerializerOptions.Web), NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new NpgsqlParameter { Value = now - Retention });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return Interval;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

    [LoggerMessage(EventId = 2321, Level = LogLevel.Debug, Message = "How this process does could not be written down: {Reason}")]
    private partial void LogFailed(string reason);
}
