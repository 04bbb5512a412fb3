using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;
using Togglr.Messaging.Sampling;
using Togglr.Store;
using EnvironmentState = Togglr.Store.EnvironmentState;

namespace Togglr.ControlPlane.Publishing;

/// <summary>
/// Brings what is committed to the <see cref="ConfigurationHub"/>, and with that to every edge: one patch for each environment and however many
/// commits there were since the last one. Signals only say where to look; what is published is always read from the database by revision, so
/// lost, repeated and reordered signals do no harm, and any number of control planes on one database publish the same.
/// </summary>
internal sealed partial class SnapshotPublisher(
    SnapshotReader snapshots, SamplingReader sampling, UnitKeyReader unitKeys, ContextSampleStore samples, ChangeSignal signal, ConfigurationHub hub, TimeProvider time, ILogger<SnapshotPublisher> logger) : BackgroundService
{
    /// <summary>Everything is compared this often although nothing was heard.</summary>
    private static readonly TimeSpan FullCheckInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(5);

    private readonly PendingChanges _pending = new();
    private FrozenDictionary<Guid, Messaging.Configuration.SdkKey[]>? _keys;
    private FrozenDictionary<Guid, SamplingTerms>? _terms;
    private FrozenDictionary<Guid, UnitKey>? _units;

    /// <inheritdoc />
    public override void Dispose()
    {
        _pending.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var listening = FollowSignalAsync(stoppingToken);
        var delay = FirstDelay;
        while (!stoppingToken.IsCancellationRequested)
        {
            var work = await _pending.TakeAsync(FullCheckInterval, time, stoppingToken);
            if (stoppingToken.IsCancellationRequested)
                break;
            try
            {
                await PublishAsync(work, stoppingToken);
                delay = FirstDelay;
                continue;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                LogFailed(exception.Message, delay.TotalSeconds);
            }
            _pending.AddEverything();
            await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LastDelay ? delay * 2 : LastDelay;
        }
        await listening;
    }

    private async Task FollowSignalAsync(CancellationToken cancellationToken)
    {
        using var subscription = signal.Subscribe();
        try
        {
            await foreach (var notice in subscription.Notices.ReadAllAsync(cancellationToken))
                _pending.Add(notice);
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    private async Task PublishAsync(PendingWork work, CancellationToken cancellationToken)
    {
        var published = hub.Revisions();
        if (work.Everything)
        {
            await PublishEverythingAsync(published, work, cancellationToken);
            return;
        }
        foreach (var (id, change) in work.Environments)
        {
            if (!published.TryGetValue(id, out var revision))
            {
                // New: its names are not known yet.
                await PublishEverythingAsync(published, work, cancellationToken);
                return;
            }
            if (revision < change.Revision)
                await PublishPatchAsync(id, revision, change, cancellationToken);
        }
        foreach (var id in work.Removed)
            hub.Publish(new RemovedMessage(id));
        if (work.Keys)
            await PublishKeysAsync(cancellationToken);
        if (!work.Sampling)
            return;
        await PublishSamplingAsync(cancellationToken);
        await PublishUnitKeysAsync(cancellationToken);
    }

    private async Task PublishEverythingAsync(Dictionary<Guid, long> published, PendingWork work, CancellationToken cancellationToken)
    {
        var environments = await snapshots.ListEnvironmentsAsync(cancellationToken);
        foreach (var environment in environments)
        {
            var change = work.Environments.GetValueOrDefault(environment.Id);
            if (!published.Remove(environment.Id, out var revision))
                await PublishWholeAsync(environment, change, cancellationToken);
            else if (revision != environment.Revision && !await PublishPatchAsync(environment.Id, revision, change, cancellationToken))
                await PublishWholeAsync(environment, change, cancellationToken);
        }
        foreach (var gone in published.Keys)
            hub.Publish(new RemovedMessage(gone));
        await PublishKeysAsync(cancellationToken);
        await PublishSamplingAsync(cancellationToken);
        await PublishUnitKeysAsync(cancellationToken);
        if (hub.IsComplete)
            return;
        hub.MarkComplete();
        LogComplete(environments.Count);
    }

    private async Task PublishWholeAsync(EnvironmentState environment, PendingChange change, CancellationToken cancellationToken)
    {
        // Deleted in the meantime: the next signal says so.
        if (await snapshots.ReadAsync(environment.Id, null, cancellationToken) is not { } snapshot)
            return;
        var identity = new EnvironmentIdentity(environment.Id, environment.Organization, environment.Project, environment.ProjectId, environment.Environment);
        hub.Publish(new EnvironmentMessage(identity, EnvironmentDocument.Parse(snapshot.Utf8), change.CommittedAt(snapshot.Revision)));
    }

    private async Task<bool> PublishPatchAsync(Guid id, long from, PendingChange change, CancellationToken cancellationToken)
    {
        if (await snapshots.ReadPatchAsync(id, from, cancellationToken) is not { } patch)
        {
            // Gone, or set back to an earlier state (a restored backup): the next round compares everything.
            if (change.Revision > 0)
                _pending.AddEverything();
            return false;
        }
        if (patch.Revision > from)
            hub.Publish(new PatchMessage(id, EnvironmentPatch.Parse(patch.Utf8), change.CommittedAt(patch.Revision)));
        return true;
    }

    private async Task PublishKeysAsync(CancellationToken cancellationToken)
    {
        var valid = await snapshots.ListKeysAsync(time.GetUtcNow(), cancellationToken);
        var keys = new Dictionary<Guid, List<Messaging.Configuration.SdkKey>>();
        foreach (var key in valid)
        {
            if (!SdkKeyHash.TryParse(key.Hash, out var hash))
                continue;
            if (!keys.TryGetValue(key.EnvironmentId, out var list))
                keys.Add(key.EnvironmentId, list = []);
            list.Add(new Messaging.Configuration.SdkKey(hash, key.Kind == Store.SdkKeyKind.Server ? Messaging.Configuration.SdkKeyKind.Server : Messaging.Configuration.SdkKeyKind.Client, key.ExpiresAt)
            {
                RateLimit = key.RateLimit,
                Origins = key.Origins is { } origins ? string.Join(' ', origins) : null,
            });
        }
        if (_keys is not null && Same(_keys, keys))
            return;
        _keys = keys.ToFrozenDictionary(static pair => pair.Key, static pair => pair.Value.ToArray());
        hub.Publish(new KeysMessage(_keys));
    }

    private async Task PublishSamplingAsync(CancellationToken cancellationToken)
    {
        var terms = await sampling.ReadAsync(cancellationToken);
        if (_terms is { } known && known.Count == terms.Count && terms.All(pair => known.TryGetValue(pair.Key, out var same) && same.IsSame(pair.Value)))
            return;
        // First, so that whoever hears of new terms finds nothing that was taken under the old ones.
        await samples.RemoveOthersAsync(terms.ToDictionary(static pair => pair.Key, static pair => pair.Value.Stamp), cancellationToken);
        _terms = terms;
        hub.Publish(new SamplingMessage(terms));
    }

    private async Task PublishUnitKeysAsync(CancellationToken cancellationToken)
    {
        var keys = await unitKeys.ReadAsync(cancellationToken);
        if (_units is { } known && known.Count == keys.Count && keys.All(pair => known.TryGetValue(pair.Key, out var same) && same.IsSame(pair.Value)))
            return;
        _units = keys;
        hub.Publish(new UnitKeysMessage(keys));
    }

    private static bool Same(FrozenDictionary<Guid, Messaging.Configuration.SdkKey[]> before, Dictionary<Guid, List<Messaging.Configuration.SdkKey>> after)
    {
        if (before.Count != after.Count)
            return false;
        foreach (var (id, keys) in after)
        {
            if (!before.TryGetValue(id, out var known) || !known.AsSpan().SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(keys)))
                return false;
        }
        return true;
    }

    [LoggerMessage(LogLevel.Information, "Publishing {Count} environments")]
    private partial void LogComplete(int count);

    [LoggerMessage(LogLevel.Warning, "Changes could not be read ({Error}); edges keep what they have, trying again in {Seconds} s")]
    private partial void LogFailed(string error, double seconds);
}
