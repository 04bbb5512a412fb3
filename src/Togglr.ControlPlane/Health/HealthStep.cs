using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>What is to be done about a flag.</summary>
internal enum HealthMove
{
    /// <summary>Nothing.</summary>
    Stay,

    /// <summary>It is in another state from now on.</summary>
    Enter,

    /// <summary>It has begun to do better than its state says.</summary>
    Calm,

    /// <summary>It does no better any more.</summary>
    Worry,

    /// <summary>It fails: what the settings say is done.</summary>
    Trip,

    /// <summary>It is well again: its incident is over.</summary>
    Recover,

    /// <summary>Somebody switched it on again.</summary>
    Reopened,

    /// <summary>Its time has come to be tried with a few.</summary>
    StartTrial,

    /// <summary>It failed with a few.</summary>
    FailTrial,

    /// <summary>It did well with a few.</summary>
    PassTrial,

    /// <summary>Somebody switched it off during a trial.</summary>
    AbandonTrial,
}

/// <summary>What is known about a flag in an environment.</summary>
/// <param name="State">Its state.</param>
/// <param name="CalmSince">Since when it has been better than that.</param>
/// <param name="HasIncident">Whether an incident is open.</param>
/// <param name="TrialAt">When the next trial begins.</param>
/// <param name="TrialUntil">When the trial is over.</param>
/// <param name="IsOn">Whether it is switched on, apart from the kill switch.</param>
/// <param name="IsKilled">Whether the kill switch is pulled.</param>
/// <param name="IsTried">Whether it is open for a few only.</param>
internal readonly record struct HealthFacts(
    HealthState State, DateTimeOffset? CalmSince, bool HasIncident, DateTimeOffset? TrialAt, DateTimeOffset? TrialUntil, bool IsOn, bool IsKilled, bool IsTried);

/// <summary>One step of a flag, decided from what is known and nothing else.</summary>
/// <param name="Move">What is to be done.</param>
/// <param name="To">The state that it leads to.</param>
internal readonly record struct HealthStep(HealthMove Move, HealthState To)
{
    /// <summary>Decides. Worse comes at once; better only after it has been better for a whole window, so that nothing flaps.</summary>
    public static HealthStep Decide(in HealthFacts facts, HealthVerdict verdict, HealthTerms terms, DateTimeOffset now) => facts.State switch
    {
        HealthState.Disabled when !facts.IsKilled => new(HealthMove.Reopened, HealthState.Degraded),
        HealthState.Disabled when facts is { IsOn: true, TrialAt: { } at } && at <= now && terms.Trial is not null => new(HealthMove.StartTrial, HealthState.Trial),
        HealthState.Disabled => new(HealthMove.Stay, HealthState.Disabled),
        HealthState.Trial => Try(facts, verdict, now),
        _ => Watch(facts, facts is { IsOn: true, IsKilled: false } ? verdict.Level : HealthLevel.Good, terms, now),
    };

    private static HealthStep Try(in HealthFacts facts, HealthVerdict verdict, DateTimeOffset now)
    {
        if (facts.IsKilled)
            return new(HealthMove.AbandonTrial, HealthState.Disabled);
        if (!facts.IsTried)
            return new(HealthMove.Reopened, HealthState.Degraded);
        if (!facts.IsOn)
            return new(HealthMove.Stay, HealthState.Trial);
        if (verdict.Level == HealthLevel.Bad)
            return new(HealthMove.FailTrial, HealthState.Disabled);
        // Nobody knows how it does as long as nobody has met it.
        return facts.TrialUntil <= now && verdict is { Level: HealthLevel.Good, Whole.Evaluations: > 0 } ? new(HealthMove.PassTrial, HealthState.Degraded) : new(HealthMove.Stay, HealthState.Trial);
    }

    private static HealthStep Watch(in HealthFacts facts, HealthLevel level, HealthTerms terms, DateTimeOffset now)
    {
        if (level == HealthLevel.Bad)
        {
            var isMore = facts.State != HealthState.Failing || terms.Action == HealthAction.Disable || (terms.Action != HealthAction.None && !facts.HasIncident);
            return isMore ? new(HealthMove.Trip, HealthState.Failing) : facts.CalmSince is null ? new(HealthMove.Stay, facts.State) : new(HealthMove.Worry, facts.State);
        }

        var fitting = level == HealthLevel.Poor ? HealthState.Degraded : HealthState.Healthy;
        if (fitting > facts.State)
            return new(HealthMove.Enter, fitting);
        if (fitting == facts.State)
            return facts.CalmSince is null ? new(HealthMove.Stay, fitting) : new(HealthMove.Worry, fitting);
        if (facts.CalmSince is not { } since)
            return new(HealthMove.Calm, facts.State);
        if (now - since < TimeSpan.FromSeconds(terms.WindowSeconds))
            return new(HealthMove.Stay, facts.State);
        return new(fitting == HealthState.Healthy && facts.HasIncident ? HealthMove.Recover : HealthMove.Enter, fitting);
    }
}
