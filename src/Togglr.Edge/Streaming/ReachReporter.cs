using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Messaging.Reach;

namespace Togglr.Edge.Streaming;

/// <summary>
/// Tells the control plane how far changes have come: a moment after each, then more and more seldom while streams are missing, for half a minute at most; and every few seconds that this edge is there.
/// Best effort: what cannot be told now is told with the next report.
/// </summary>
internal sealed partial class ReachReporter(PollingClients polling, TimeProvider time, ILogger<ReachReporter> logger, IEdgeReports? reports = null) : BackgroundService
{
    private const int MostKept = 1_000;
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Guid _edge = Guid.CreateVersion7();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly List<ReachOfRevision> _open = [];

    /// <inheritdoc />
    public override void Dispose()
    {
        _news.Dispose();
        base.Dispose();
    }

    /// <summary>Begins to follow a change.</summary>
    public void Follow(ReachOfRevision reach)
    {
        if (reports is null)
            return;
        lock (_gate)
        {
            if (_open.Count >= MostKept)
                _open.RemoveAt(0);
            _open.Add(reach);
            if (_news.CurrentCount == 0)
                _news.Release();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (reports is null)
            return;
        var (pause, told) = (TimeSpan.Zero, DateTimeOffset.MinValue);
        try
        {
            // At once: a change that comes before this edge is known would be everywhere without it.
            if (await TellAsync(reports, always: true, stoppingToken))
                told = time.GetUtcNow();
            while (true)
            {
                bool isOpen;
                lock (_gate)
                    isOpen = _open.Count > 0;
                if (await _news.WaitAsync(isOpen && pause > TimeSpan.Zero ? pause : told == DateTimeOffset.MinValue ? Longest : Heartbeat, stoppingToken))
                {
                    // Most streams have it within a moment.
                    pause = First;
                    await Task.Delay(pause, time, stoppingToken);
                }
                if (await TellAsync(reports, time.GetUtcNow() - told >= Heartbeat - First, stoppingToken))
                    told = time.GetUtcNow();
                pause = pause * 2 is var next && next < Longest ? next : Longest;
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task<bool> TellAsync(IEdgeReports target, bool always, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        ReachOfRevision[] open;
        lock (_gate)
            open = [.. _open];
        var counted = new Dictionary<Guid, (int, int)>();
        var told = new List<(ReachOfRevision Reach, (int, int)? Before)>();
        var news = new List<RevisionReach>();
        foreach (var reach in open)
        {
            var before = reach.Reported;
            if (!counted.TryGetValue(reach.Environment, out var clients))
                counted.Add(reach.Environment, clients = polling.Of(reach.Environment));
            if (reach.News(clients) is not { } item)
                continue;
            told.Add((reach, before));
            news.Add(item);
        }
        if (news.Count == 0 && !always)
        {
            Forget(open, now);
            return false;
        }
        try
        {
            await target.ReportAsync(new EdgeReport(_edge, now, news), cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            foreach (var (reach, before) in told)
                reach.Reported = before;
            LogFailed(exception.Message);
            return false;
        }
        Forget(open, now);
        return true;
    }

    /// <summary>What is done was told; what is not done by now will be told no more.</summary>
    private void Forget(ReachOfRevision[] open, DateTimeOffset now)
    {
        var over = open.Where(reach => (reach.IsDone && reach.IsTold) || now - reach.At > Patience).ToHashSet();
        if (over.Count == 0)
            return;
        lock (_gate)
            _open.RemoveAll(over.Contains);
    }

    [LoggerMessage(LogLevel.Debug, "How far changes have come cannot be reported now: {Error}")]
    private partial void LogFailed(string error);
}
