using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.Statistics.Bandits;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// Keeps what algorithms serve in step with what came back. What was counted is in the database and only grows, and from it every process computes the same, so several may: the first one's weights are
/// committed, and the others find that there is nothing to do.
/// </summary>
internal sealed partial class BanditManager(IServiceProvider services, IServiceScopeFactory scopes, BanditStore store, UnitSettling units, CountFolding folding, TimeProvider time, ILogger<BanditManager> logger)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    /// <summary>Shares that moved by less are not worth a new version in every snapshot.</summary>
    private const double Worthwhile = 0.005;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FoldInterval = TimeSpan.FromHours(1);

    private DateTimeOffset? _foldedAt;

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        var bandits = await store.ReadAsync(cancellationToken);
        foreach (var bandit in bandits)
            await TryRenewAsync(bandit, cancellationToken);
        if (_foldedAt is null || Time.GetUtcNow() - _foldedAt >= FoldInterval)
        {
            _foldedAt = Time.GetUtcNow();
            await folding.FoldAsync(bandits, Time.GetUtcNow(), cancellationToken);
        }
        return Interval;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed("*", failure.Message);

    private async Task TryRenewAsync(LiveBandit bandit, CancellationToken cancel)
    {
        try
        {
            if (bandit.Metric is { } metric && bandit.IsRested(Time.GetUtcNow()))
                await units.SettleAsync(bandit, metric, Time.GetUtcNow(), cancel);
            if (bandit.IsDue(Time.GetUtcNow()))
                await RenewAsync(bandit, cancel);
        }
        catch (Exception failed) when (failed is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // One must not keep the others waiting; it is tried again.
            LogFailed(bandit.Flag, failed.Message);
        }
    }

    private async Task RenewAsync(LiveBandit bandit, CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        var cells = await store.CountsAsync(bandit, now, cancel);
        var numbers = bandit.Numbers;
        List<BanditCell> learned = [.. cells.Select(cell => new BanditCell(cell.Features, [.. cell.Arms.Select(arm => arm.Learned)]))];
        var decisions = BanditPolicy.Decide(numbers, learned, withProbabilities: true);
        var outcomes = bandit.Design.Arms.Select((_, arm) => (double)cells.Sum(cell => cell.Arms[arm].Served.Outcomes + cell.Arms[arm].HeldOut.Outcomes));
        var (table, number) = (bandit.Table, bandit.Number);
        if (!bandit.Design.Paused && (bandit.Learned || BanditPolicy.Needed(numbers, outcomes) == 0))
        {
            var next = new WeightTable(bandit.Design.Arms, cells.Zip(decisions).ToDictionary(pair => pair.First.Key, pair => WeightTable.Rounded(pair.Second.Weights), StringComparer.Ordinal));
            if (!bandit.Learned || next.DistanceTo(table) >= Worthwhile)
            {
                if (await CommitAsync(bandit, next, cancel) is not { } committed)
                    return;
                (table, number) = (next, committed);
            }
        }
        var weights = cells.Select(cell => (IReadOnlyList<double>)[.. bandit.Design.Arms.Select(arm => table.ShareOf(cell.Key, arm))]).ToList();
        await store.WriteAsync(bandit, BanditReport.Of(numbers, bandit.Design.Arms, cells, decisions, weights), number, now, cancel);
    }

    /// <summary>Makes the weights what is served, by the way of every change. Null where somebody else was there first.</summary>
    private async Task<long?> CommitAsync(LiveBandit bandit, WeightTable table, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(bandit.OrganizationId);
        if (await db.AlgorithmWeights.SingleOrDefaultAsync(row => row.AlgorithmId == bandit.Id && row.Number == bandit.Number, cancel) is not { } weights)
            return null;
        weights.Renew(table, learned: true, db.Now);
        db.AlgorithmSteps.Add(weights.Step(bandit.Generation));
        var project = await db.Projects.SingleAsync(row => row.Id == bandit.ProjectId, cancel);
        var committed = await db.CommitAsync(
            new Change(ChangeActor.System("algorithm"), "algorithm.weighted", bandit.Flag)
            {
                EntityId = bandit.Id, Project = project, Environment = bandit.Environment, Authority = Authority.Scheduled(),
            },
            cancel);
        if (committed.IsOk)
            return weights.Number;
        if (committed.Error.Code != ErrorCodes.PreconditionFailed)
            LogFailed(bandit.Flag, committed.Error.Message);
        return null;
    }

    [LoggerMessage(EventId = 2411, Level = LogLevel.Warning, Message = "The algorithm of {Flag} could not be renewed and is tried again: {Reason}")]
    private partial void LogFailed(string flag, string reason);
}
