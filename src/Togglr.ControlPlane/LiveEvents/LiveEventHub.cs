using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Access;
using Togglr.Store;

namespace Togglr.ControlPlane.LiveEvents;

/// <summary>Tells open pages about changes, whichever node made them, and asks regularly whether their owners may still see them.</summary>
internal sealed partial class LiveEventHub(ChangeSignal signal, IServiceScopeFactory scopes, TimeProvider time, ILogger<LiveEventHub> logger) : BackgroundService
{
    private const int LimitPerUser = 30;
    private const int Limit = 5_000;

    /// <summary>Notices that are told after one question about rights.</summary>
    private const int AtOnce = 256;
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<LiveConnection, string> _connections = new();
    private readonly ConcurrentDictionary<Guid, int> _perUser = new();

    /// <summary>Reserves a place; false when this person, or everybody together, has too many pages open.</summary>
    public bool TryReserve(Guid user)
    {
        if (_connections.Count >= Limit || _perUser.AddOrUpdate(user, 1, static (_, count) => count + 1) > LimitPerUser)
        {
            Free(user);
            return false;
        }
        return true;
    }

    /// <summary>Gives a reserved place back.</summary>
    public void Free(Guid user)
    {
        if (_perUser.AddOrUpdate(user, 0, static (_, count) => Math.Max(0, count - 1)) == 0)
            _perUser.TryRemove(new KeyValuePair<Guid, int>(user, 0));
    }

    /// <summary>Runs a connection until it ends.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="token">The access token that it was opened with, asked again from time to time.</param>
    /// <param name="aborted">The page went away.</param>
    public async Task RunAsync(LiveConnection connection, string token, CancellationToken aborted)
    {
        _connections.TryAdd(connection, token);
        try
        {
            await connection.RunAsync(aborted);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    /// <summary>Ends all connections: the server is about to stop.</summary>
    public void EndAll()
    {
        foreach (var (connection, _) in _connections)
            connection.End();
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(TellAsync(stoppingToken), RecheckAsync(stoppingToken));

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        using var subscription = signal.Subscribe();
        try
        {
            while (await subscription.Notices.WaitToReadAsync(cancellationToken))
            {
                var notices = new List<ChangeNotice>();
                while (notices.Count < AtOnce && subscription.Notices.TryRead(out var notice))
                    notices.Add(notice);
                // Something may have been missed: pages that connect again read everything anew.
                if (notices.Exists(static notice => notice.Resync))
                {
                    EndAll();
                    continue;
                }
                // Before anybody is told anything: whoever has just lost the right to hear it must not.
                var changes = notices.FindAll(static notice => notice.AccessChanged);
                if (changes.Count > 0)
                    await RecheckSurelyAsync(changes, cancellationToken);
                foreach (var change in notices.Select(static notice => new LiveEvent(notice)))
                {
                    foreach (var (connection, _) in _connections)
                        connection.Offer(change);
                }
            }
        }
        catch (OperationCanceledException)
        {
            EndAll();
        }
    }

    private async Task RecheckAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RecheckInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await RecheckAllAsync(about: null, cancellationToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // Nobody can be asked: pages stay open and are asked about the next time.
                    LogRecheckFailed(exception.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <summary>Asks about those whom changes of rights may concern; where nobody can be asked, they are cut off and ask again by themselves.</summary>
    private async Task RecheckSurelyAsync(IReadOnlyCollection<ChangeNotice> changes, CancellationToken cancellationToken)
    {
        try
        {
            await RecheckAllAsync(changes, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogRecheckFailed(exception.Message);
            foreach (var (connection, _) in _connections.Where(page => changes.Any(page.Key.Concerns)))
                connection.End();
        }
    }

    /// <summary>Asks what the owners of pages may do now: of all pages, or of those that changes of rights may concern.</summary>
    private async Task RecheckAllAsync(IReadOnlyCollection<ChangeNotice>? about, CancellationToken cancellationToken)
    {
        var pages = _connections.Where(page => about is null || about.Any(page.Key.Concerns)).ToList();
        if (pages.Count == 0)
            return;
        using var scope = scopes.CreateScope();
        var callers = scope.ServiceProvider.GetRequiredService<Callers>();
        var found = await callers.FindManyAsync([.. pages.Select(static page => page.Value).Distinct(StringComparer.Ordinal)], cancellationToken);
        foreach (var (connection, token) in pages)
        {
            if (found.TryGetValue(token, out var caller) && connection.MayGoOn(caller))
                connection.Recheck(caller);
            else
                connection.End();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The rights of open pages could not be checked: {Error}")]
    private partial void LogRecheckFailed(string error);
}
