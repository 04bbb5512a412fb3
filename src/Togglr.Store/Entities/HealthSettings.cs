namespace Togglr.Store;

/// <summary>What happens when a flag fails.</summary>
public enum HealthAction
{
    /// <summary>It is shown.</summary>
    None,

    /// <summary>An incident is opened, which people are told of.</summary>
    Announce,

    /// <summary>The flag is switched off as well, at once.</summary>
    Disable,

    /// <summary>A change request asks for it to be switched off.</summary>
    Request,
}

/// <summary>How a flag that was switched off comes back.</summary>
/// <param name="AfterMinutes">How long after it was switched off, 1 to 10,080; twice as long after each trial that failed, a day at most.</param>
/// <param name="Share">To how many of 10,000 it is open during the trial, 1 to 5,000.</param>
/// <param name="Minutes">How long the trial takes, 1 to 1,440.</param>
/// <param name="Opens">Whether it is opened for everybody afterwards; else it stays as it is until somebody does.</param>
public sealed record HealthTrial(int AfterMinutes, int Share, int Minutes, bool Opens);

/// <summary>When errors are too many, and what happens then.</summary>
public sealed record HealthTerms
{
    /// <summary>What holds where nobody said anything.</summary>
    public static HealthTerms Default { get; } = new();

    /// <summary>The time over which errors are counted, 10 s to an hour.</summary>
    public int WindowSeconds { get; init; } = 60;

    /// <summary>With fewer evaluations in the window no rate is judged, 1 to 1,000,000,000.</summary>
    public long MinEvaluations { get; init; } = 100;

    /// <summary>The greatest share of evaluations that may bring errors, above 0 and at most 1; null: not judged.</summary>
    public double? MaxErrorRate { get; init; } = 0.05;

    /// <summary>So many errors in the window are too many, 1 to 1,000,000,000; null: not judged.</summary>
    public long? MaxErrors { get; init; }

    /// <summary>Whether seconds that are clearly worse are enough, before the window as a whole is.</summary>
    public bool JudgeBursts { get; init; } = true;

    /// <summary>What happens.</summary>
    public HealthAction Action { get; init; } = HealthAction.Announce;

    /// <summary>Whether reports with public keys count.</summary>
    public bool CountClients { get; init; }

    /// <summary>How it comes back by itself; null: it does not.</summary>
    public HealthTrial? Trial { get; init; }
}

/// <summary>Health settings of a project, of an environment of it, or of a flag in an environment: the nearest ones hold, as a whole.</summary>
public sealed class HealthSettings : Entity, IProjectOwned
{
    private HealthSettings()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The environment; null for all.</summary>
    public Guid? EnvironmentId { get; private set; }

    /// <summary>The flag; null for all.</summary>
    public Guid? FlagId { get; private set; }

    /// <inheritdoc cref="HealthTerms.WindowSeconds"/>
    public int WindowSeconds { get; private set; }

    /// <inheritdoc cref="HealthTerms.MinEvaluations"/>
    public long MinEvaluations { get; private set; }

    /// <inheritdoc cref="HealthTerms.MaxErrorRate"/>
    public double? MaxErrorRate { get; private set; }

    /// <inheritdoc cref="HealthTerms.MaxErrors"/>
    public long? MaxErrors { get; private set; }

    /// <inheritdoc cref="HealthTerms.JudgeBursts"/>
    public bool JudgeBursts { get; private set; }

    /// <inheritdoc cref="HealthTerms.Action"/>
    public HealthAction Action { get; private set; }

    /// <inheritdoc cref="HealthTerms.CountClients"/>
    public bool CountClients { get; private set; }

    /// <inheritdoc cref="HealthTrial.AfterMinutes"/>
    public int? TrialAfterMinutes { get; private set; }

    /// <inheritdoc cref="HealthTrial.Share"/>
    public int? TrialShare { get; private set; }

    /// <inheritdoc cref="HealthTrial.Minutes"/>
    public int? TrialMinutes { get; private set; }

    /// <inheritdoc cref="HealthTrial.Opens"/>
    public bool? TrialOpens { get; private set; }

    /// <summary>The part that people decide.</summary>
    public HealthTerms Terms => new()
    {
        WindowSeconds = WindowSeconds, MinEvaluations = MinEvaluations, MaxErrorRate = MaxErrorRate, MaxErrors = MaxErrors, JudgeBursts = JudgeBursts, Action = Action,
        CountClients = CountClients, Trial = TrialAfterMinutes is { } after ? new HealthTrial(after, TrialShare!.Value, TrialMinutes!.Value, TrialOpens!.Value) : null,
    };

    internal override string AuditPath => $"health-settings/{Id}";

    /// <summary>New settings; there are one at most for the same place.</summary>
    public static Result<HealthSettings> Create(Project project, ProjectEnvironment? environment, Flag? flag, HealthTerms terms)
    {
        if (flag?.ArchivedAt is not null)
            return Flag.ArchivedError;
        var settings = new HealthSettings { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, EnvironmentId = environment?.Id, FlagId = flag?.Id };
        var changed = settings.Change(terms);
        return changed.IsOk ? settings : changed.Error;
    }

    /// <summary>Changes everything that people decide.</summary>
    public Result Change(HealthTerms terms)
    {
        if (Fault(terms) is { } fault)
            return fault;
        (WindowSeconds, MinEvaluations, MaxErrorRate, MaxErrors, JudgeBursts) = (terms.WindowSeconds, terms.MinEvaluations, terms.MaxErrorRate, terms.MaxErrors, terms.JudgeBursts);
        (Action, CountClients) = (terms.Action, terms.CountClients);
        (TrialAfterMinutes, TrialShare, TrialMinutes, TrialOpens) = (terms.Trial?.AfterMinutes, terms.Trial?.Share, terms.Trial?.Minutes, terms.Trial?.Opens);
        return Result.Ok;
    }

    private static StoreError? Fault(HealthTerms terms) => terms switch
    {
        { WindowSeconds: < 10 or > 3600 } => Result.Invalid("windowSeconds", "A window has 10 to 3,600 seconds."),
        { MinEvaluations: < 1 or > 1_000_000_000 } => Result.Invalid("minEvaluations", "A number from 1 to 1,000,000,000 is needed."),
        { MaxErrorRate: not (null or (> 0 and <= 1)) } => Result.Invalid("maxErrorRate", "A share above 0 and up to 1 is needed."),
        { MaxErrors: < 1 or > 1_000_000_000 } => Result.Invalid("maxErrors", "A number from 1 to 1,000,000,000 is needed."),
        { MaxErrorRate: null, MaxErrors: null } => Result.Invalid("maxErrorRate", "Name a rate, a number of errors, or both."),
        { Trial: not null, Action: not HealthAction.Disable } => Result.Invalid("trial", "Only a flag that is switched off comes back by a trial."),
        { Trial.AfterMinutes: < 1 or > 10_080 } => Result.Invalid("trial/afterMinutes", "A trial begins after 1 to 10,080 minutes."),
        { Trial.Share: < 1 or > 5_000 } => Result.Invalid("trial/percentage", "A trial is for 0.01 to 50 %, in steps of 0.01."),
        { Trial.Minutes: < 1 or > 1_440 } => Result.Invalid("trial/minutes", "A trial takes 1 to 1,440 minutes."),
        _ => null,
    };
}
