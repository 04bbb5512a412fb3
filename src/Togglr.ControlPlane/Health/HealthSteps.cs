using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>
/// Does what was decided about a flag: in one transaction its state, the incident with its timeline, the switch and the audit entries. Whoever read an older row than there is now changes nothing.
/// </summary>
internal sealed partial class HealthSteps(TogglrDbContext db, ILogger<HealthSteps> logger)
{
    private static readonly ChangeActor Actor = ChangeActor.System("health");

    private readonly List<ChangePart> _parts = [];
    private Authority _authority = Authority.Direct;
    private int _told;

    /// <param name="organization">Whose flag.</param>
    /// <param name="flag">The flag.</param>
    /// <param name="environment">Where.</param>
    /// <param name="tick">The row as it was decided upon.</param>
    /// <param name="step">What was decided.</param>
    /// <param name="verdict">By what.</param>
    /// <param name="slots">By what.</param>
    /// <param name="terms">By what.</param>
    /// <param name="now">When, by the database's clock.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task TakeAsync(
        Guid organization, Guid flag, Guid environment, long tick, HealthStep step, HealthVerdict verdict, IReadOnlyCollection<HealthSlot> slots, HealthTerms terms, DateTimeOffset now, CancellationToken cancel)
    {
        db.UseOrganization(organization);
        var row = await db.FlagHealth.SingleOrDefaultAsync(item => item.FlagId == flag && item.EnvironmentId == environment, cancel);
        if ((row?.Tick ?? 0) != tick
            || await db.FlagEnvironments.Include(item => item.Flag).SingleOrDefaultAsync(item => item.FlagId == flag && item.EnvironmentId == environment, cancel) is not { } state)
            return;
        // What is on or off may have changed since it was judged: then it is judged again.
        if (HealthStep.Decide(HealthMonitor.Facts(row, state), verdict, terms, now) != step)
            return;
        if (row is null)
            db.FlagHealth.Add(row = FlagHealth.Of(state, now));
        var incident = row.IncidentId is { } id ? await db.Incidents.SingleOrDefaultAsync(item => item.Id == id, cancel) : null;
        await DoAsync(row, state, incident, step, verdict, slots, terms, now, cancel);
        await CommitAsync(row, state, cancel);
    }

    /// <summary>Changes what is tracked.</summary>
    private async Task DoAsync(
        FlagHealth row, FlagEnvironment state, Incident? incident, HealthStep step, HealthVerdict verdict, IReadOnlyCollection<HealthSlot> slots, HealthTerms terms, DateTimeOffset now, CancellationToken cancel)
    {
        switch (step.Move)
        {
            case HealthMove.Enter:
                Enter(row, step.To, now);
                break;
            case HealthMove.Calm:
                row.Calm(true, now);
                Tell(incident, "recovering", "Errors have become fewer.", now);
                break;
            case HealthMove.Worry:
                row.Calm(false, now);
                break;
            case HealthMove.Trip:
                await TripAsync(row, state, incident, verdict.Finding!, slots, terms, now, cancel);
                break;
            case HealthMove.Recover:
                Enter(row, HealthState.Healthy, now);
                Resolve(row, incident, $"Errors have been few for {terms.WindowSeconds} s.", now);
                break;
            case HealthMove.Reopened:
                Reopen(row, state, incident, "Somebody switched the flag on again; it is watched from here on.", "flag.trial_ended", now);
                break;
            case HealthMove.StartTrial:
                StartTrial(row, state, incident, terms.Trial!, now);
                break;
            case HealthMove.FailTrial:
                Shut(row, state, incident, verdict.Finding!, terms, now);
                Tell(incident, "failed", $"The trial failed: {HealthTexts.Of(verdict.Finding!)}", now);
                break;
            case HealthMove.PassTrial:
                PassTrial(row, state, incident, terms, now);
                break;
            case HealthMove.AbandonTrial:
                Enter(row, HealthState.Disabled, now);
                row.Try(null);
                Tell(incident, "disabled", "Somebody switched the flag off during the trial; it stays off until somebody switches it on.", now);
                break;
        }
    }

    private async Task TripAsync(
        FlagHealth row, FlagEnvironment state, Incident? incident, HealthFinding found, IReadOnlyCollection<HealthSlot> slots, HealthTerms terms, DateTimeOffset now, CancellationToken cancel)
    {
        // Switching it off would give everybody the very variant that fails.
        var off = state.OffVariant ?? state.Flag!.OffVariant;
        var measure = found.Variant is { } variant && variant == off && terms.Action != HealthAction.None ? HealthAction.Announce : terms.Action;
        var opened = incident is null && measure != HealthAction.None ? await OpenAsync(row, state, found, measure, slots, now, cancel) : null;
        if (opened is null && incident is not null && measure == HealthAction.Disable && incident.Measure != measure)
        {
            incident.Escalate(measure);
            _parts.Add(new ChangePart("incident.updated", HealthTexts.Key(incident), incident.Id, [incident]));
        }

        if (measure != HealthAction.Disable)
        {
            Enter(row, HealthState.Failing, now);
            return;
        }

        if (incident is not null)
            Tell(incident, "failed", $"It fails again: {HealthTexts.Of(found)}", now);
        Shut(row, state, opened ?? incident, found, terms, now);
    }

    private async Task<Incident> OpenAsync(
        FlagHealth row, FlagEnvironment state, HealthFinding found, HealthAction measure, IReadOnlyCollection<HealthSlot> slots, DateTimeOffset now, CancellationToken cancel)
    {
        var number = 1 + (await db.Incidents.Where(item => item.ProjectId == state.ProjectId).MaxAsync(item => (int?)item.Number, cancel) ?? 0);
        var incident = Incident.Open(state, state.Flag!.Key, number, found, measure, HealthWindows.BeganAt(slots, found, now), now);
        db.Incidents.Add(incident);
        row.Belong(incident.Id);
        _parts.Add(new ChangePart("incident.opened", HealthTexts.Key(incident), incident.Id, [incident]) { Reason = HealthTexts.Of(found) });
        Tell(incident, "opened", HealthTexts.Of(found), now);
        return incident;
    }

    /// <summary>Switches the flag off, past any approval: it only ever takes away.</summary>
    private void Shut(FlagHealth row, FlagEnvironment state, Incident? incident, HealthFinding found, HealthTerms terms, DateTimeOffset now)
    {
        var why = $"Switched off by the watch over errors: {HealthTexts.Of(found)}";
        state.Kill(why, null, now);
        _authority = Authority.Emergency;
        // The rule of a trial stays until the flag is opened again, so that nothing but the kill switch is touched now.
        _parts.Add(new ChangePart("flag.auto_disabled", state.Flag!.Key, state.FlagId, [state]) { Reason = why });
        Enter(row, HealthState.Disabled, now);
        row.Trip(terms.Trial, now);
        Tell(incident, "disabled", row.TrialAt is { } at ? $"The flag is switched off. It is tried again from {at:u} on." : "The flag is switched off, until somebody switches it on.", now);
    }

    private void StartTrial(FlagHealth row, FlagEnvironment state, Incident? incident, HealthTrial trial, DateTimeOffset now)
    {
        state.Revive();
        var configured = state.Configure(HealthTrialRule.Add(state.Configuration, trial.Share));
        if (!configured.IsOk)
        {
            // It cannot be tried as it is now; people decide.
            db.Entry(state).State = EntityState.Unchanged;
            row.Try(null);
            Tell(incident, "trial", $"No trial is possible: {configured.Error.Message}", now);
            return;
        }

        _authority = Authority.Scheduled();
        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The flag is tried with {trial.Share / 100.0:0.##} % for {trial.Minutes} minutes.");
        _parts.Add(new ChangePart("flag.trial_started", state.Flag!.Key, state.FlagId, [state]) { Reason = text });
        Enter(row, HealthState.Trial, now);
        row.JudgeFrom(now);
        row.Try(now.AddMinutes(trial.Minutes));
        Tell(incident, "trial", text, now);
    }

    private void PassTrial(FlagHealth row, FlagEnvironment state, Incident? incident, HealthTerms terms, DateTimeOffset now)
    {
        if (terms.Trial is not { Opens: true })
        {
            row.Try(null);
            Tell(incident, "trial", "The trial went well. The flag stays open for the few until somebody opens it for everybody: take the rule of the trial away.", now);
            return;
        }

        Reopen(row, state, incident, "The trial went well: the flag is open for everybody again, and watched.", "flag.trial_passed", now);
    }

    /// <summary>Takes the rule of a trial away, if it is there, and watches from now on.</summary>
    private void Reopen(FlagHealth row, FlagEnvironment state, Incident? incident, string text, string action, DateTimeOffset now)
    {
        if (HealthTrialRule.IsIn(state.Configuration) && state.Configure(HealthTrialRule.Remove(state.Configuration)).IsOk)
        {
            _authority = Authority.Scheduled();
            _parts.Add(new ChangePart(action, state.Flag!.Key, state.FlagId, [state]) { Reason = text });
        }

        Enter(row, HealthState.Degraded, now);
        row.JudgeFrom(now);
        row.Try(null);
        Tell(incident, "reopened", text, now);
    }

    private void Resolve(FlagHealth row, Incident? incident, string why, DateTimeOffset now)
    {
        row.Belong(null);
        if (incident is null || !incident.Resolve(why, null, now).IsOk)
            return;
        _parts.Add(new ChangePart("incident.resolved", HealthTexts.Key(incident), incident.Id, [incident]) { Reason = why });
        Tell(incident, "resolved", why, now);
    }

    private void Enter(FlagHealth row, HealthState state, DateTimeOffset now)
    {
        if (row.Enter(state, now) is { } transition)
            db.HealthTransitions.Add(transition);
    }

    private void Tell(Incident? incident, string kind, string text, DateTimeOffset now)
    {
        // What happens together is told in its order.
        if (incident is not null)
            db.IncidentEvents.Add(incident.Event(Actor, kind, text, now.AddMicroseconds(_told++)));
    }

    private async Task CommitAsync(FlagHealth row, FlagEnvironment state, CancellationToken cancel)
    {
        var first = _parts.Count > 0 ? _parts[0] : new ChangePart("health.changed", state.Flag!.Key, state.FlagId, []);
        try
        {
            var committed = await db.CommitAsync(
                new Change(Actor, first.Action, first.EntityKey)
                {
                    EntityId = first.EntityId, Project = await db.Projects.SingleAsync(item => item.Id == state.ProjectId, cancel), Environment = state.EnvironmentKey, Reason = first.Reason,
                    Parts = _parts, Authority = _authority,
                },
                cancel);
            if (!committed.IsOk && committed.Error.Code is not (ErrorCodes.PreconditionFailed or ErrorCodes.AlreadyExists or ErrorCodes.Unavailable))
                LogRefused(state.Flag!.Key, state.EnvironmentKey, row.State, committed.Error.Message);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another process was quicker.
        }
        catch (DbUpdateException failed) when (failed.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
        {
            // Another process wrote the first row.
        }
    }

    [LoggerMessage(3092, LogLevel.Error, "The health of {Flag} in {Environment} should be {State} and cannot be: {Reason}")]
    private partial void LogRefused(string flag, string environment, HealthState state, string reason);
}
