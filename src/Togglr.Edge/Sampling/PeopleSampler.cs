using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Sampling;

namespace Togglr.Edge.Sampling;

/// <summary>
/// Keeps, where an environment asks for it, contexts of a sample of its people and hands them to the control plane every few seconds. Best effort: nothing here may make an evaluation
/// slower or fail, and what cannot be handed on for long is lost.
/// </summary>
internal sealed partial class PeopleSampler(ConfigurationReplica replica, TimeProvider time, ILogger<PeopleSampler> logger, IContextSamples? samples = null) : BackgroundService
{
    /// <summary>Contexts in one report: a few megabytes.</summary>
    private const int MostInReport = 2_000;

    /// <summary>Reports that wait for a control plane that does not answer.</summary>
    private const int MostUnsent = 20;

    /// <summary>An edge of very many environments looks at these, in no particular order.</summary>
    private const int MostEnvironments = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Queue<List<SampleBatch>> _unsent = new();

    /// <summary>Looks at a context that was evaluated.</summary>
    public void Offer(EnvironmentReplica environment, ReadOnlySpan<byte> targetingKey, ReadOnlySpan<byte> body, bool isFlat)
    {
        if (samples is null || environment.Sampling is not { } terms)
            return;
        var sample = Of(terms);
        // Who has no key cannot be recognised, and counts as somebody new each time.
        var rank = targetingKey.IsEmpty ? Random.Shared.NextInt64(SamplingTerms.RankEnd) : terms.RankOf(targetingKey);
        if (sample.Wants(rank))
            sample.Take(rank, targetingKey, body, isFlat, time.GetUtcNow());
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (samples is null)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await HandOnAsync(samples, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The host stops; people are seen again.
        }
    }

    private static PeopleSample Of(SamplingTerms terms) => terms.View(static terms => new PeopleSample(terms));

    private async Task HandOnAsync(IContextSamples target, CancellationToken cancellationToken)
    {
        Collect(time.GetUtcNow());
        try
        {
            while (_unsent.TryPeek(out var report))
            {
                await target.ReportAsync(report, cancellationToken);
                _unsent.Dequeue();
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception.Message);
        }
    }

    private void Collect(DateTimeOffset now)
    {
        var (report, count, environments) = (new List<SampleBatch>(), 0, 0);
        foreach (var environment in replica.Environments)
        {
            if (environment.Sampling is not { } terms || environments++ >= MostEnvironments || Of(terms).Drain(environment.Id, now) is not { } batch)
                continue;
            foreach (var part in batch.Contexts.Chunk(MostInReport))
            {
                if (count > 0 && count + part.Length > MostInReport)
                {
                    Add(report);
                    (report, count) = ([], 0);
                }
                report.Add(batch with { Contexts = part });
                count += part.Length;
            }
        }
        if (count > 0)
            Add(report);
    }

    private void Add(List<SampleBatch> report)
    {
        if (_unsent.Count >= MostUnsent)
            _unsent.Dequeue();
        _unsent.Enqueue(report);
    }

    [LoggerMessage(LogLevel.Debug, "Sampled contexts cannot be handed on now: {Error}")]
    private partial void LogFailed(string error);
}
