using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>Whose reports count.</summary>
public enum HealthSources
{
    /// <summary>Those with server keys.</summary>
    Server,

    /// <summary>Those with public keys as well: then strangers can have a say.</summary>
    All,
}

/// <summary>What happens when a trial went well.</summary>
public enum HealthTrialThen
{
    /// <summary>The flag is open for everybody again.</summary>
    Open,

    /// <summary>It stays open for the few until somebody decides.</summary>
    Ask,
}

/// <summary>How a flag that was switched off comes back.</summary>
public sealed record HealthTrialBody
{
    /// <summary>How long after it was switched off, 1 to 10,080 minutes; twice as long after each trial that failed, a day at most.</summary>
    public required int AfterMinutes { get; init; }

    /// <summary>To how many percent it is open during the trial, 0.01 to 50.</summary>
    public required double Percentage { get; init; }

    /// <summary>How long the trial takes, 1 to 1,440 minutes.</summary>
    public required int Minutes { get; init; }

    /// <summary>What happens when it went well; <c>ask</c> if absent.</summary>
    public HealthTrialThen? Then { get; init; }
}

/// <summary>When errors are too many, and what happens then. A rate, a number, or both.</summary>
public sealed record PutHealthSettingsRequest
{
    /// <summary>The time over which errors are counted, 10 to 3,600 s; 60 if absent.</summary>
    public int? WindowSeconds { get; init; }

    /// <summary>With fewer evaluations in the window no rate is judged; 100 if absent.</summary>
    public long? MinEvaluations { get; init; }

    /// <summary>The greatest share of evaluations that may bring errors, above 0 and at most 1.</summary>
    public double? MaxErrorRate { get; init; }

    /// <summary>So many errors in the window are too many.</summary>
    public long? MaxErrors { get; init; }

    /// <summary>Whether seconds that are clearly worse are enough, before the window as a whole is; true if absent.</summary>
    public bool? JudgeBursts { get; init; }

    /// <summary>What happens; <c>announce</c> if absent.</summary>
    public HealthAction? Action { get; init; }

    /// <summary>Whose reports count; <c>server</c> if absent.</summary>
    public HealthSources? Sources { get; init; }

    /// <summary>How a flag that was switched off comes back by itself; absent: it does not.</summary>
    public HealthTrialBody? Trial { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }

    internal HealthTerms Terms => new()
    {
        WindowSeconds = WindowSeconds ?? 60, MinEvaluations = MinEvaluations ?? 100, MaxErrorRate = MaxErrorRate, MaxErrors = MaxErrors, JudgeBursts = JudgeBursts ?? true,
        Action = Action ?? HealthAction.Announce, CountClients = Sources == HealthSources.All,
        Trial = Trial is { } trial ? new HealthTrial(trial.AfterMinutes, Share(trial.Percentage), trial.Minutes, trial.Then == HealthTrialThen.Open) : null,
    };

    /// <summary>Hundredths of a percent; 0, which is refused, for what is none.</summary>
    private static int Share(double percentage) =>
        percentage is > 0 and <= 50 && Math.Abs((percentage * 100) - Math.Round(percentage * 100)) < 1e-6 ? (int)Math.Round(percentage * 100) : 0;
}

/// <summary>When errors are too many, and what happens then.</summary>
/// <param name="Environment">The environment that says so; null for the project, or where nobody does.</param>
/// <param name="Flag">The flag for which it is said; null for all.</param>
/// <param name="WindowSeconds">The time over which errors are counted.</param>
/// <param name="MinEvaluations">With fewer evaluations in the window no rate is judged.</param>
/// <param name="MaxErrorRate">The greatest share of evaluations that may bring errors.</param>
/// <param name="MaxErrors">So many errors in the window are too many.</param>
/// <param name="JudgeBursts">Whether seconds that are clearly worse are enough.</param>
/// <param name="Action">What happens.</param>
/// <param name="Sources">Whose reports count.</param>
/// <param name="Trial">How a flag that was switched off comes back by itself.</param>
/// <param name="Version">Also the entity tag; 0 where nobody said anything.</param>
public sealed record HealthSettingsView(
    string? Environment, string? Flag, int WindowSeconds, long MinEvaluations, double? MaxErrorRate, long? MaxErrors, bool JudgeBursts, HealthAction Action, HealthSources Sources,
    HealthTrialBody? Trial, int Version)
{
    internal static HealthSettingsView Of(HealthTerms terms, string? environment, string? flag, int version) => new(
        environment, flag, terms.WindowSeconds, terms.MinEvaluations, terms.MaxErrorRate, terms.MaxErrors, terms.JudgeBursts, terms.Action,
        terms.CountClients ? HealthSources.All : HealthSources.Server,
        terms.Trial is { } trial
            ? new HealthTrialBody { AfterMinutes = trial.AfterMinutes, Percentage = trial.Share / 100.0, Minutes = trial.Minutes, Then = trial.Opens ? HealthTrialThen.Open : HealthTrialThen.Ask }
            : null,
        version);
}

/// <summary>All health settings of a project.</summary>
/// <param name="Project">What holds where nothing nearer is said.</param>
/// <param name="IsBuiltIn">Whether nobody said anything for the project.</param>
/// <param name="Environments">What environments say.</param>
/// <param name="Flags">What is said for flags in environments.</param>
public sealed record ProjectHealthSettingsView(HealthSettingsView Project, bool IsBuiltIn, IReadOnlyList<HealthSettingsView> Environments, IReadOnlyList<HealthSettingsView> Flags);

/// <summary>What the window shows of a variant.</summary>
/// <param name="Variant">The variant; null: the flag as a whole.</param>
/// <param name="Evaluations">How often it was served.</param>
/// <param name="Errors">How many errors were reported.</param>
/// <param name="ErrorRate">Errors by evaluations, 0 to 1.</param>
/// <param name="Level">How bad that is.</param>
public sealed record HealthFiguresView(string? Variant, long Evaluations, long Errors, double ErrorRate, HealthLevel Level);

/// <summary>A flag on the board.</summary>
/// <param name="Flag">Its key.</param>
/// <param name="Name">Its name.</param>
/// <param name="Environment">Where.</param>
/// <param name="State">How it does.</param>
/// <param name="Since">Since when; null where it was never otherwise.</param>
/// <param name="IsOn">Whether it is switched on and not killed.</param>
/// <param name="Evaluations">How often it was served in the window.</param>
/// <param name="Errors">How many errors were reported in the window.</param>
/// <param name="ErrorRate">Errors by evaluations, 0 to 1.</param>
/// <param name="WindowSeconds">The window.</param>
/// <param name="MaxErrorRate">The threshold.</param>
/// <param name="MaxErrors">The threshold.</param>
/// <param name="Action">What happens when it is exceeded.</param>
/// <param name="Incident">The number of the open incident.</param>
/// <param name="LastErrorAt">When the last error was delivered.</param>
public sealed record HealthRowView(
    string Flag, string Name, string Environment, HealthState State, DateTimeOffset? Since, bool IsOn, long Evaluations, long Errors, double ErrorRate, int WindowSeconds, double? MaxErrorRate,
    long? MaxErrors, HealthAction Action, int? Incident, DateTimeOffset? LastErrorAt);

/// <summary>How the flags of a project do, the worst first.</summary>
/// <param name="At">When.</param>
/// <param name="Items">Flags with errors or in trouble, then those that had errors before; at most 500.</param>
/// <param name="Counted">How many flags, by environment, were evaluated or had errors at all.</param>
/// <param name="HasErrors">Whether an error was ever reported.</param>
/// <param name="OpenIncidents">How many incidents are open.</param>
public sealed record HealthBoardView(DateTimeOffset At, IReadOnlyList<HealthRowView> Items, long Counted, bool HasErrors, int OpenIncidents);

/// <summary>How a flag does in an environment.</summary>
/// <param name="Environment">Where.</param>
/// <param name="State">How it does.</param>
/// <param name="Since">Since when; null where it was never otherwise.</param>
/// <param name="IsOn">Whether it is switched on and not killed.</param>
/// <param name="Whole">What the window shows.</param>
/// <param name="Variants">The same by variant.</param>
/// <param name="Settings">What holds.</param>
/// <param name="Source">From where that is.</param>
/// <param name="Incident">The number of the open incident.</param>
/// <param name="TrialAt">When it is tried again.</param>
/// <param name="TrialUntil">When the trial is over.</param>
/// <param name="LastErrorAt">When the last error was delivered.</param>
public sealed record FlagHealthView(
    string Environment, HealthState State, DateTimeOffset? Since, bool IsOn, HealthFiguresView Whole, IReadOnlyList<HealthFiguresView> Variants, HealthSettingsView Settings, HealthSettingsSource Source,
    int? Incident, DateTimeOffset? TrialAt, DateTimeOffset? TrialUntil, DateTimeOffset? LastErrorAt);

/// <summary>How a flag does everywhere.</summary>
/// <param name="Flag">The flag.</param>
/// <param name="Environments">In the project's order.</param>
public sealed record FlagHealthListView(string Flag, IReadOnlyList<FlagHealthView> Environments);

/// <summary>What was counted of a variant.</summary>
/// <param name="Variant">The variant; null: none was named.</param>
/// <param name="Evaluations">By step, the oldest first.</param>
/// <param name="Errors">By step, the oldest first.</param>
public sealed record HealthSeriesView(string? Variant, IReadOnlyList<long> Evaluations, IReadOnlyList<long> Errors);

/// <summary>Errors that say the same of themselves.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Message">What the last of them said.</param>
/// <param name="Count">How many of them were kept; of many in a second, the first are.</param>
/// <param name="LastAt">When the last came.</param>
public sealed record HealthErrorView(string Type, string Message, long Count, DateTimeOffset LastAt);

/// <summary>What was counted of a flag in an environment over the last minutes.</summary>
/// <param name="From">When the first step begins.</param>
/// <param name="StepSeconds">How long a step is.</param>
/// <param name="Steps">How many.</param>
/// <param name="Series">By variant.</param>
/// <param name="Errors">What the errors of that time were.</param>
public sealed record HealthSeriesListView(DateTimeOffset From, int StepSeconds, int Steps, IReadOnlyList<HealthSeriesView> Series, IReadOnlyList<HealthErrorView> Errors);
