namespace Togglr.ControlPlane.Usage;

/// <summary>How the flags of an environment were used.</summary>
/// <param name="Environment">Key of the environment.</param>
/// <param name="Range"><c>1h</c>, <c>24h</c>, <c>7d</c> or <c>30d</c>.</param>
/// <param name="From">Start of the first step.</param>
/// <param name="StepSeconds">The length of a step.</param>
/// <param name="Steps">How many steps there are; the last one is not over yet.</param>
/// <param name="Total">All evaluations.</param>
/// <param name="Before">All evaluations in the time before, as long as this; 0 where nothing is kept of it.</param>
/// <param name="Users">About how many different users flags were evaluated for, in the hours (<c>1h</c>, <c>24h</c>) or days (UTC) that the range touches. Errs by 2 percent, and counts nobody without a targeting key.</param>
/// <param name="Reasons">Evaluations by reason, the most frequent first.</param>
/// <param name="States">How many flags are on and off.</param>
/// <param name="Outcomes">What applications told of how it ended.</param>
/// <param name="Flags">The flags that were used, the most evaluated first, at most 500.</param>
/// <param name="UnknownFlags">How many flags applications ask for that are not there.</param>
public sealed record AnalyticsView(
    string Environment, string Range, DateTimeOffset From, int StepSeconds, int Steps, long Total, long Before, long Users, IReadOnlyList<AnalyticsReasonView> Reasons,
    AnalyticsStatesView States, AnalyticsOutcomesView Outcomes, IReadOnlyList<AnalyticsFlagView> Flags, int UnknownFlags);

/// <summary>Evaluations for one reason.</summary>
/// <param name="Reason">As SDKs say it: <c>TARGETING_MATCH</c>.</param>
/// <param name="Total">All of them.</param>
/// <param name="Counts">By step.</param>
public sealed record AnalyticsReasonView(string Reason, long Total, IReadOnlyList<long> Counts);

/// <summary>How many flags of an environment are in which state; archived flags are in none.</summary>
/// <param name="Enabled">On.</param>
/// <param name="Disabled">Off.</param>
/// <param name="Killed">Off by the kill switch.</param>
public sealed record AnalyticsStatesView(int Enabled, int Disabled, int Killed);

/// <summary>What applications told of how it ended, by feedback.</summary>
/// <param name="Successes">How often well.</param>
/// <param name="Failures">How often not.</param>
/// <param name="Errors">How often with an error.</param>
/// <param name="SuccessRate">The share of successes in all of them, 0 to 1; null without feedback.</param>
public sealed record AnalyticsOutcomesView(long Successes, long Failures, long Errors, double? SuccessRate);

/// <summary>How a flag was used.</summary>
/// <param name="Key">Key of the flag.</param>
/// <param name="Name">Its name.</param>
/// <param name="Total">Evaluations.</param>
/// <param name="Before">Evaluations in the time before.</param>
/// <param name="Users">About how many different users.</param>
/// <param name="Outcomes">How it ended.</param>
public sealed record AnalyticsFlagView(string Key, string Name, long Total, long Before, long Users, AnalyticsOutcomesView Outcomes);

/// <summary>How a flag was used in an environment.</summary>
/// <param name="Flag">Key of the flag.</param>
/// <param name="Environment">Key of the environment.</param>
/// <param name="Range"><c>1h</c>, <c>24h</c>, <c>7d</c> or <c>30d</c>.</param>
/// <param name="From">Start of the first step.</param>
/// <param name="StepSeconds">The length of a step.</param>
/// <param name="Steps">How many steps there are; the last one is not over yet.</param>
/// <param name="Total">All evaluations.</param>
/// <param name="Before">All evaluations in the time before, as long as this.</param>
/// <param name="Users">About how many different users, see the figures of the environment.</param>
/// <param name="Series">By variant and reason, most frequent first.</param>
/// <param name="Variants">By variant, in their order; then those that the flag does not have (<c>*</c>) and none (null).</param>
/// <param name="Outcomes">How it ended.</param>
/// <param name="FirstEvaluatedAt">The first evaluation that was ever reported; null for none.</param>
/// <param name="LastEvaluatedAt">The last one.</param>
public sealed record FlagAnalyticsView(
    string Flag, string Environment, string Range, DateTimeOffset From, int StepSeconds, int Steps, long Total, long Before, long Users, IReadOnlyList<UsageSeriesView> Series,
    IReadOnlyList<AnalyticsVariantView> Variants, AnalyticsOutcomesView Outcomes, DateTimeOffset? FirstEvaluatedAt, DateTimeOffset? LastEvaluatedAt);

/// <summary>How a variant was served, and how that ended.</summary>
/// <param name="Variant">Key of the variant; null where nothing was given and the application's default held; <c>*</c> for names that are no variant of the flag.</param>
/// <param name="Total">Evaluations.</param>
/// <param name="Outcomes">How it ended; feedback that names no variant is in the flag's figures only.</param>
public sealed record AnalyticsVariantView(string? Variant, long Total, AnalyticsOutcomesView Outcomes);

/// <summary>Flags that applications ask for and that are not there.</summary>
/// <param name="Items">The one that was asked for last first; at most 200 for each environment.</param>
public sealed record UnknownFlagsView(IReadOnlyList<UnknownFlagView> Items);

/// <summary>A flag that applications ask for and that is not there: they use their defaults.</summary>
/// <param name="Environment">Key of the environment.</param>
/// <param name="Flag">The name that is asked for.</param>
/// <param name="Cause">What became of it.</param>
/// <param name="Similar">The flag that was probably meant; null where that cannot be told.</param>
/// <param name="Count">How often it was asked for since <paramref name="FirstAt"/>.</param>
/// <param name="FirstAt">When it was asked for first.</param>
/// <param name="LastAt">When it was asked for last.</param>
/// <param name="Sdk">The SDK that asked last, as it calls itself.</param>
public sealed record UnknownFlagView(string Environment, string Flag, UnknownFlagCause Cause, string? Similar, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt, string? Sdk);

/// <summary>Why a flag is not there.</summary>
public enum UnknownFlagCause
{
    /// <summary>The environment never had a flag of the name.</summary>
    NeverExisted,

    /// <summary>It was archived, and is asked for still.</summary>
    Archived,

    /// <summary>It was deleted, and is asked for still.</summary>
    Deleted,
}
