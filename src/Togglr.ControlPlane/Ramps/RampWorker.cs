using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.Store;

namespace Togglr.ControlPlane.Ramps;

/// <summary>Takes ramps to their next step and watches them. As with schedules, the database's clock says what is due and the commit settles who does it.</summary>
internal sealed partial class RampWorker(IServiceProvider services, IServiceScopeFactory scopes, RampMetrics metrics, ChangeSignal signal, TimeProvider time, ILogger<RampWorker> logger)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    /// <summary>The most observations of one ramp; of more, every second goes.</summary>
    private const int MostObservations = 1000;

    private const int AtOnce = 100;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        RingFor(signal, static notice => notice.Entity is "ramp", cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        var (now, due, next) = await ReadAsync(Database, cancellationToken);
        foreach (var (organization, ramp) in due)
            await RunAsync(organization, ramp, now, cancellationToken);
        return due.Count > 0 ? TimeSpan.Zero : next is { } wait && wait < LongestSleep ? wait : LongestSleep;
    }

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

    private static async Task<(DateTimeOffset Now, List<(Guid Organization, Guid Ramp)> Due, TimeSpan? Next)> ReadAsync(TogglrDatabase database, CancellationToken cancel)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT organization_id, ramp_id FROM ramp_clocks WHERE due_at <= now() ORDER BY due_at LIMIT {AtOnce}"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT now(), (SELECT min(due_at) FROM ramp_clocks WHERE due_at > now()) - now()"));
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var due = new List<(Guid, Guid)>();
        while (await reader.ReadAsync(cancel))
            due.Add((reader.GetGuid(0), reader.GetGuid(1)));
        await reader.NextResultAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetFieldValue<DateTimeOffset>(0), due, await reader.IsDBNullAsync(1, cancel) ? null : reader.GetFieldValue<TimeSpan>(1));
    }

    private async Task RunAsync(Guid organization, Guid id, DateTimeOffset now, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(organization);
        // The clock first: whoever moves the ramp after this moves it, and then the commit is refused.
        if (await db.RampClocks.SingleOrDefaultAsync(row => row.RampId == id && row.DueAt <= now, cancel) is not { } clock || await db.Ramps.SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } ramp)
            return;
        var state = await db.FlagEnvironments.Include(row => row.Flag).SingleAsync(row => row.FlagId == ramp.FlagId && row.EnvironmentId == ramp.EnvironmentId, cancel);
        var trouble = await WatchAsync(db, scope.ServiceProvider.GetRequiredService<IRampGuard>(), ramp, now, cancel);
        var window = state.Enabled ? null : await WindowAsync(db, ramp, cancel);
        var (action, reason) = ramp.PausedByWindow ? GoOn(ramp, state, window, now) : Move(ramp, state, trouble, window, now);
        clock.Set(ramp, now);
        if (await CommitAsync(db, ramp, state, action, reason, cancel) is { Code: not (ErrorCodes.PreconditionFailed or ErrorCodes.Unavailable) } refused)
            await HaltAsync(organization, id, refused.Message, now, cancel);
    }

    /// <summary>The name of the schedule whose open window alone has the flag off; null where something else has.</summary>
    private static Task<string?> WindowAsync(TogglrDbContext db, Ramp ramp, CancellationToken cancel) =>
        (from clock in db.ScheduleClocks
         where clock.FlagId == ramp.FlagId && clock.EnvironmentId == ramp.EnvironmentId && clock.WindowEnables == false && clock.BaseEnabled == true
         join schedule in db.Schedules on clock.WindowId equals schedule.Id
         select schedule.Name).SingleOrDefaultAsync(cancel);

    /// <summary>What is in the way of a ramp, apart from the flag being off.</summary>
    private static string? Hindrance(Ramp ramp, FlagEnvironment state) => state.Flag!.ArchivedAt is not null ? "The flag is archived."
        : state.Killed ? "The kill switch is pulled."
        : !ramp.IsUntouched(state) ? "Somebody changed by hand what the ramp serves."
        : null;

    /// <summary>What happens to a ramp that stood for a window.</summary>
    private static (string Action, string Reason) GoOn(Ramp ramp, FlagEnvironment state, string? window, DateTimeOffset now)
    {
        if (Hindrance(ramp, state) is { } hindrance)
            return Halt(ramp, hindrance, now);
        if (window is not null)
            return ("ramp.watched", "");
        if (!state.Enabled)
            return Halt(ramp, "The flag is off.", now);
        var resumed = ramp.Resume(state, now);
        return resumed.IsOk ? ("ramp.resumed", "The window is over, and the flag is on again.") : Halt(ramp, resumed.Error.Message, now);
    }

    /// <summary>What happens to the ramp now.</summary>
    private static (string Action, string Reason) Move(Ramp ramp, FlagEnvironment state, string? trouble, string? window, DateTimeOffset now)
    {
        var hindrance = Hindrance(ramp, state) ?? (state.Enabled ? null : "The flag is off.");
        if (window is not null && trouble is null && Hindrance(ramp, state) is null)
        {
            var wait = $"The window “{window}” has the flag off; the ramp goes on by itself when it is over.";
            ramp.PauseForWindow(wait, now);
            return ("ramp.paused", wait);
        }
        if (trouble is not null && hindrance is null && ramp.Watch!.RollsBack)
            return ramp.RollBack(state, trouble, now).IsOk ? ("ramp.rolledback", trouble) : Halt(ramp, trouble, now);
        if ((trouble ?? hindrance) is { } why)
            return Halt(ramp, why, now);
        if (!(ramp.HoldUntil <= now))
            return ("ramp.watched", "");
        var moved = ramp.HoldIsOver(state, now);
        if (!moved.IsOk)
            return Halt(ramp, moved.Error.Message, now);
        return ramp.State switch
        {
            RampState.Waiting => ("ramp.waiting", "The step is over; it waits for an approval."),
            RampState.Completed => ("ramp.completed", $"Everybody of the last step has {ramp.ToVariant}."),
            _ => ("ramp.stepped", FormattableString.Invariant($"Step {ramp.Step + 1} of {ramp.StepList.Count}: {ramp.StepList[ramp.Step].Share / 100.0:0.##} % {ramp.ToVariant}")),
        };
    }

    private static (string Action, string Reason) Halt(Ramp ramp, string why, DateTimeOffset now)
    {
        ramp.Pause(why, now);
        return ("ramp.paused", why);
    }

    private static async Task<StoreError?> CommitAsync(TogglrDbContext db, Ramp ramp, FlagEnvironment state, string action, string reason, CancellationToken cancel)
    {
        var parts = new List<ChangePart>();
        if (db.Entry(state).State == EntityState.Modified)
            parts.Add(new ChangePart("flag.configured", ramp.FlagKey, ramp.FlagId, [state]) { Reason = $"Ramp: {reason}"[..Math.Min(1000, reason.Length + 6)] });
        if (db.Entry(ramp).State == EntityState.Modified)
            parts.Add(new ChangePart(action, ramp.FlagKey, ramp.Id, [ramp]) { Reason = reason[..Math.Min(1000, reason.Length)] });
        try
        {
            var project = await db.Projects.SingleAsync(row => row.Id == ramp.ProjectId, cancel);
            var first = parts.Count > 0 ? parts[0] : new ChangePart(action, ramp.FlagKey, ramp.Id, []);
            var committed = await db.CommitAsync(
                new Change(ChangeActor.System("ramp"), first.Action, first.EntityKey)
                {
                    EntityId = first.EntityId, Project = project, Environment = ramp.EnvironmentKey, Parts = parts, Authority = Authority.Scheduled(),
                },
                cancel);
            return committed.IsOk ? null : committed.Error;
        }
        catch (DbUpdateConcurrencyException)
        {
            return new StoreError(ErrorCodes.PreconditionFailed, "Somebody else was there first.");
        }
    }

    /// <summary>What was refused by the database is told to people, and does not come again and again.</summary>
    private async Task HaltAsync(Guid organization, Guid id, string why, DateTimeOffset now, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(organization);
        var ramp = await db.Ramps.SingleAsync(row => row.Id == id, cancel);
        var clock = await db.RampClocks.SingleAsync(row => row.RampId == id, cancel);
        var state = await db.FlagEnvironments.Include(row => row.Flag).SingleAsync(row => row.FlagId == ramp.FlagId && row.EnvironmentId == ramp.EnvironmentId, cancel);
        Halt(ramp, why, now);
        clock.Set(ramp, now);
        await CommitAsync(db, ramp, state, "ramp.paused", why, cancel);
    }

    /// <summary>Keeps what is seen, and says what speaks against going on.</summary>
    private async Task<string?> WatchAsync(TogglrDbContext db, IRampGuard numbers, Ramp ramp, DateTimeOffset now, CancellationToken cancel)
    {
        if (ramp.Watch is not { } guard || ramp.State == RampState.Paused)
            return null;
        var before = await db.RampObservations.Where(row => row.RampId == ramp.Id).OrderBy(row => row.At).ToListAsync(cancel);
        var seen = RampWatch.Observe(ramp, guard, await numbers.ReadAsync(ramp, cancel), before, now);
        db.RampObservations.Add(seen);
        // Those at which the share changed stay, because every share is judged by itself.
        if (before.Count >= MostObservations)
            db.RampObservations.RemoveRange(before.Index().Where(row => row.Index % 2 == 1 && row.Index + 1 < before.Count && before[row.Index + 1].Step == row.Item.Step && before[row.Index - 1].Step == row.Item.Step).Select(row => row.Item));
        return (before.Count == 0 ? null : RampWatch.Verdict(guard, before[0], seen)) ?? (guard.Metrics ? await metrics.FindHarmAsync(ramp, cancel) : null);
    }

    [LoggerMessage(3072, LogLevel.Warning, "Ramps that are due could not go on and are tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
