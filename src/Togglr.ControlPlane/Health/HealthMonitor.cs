using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.Messaging.Health;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>
/// Watches environments in which errors come in. Any number of processes do so on one database: each looks at what it claims, and whatever it does about a flag is written together with the flag's
/// row, and only if nobody wrote that since it was read. The database's clock says what is due and how old everything is.
/// </summary>
internal sealed partial class HealthMonitor(
    IServiceProvider services, IServiceScopeFactory scopes, ChangeSignal signal, TimeProvider time, ILogger<HealthMonitor> logger) : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private const int AtOnce = 50;
    private const int FlagsAtOnce = 500;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Cleaning = TimeSpan.FromMinutes(1);

    private HealthWindows _windows = null!;
    private HealthClaims _claims = null!;
    private HealthRequests _requests = null!;
    private long _cleanedAt;

    /// <inheritdoc />
    protected override TimeSpan Pause => TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        _windows = services.GetRequiredService<HealthWindows>();
        _claims = new HealthClaims(Database);
        _requests = services.GetRequiredService<HealthRequests>();
        _cleanedAt = Time.GetTimestamp();
        if (services.GetService<HealthReporter>() is { } reporter)
            reporter.ErrorsDelivered = Ring;
        _ = WakeAsync(cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        var due = await _claims.TakeAsync(AtOnce, cancellationToken);
        foreach (var (organization, environment) in due)
            await _claims.PutBackAsync(environment, await WatchAsync(organization, environment, cancellationToken), cancellationToken);
        await _requests.MakeAsync(cancellationToken);
        if (Time.GetElapsedTime(_cleanedAt) > Cleaning)
        {
            await new HealthCleaning(Database).RunAsync(cancellationToken);
            _cleanedAt = Time.GetTimestamp();
        }
        return due.Count < AtOnce ? LongestSleep : TimeSpan.Zero;
    }

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

    /// <summary>Whoever switches a flag on again, or changes what is too much, is noticed at once.</summary>
    private async Task WakeAsync(CancellationToken cancel)
    {
        using var subscription = signal.Subscribe();
        try
        {
            await foreach (var notice in subscription.Notices.ReadAllAsync(cancel))
            {
                if (!notice.Resync && notice.Entity is not ("flag" or "health" or "incident"))
                    continue;
                try
                {
                    await _claims.WakeAsync(notice.Resync ? null : notice.ProjectId, cancel);
                    Ring();
                }
                catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed))
                {
                    // It is looked at in a few seconds anyway.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <summary>Looks at an environment; says when to look again, null: not before the next error.</summary>
    private async Task<TimeSpan?> WatchAsync(Guid organization, Guid environment, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(organization);
        if (await db.Environments.AsNoTracking().Where(row => row.Id == environment).Select(row => (Guid?)row.ProjectId).SingleOrDefaultAsync(cancel) is not { } project)
            return null;
        var terms = await EffectiveHealthTerms.ReadAsync(db, project, cancel);
        var rows = await db.FlagHealth.AsNoTracking().Where(row => row.EnvironmentId == environment && row.State != HealthState.Healthy).ToDictionaryAsync(row => row.FlagId, cancel);
        var trouble = await _windows.FlagsWithErrorsAsync(environment, terms.LongestWindow, cancel);
        Guid[] flags = [.. rows.Keys.Union(trouble)];
        if (flags.Length == 0)
            return null;
        foreach (var some in flags.Chunk(FlagsAtOnce))
            await JudgeAsync(db, environment, some, terms, cancel);
        // Those that are switched off change when somebody does something, or when it is time for a trial.
        return trouble.Count > 0 || rows.Values.Any(row => row.State != HealthState.Disabled) ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromSeconds(5);
    }

    private async Task JudgeAsync(TogglrDbContext db, Guid environment, Guid[] flags, EffectiveHealthTerms settings, CancellationToken cancel)
    {
        var rows = await db.FlagHealth.AsNoTracking().Where(row => row.EnvironmentId == environment && flags.Contains(row.FlagId)).ToDictionaryAsync(row => row.FlagId, cancel);
        var states = await db.FlagEnvironments.AsNoTracking().Include(row => row.Flag).Where(row => row.EnvironmentId == environment && flags.Contains(row.FlagId)).ToListAsync(cancel);
        var (now, slots) = await _windows.ReadAsync([environment], flags, Math.Max(settings.LongestWindow, HealthJudge.Horizon), cancel);
        foreach (var state in states)
        {
            var (terms, _, _) = settings.Of(environment, state.FlagId, state.Flag!.Tags);
            var row = rows.GetValueOrDefault(state.FlagId);
            List<HealthSlot> counted = slots.TryGetValue(new HealthPlace(state.FlagId, environment), out var found) ? found.ConvertAll(slot => slot.For(terms)) : [];
            var verdict = HealthJudge.Judge(counted, terms, HealthWindows.Known(row?.JudgedFrom, now));
            if (HealthStep.Decide(Facts(row, state), verdict, terms, now) is not { Move: not HealthMove.Stay } step)
                continue;
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<HealthSteps>().TakeAsync(state.OrganizationId, state.FlagId, environment, row?.Tick ?? 0, step, verdict, counted, terms, now, cancel);
        }
    }

    public static HealthFacts Facts(FlagHealth? row, FlagEnvironment state) => new(
        row?.State ?? HealthState.Healthy, row?.CalmSince, row?.IncidentId is not null, row?.TrialAt, row?.TrialUntil, state.Enabled && state.Flag!.ArchivedAt is null, state.Killed,
        HealthTrialRule.IsIn(state.Configuration));

    [LoggerMessage(3091, LogLevel.Warning, "Flags in which errors come in could not be looked at and are tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
