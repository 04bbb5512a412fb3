using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>Keeps the results of all experiments up to date.</summary>
internal sealed partial class AnalysisWorker(IServiceProvider services, ExperimentReader experiments, ExperimentAnalyst analyst, TimeProvider time, ILogger<AnalysisWorker> logger)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        foreach (var experiment in await experiments.ReadAsync(Time.GetUtcNow(), cancellationToken))
        {
            try
            {
                await analyst.RefreshAsync(experiment, cancellationToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // One experiment must not keep the others waiting; it is tried again.
                LogFailed(experiment.Key, failed.Message);
            }
        }
        await experiments.ForgetAsync(Time.GetUtcNow(), cancellationToken);
        return Interval;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed("*", failure.Message);

    [LoggerMessage(EventId = 2401, Level = LogLevel.Warning, Message = "The experiment {Experiment} could not be analysed and is tried again: {Reason}")]
    private partial void LogFailed(string experiment, string reason);
}
