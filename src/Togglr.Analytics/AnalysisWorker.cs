using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>Keeps the results of all experiments up to date.</summary>
internal sealed partial class AnalysisWorker(IServiceProvider services, ExperimentReader experiments, ExperimentAnalyst analyst, TimeProvider time, ILogger<AnalysisWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Without options the API is only described.
            if (services.GetService<StoreOptions>() is null)
                return;
            await services.GetRequiredService<TogglrDatabase>().Started.WaitAsync(stoppingToken);
            while (true)
            {
                await RefreshAllAsync(stoppingToken);
                await Task.Delay(Interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task RefreshAllAsync(CancellationToken cancel)
    {
        IReadOnlyList<AnalysedExperiment> found = [];
        try
        {
            found = await experiments.ReadAsync(time.GetUtcNow(), cancel);
        }
        catch (NpgsqlException failed)
        {
            LogFailed("*", failed.Message);
        }
        foreach (var experiment in found)
        {
            try
            {
                await analyst.RefreshAsync(experiment, cancel);
            }
            catch (Exception failed) when (failed is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                // One experiment must not keep the others waiting; it is tried again.
                LogFailed(experiment.Key, failed.Message);
            }
        }
    }

    [LoggerMessage(EventId = 2401, Level = LogLevel.Warning, Message = "The experiment {Experiment} could not be analysed and is tried again: {Reason}")]
    private partial void LogFailed(string experiment, string reason);
}
