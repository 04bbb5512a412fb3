namespace Togglr.ControlPlane.Usage;

/// <summary>How often the flags of a project were evaluated, in equal steps of time. Flags that were not are absent.</summary>
/// <param name="Environment">Key of the environment; null: all environments together.</param>
/// <param name="From">Start of the first step, a full hour (UTC).</param>
/// <param name="StepHours">The length of a step.</param>
/// <param name="Steps">How many steps there are, at most 48. The last one is not over yet.</param>
/// <param name="Total">All evaluations of all flags.</param>
/// <param name="Series">Evaluations of all flags by step.</param>
/// <param name="Flags">By the key of the flag.</param>
public sealed record UsageView(
    string? Environment, DateTimeOffset From, int StepHours, int Steps, long Total, IReadOnlyList<long> Series, IReadOnlyDictionary<string, UsageFlagView> Flags);

/// <summary>How often a flag was evaluated.</summary>
/// <param name="Total">Within all steps.</param>
/// <param name="Series">By step.</param>
/// <param name="LastEvaluatedAt">The last evaluation that was ever reported.</param>
public sealed record UsageFlagView(long Total, IReadOnlyList<long> Series, DateTimeOffset? LastEvaluatedAt);

/// <summary>What a flag gave in an environment, in equal steps of time.</summary>
/// <param name="Flag">Key of the flag.</param>
/// <param name="Environment">Key of the environment.</param>
/// <param name="From">Start of the first step.</param>
/// <param name="To">End of the last step.</param>
/// <param name="Step">The length of a step.</param>
/// <param name="Steps">How many steps there are.</param>
/// <param name="Total">All evaluations within.</param>
/// <param name="FirstEvaluatedAt">The first evaluation that was ever reported; null for none.</param>
/// <param name="LastEvaluatedAt">The last one.</param>
/// <param name="Series">By variant and reason, most frequent first.</param>
public sealed record FlagUsageView(
    string Flag, string Environment, DateTimeOffset From, DateTimeOffset To, UsageStep Step, int Steps, long Total, DateTimeOffset? FirstEvaluatedAt, DateTimeOffset? LastEvaluatedAt,
    IReadOnlyList<UsageSeriesView> Series);

/// <summary>How often one variant was given for one reason.</summary>
/// <param name="Variant">Key of the variant; null where nothing was given and the application's default held; <c>*</c> for names that are no variant of the flag.</param>
/// <param name="Reason">Why, as SDKs say it: <c>TARGETING_MATCH</c>.</param>
/// <param name="Total">Within all steps.</param>
/// <param name="Counts">By step.</param>
public sealed record UsageSeriesView(string? Variant, string Reason, long Total, IReadOnlyList<long> Counts);

/// <summary>The length of a step.</summary>
public enum UsageStep
{
    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day (UTC).</summary>
    Day,
}

/// <summary>What is happening in an environment right now, as far as this process sees it.</summary>
/// <param name="Environment">Key of the environment.</param>
/// <param name="IsLive">Whether this process serves SDKs or takes their reports; where others do, it sees nothing of them.</param>
/// <param name="Streams">SDKs that are connected and hear of changes at once.</param>
/// <param name="EvaluationsPerSecond">Over the last minute.</param>
/// <param name="StepSeconds">The length of a step of <paramref name="Recent"/>.</param>
/// <param name="Recent">Evaluations by step, the oldest first; the last step is not over yet.</param>
/// <param name="FirstEvaluatedAt">The first evaluation that was ever reported; null for none.</param>
/// <param name="LastEvaluatedAt">The last one.</param>
/// <param name="Sdk">The SDK that reported last, as it calls itself.</param>
public sealed record ConnectionsView(
    string Environment, bool IsLive, int Streams, double EvaluationsPerSecond, int StepSeconds, IReadOnlyList<long> Recent, DateTimeOffset? FirstEvaluatedAt, DateTimeOffset? LastEvaluatedAt,
    string? Sdk);

/// <summary>How far an application has come with being connected.</summary>
/// <param name="Flags">How many flags there are that are not archived.</param>
/// <param name="Environments">In their order.</param>
public sealed record OnboardingView(int Flags, IReadOnlyList<OnboardingEnvironmentView> Environments);

/// <summary>How far an environment is connected.</summary>
/// <param name="Environment">Key of the environment.</param>
/// <param name="ServerKeys">Keys for servers that work now.</param>
/// <param name="ClientKeys">Keys for browsers and apps that work now.</param>
/// <param name="KeyUsedAt">When one of its keys was used last.</param>
/// <param name="FirstEvaluatedAt">The first evaluation that was ever reported; null for none.</param>
/// <param name="LastEvaluatedAt">The last one.</param>
/// <param name="Sdk">The SDK that reported last, as it calls itself.</param>
public sealed record OnboardingEnvironmentView(
    string Environment, int ServerKeys, int ClientKeys, DateTimeOffset? KeyUsedAt, DateTimeOffset? FirstEvaluatedAt, DateTimeOffset? LastEvaluatedAt, string? Sdk);

/// <summary>Where a flag is in its life.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Reasons">Why it is stale; else empty.</param>
public sealed record LifecycleView(LifecycleStage Stage, IReadOnlyList<LifecycleReason> Reasons);

/// <summary>A stage in the life of a flag.</summary>
public enum LifecycleStage
{
    /// <summary>Created not long ago and not evaluated yet.</summary>
    New,

    /// <summary>In use.</summary>
    Active,

    /// <summary>Probably due to be removed; the reasons say why.</summary>
    Stale,

    /// <summary>Archived.</summary>
    Archived,
}

/// <summary>Why a flag is stale.</summary>
public enum LifecycleReason
{
    /// <summary>No evaluation was ever reported, and it is not new.</summary>
    NeverEvaluated,

    /// <summary>Evaluations have stopped.</summary>
    NotEvaluated,

    /// <summary>Everybody has got the same variant for a while.</summary>
    FullyRolledOut,

    /// <summary>It is older than expected.</summary>
    PastLifetime,
}
