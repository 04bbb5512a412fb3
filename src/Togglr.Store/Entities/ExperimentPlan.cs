using System.Globalization;

namespace Togglr.Store;

/// <summary>What a metric is for in an experiment.</summary>
public enum MetricRole
{
    /// <summary>It decides.</summary>
    Primary,

    /// <summary>It explains.</summary>
    Secondary,

    /// <summary>It must not get worse.</summary>
    Guardrail,
}

/// <summary>How evidence is judged while it comes in.</summary>
public enum AnalysisMethod
{
    /// <summary>One look, at the end.</summary>
    Fixed,

    /// <summary>Planned looks with equal boundaries.</summary>
    Pocock,

    /// <summary>Planned looks with boundaries that are strict at first.</summary>
    ObrienFleming,

    /// <summary>Looks at any information, alpha spent as by O'Brien and Fleming.</summary>
    LanDeMets,

    /// <summary>A look at any time.</summary>
    AlwaysValid,

    /// <summary>Probabilities under a prior; looking often is not made up for.</summary>
    Bayesian,
}

/// <summary>A metric of an experiment.</summary>
/// <param name="Metric">Key of the metric.</param>
/// <param name="Role">What it is for.</param>
/// <param name="MinimumEffect">The smallest relative effect that matters, 0.05 for 5 %; null where nothing was said.</param>
/// <param name="Margin">With a guardrail: by how much it may be worse, relative, 0.01 for 1 %.</param>
public sealed record PlannedMetric(string Metric, MetricRole Role, double? MinimumEffect = null, double? Margin = null);

/// <summary>What is believed of the relative effect before anything was seen: a normal distribution.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="Deviation">Its standard deviation.</param>
public sealed record EffectPrior(double Mean, double Deviation);

/// <summary>How an experiment is judged. Never changes once it was started.</summary>
public sealed record ExperimentPlan
{
    /// <summary>Most metrics.</summary>
    public const int MaximumMetrics = 50;

    /// <summary>Most dimensions.</summary>
    public const int MaximumDimensions = 5;

    /// <summary>Most planned looks.</summary>
    public const int MaximumLooks = 50;

    /// <summary>What is measured; to be started, an experiment needs a primary metric.</summary>
    public IReadOnlyList<PlannedMetric> Metrics { get; init; } = [];

    /// <summary>The probability of finding an effect where there is none.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>The probability of finding the smallest effect that matters.</summary>
    public double Power { get; init; } = 0.8;

    /// <summary>How evidence is judged while it comes in.</summary>
    public AnalysisMethod Method { get; init; } = AnalysisMethod.Fixed;

    /// <summary>The days after the start on which is looked, growing; the last is the end. None for methods that may be looked at at any time.</summary>
    public IReadOnlyList<int> LookDays { get; init; } = [14];

    /// <summary>What is believed before, with <see cref="AnalysisMethod.Bayesian"/>.</summary>
    public EffectPrior? Prior { get; init; }

    /// <summary>Nothing is shipped before so many days.</summary>
    public int MinimumDays { get; init; } = 7;

    /// <summary>Whether what units did before their first exposure is used to reduce variance.</summary>
    public bool Cuped { get; init; } = true;

    /// <summary>How many days before the first exposure are looked at for that.</summary>
    public int CupedDays { get; init; } = 14;

    /// <summary>Attributes of exposures by whose values results are broken down.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>One of the dimensions: effects are estimated within its values and weighted by how many units have them, which takes away chance imbalances.</summary>
    public string? StratifyBy { get; init; }

    /// <summary>Whether looks are planned.</summary>
    public bool HasLooks => Method is AnalysisMethod.Fixed or AnalysisMethod.Pocock or AnalysisMethod.ObrienFleming or AnalysisMethod.LanDeMets;

    internal StoreError? Fault()
    {
        if (Alpha is not (>= 0.0001 and <= 0.5))
            return Result.Invalid("plan/alpha", "Alpha is between 0.0001 and 0.5.");
        if (Power is not (>= 0.5 and <= 0.999))
            return Result.Invalid("plan/power", "Power is between 0.5 and 0.999.");
        if (MinimumDays is < 0 or > 365)
            return Result.Invalid("plan/minimumDays", "The minimum is 0 to 365 days.");
        if (CupedDays is < 1 or > 90)
            return Result.Invalid("plan/cupedDays", "1 to 90 days before can be looked at.");
        if (Prior is not (null or { Mean: >= -10 and <= 10, Deviation: > 0 and <= 10 }))
            return Result.Invalid("plan/prior", "A prior is a mean between -10 and 10 and a deviation above 0 and at most 10, both relative.");
        if (Prior is not null && Method != AnalysisMethod.Bayesian)
            return Result.Invalid("plan/prior", "Only the Bayesian method has a prior.");
        return LooksFault() ?? MetricsFault() ?? DimensionsFault();
    }

    private StoreError? DimensionsFault()
    {
        if (Dimensions.Count > MaximumDimensions)
            return Result.Invalid("plan/dimensions", $"Results are broken down by at most {MaximumDimensions} attributes.");
        for (var i = 0; i < Dimensions.Count; i++)
        {
            var at = $"plan/dimensions/{i.ToString(CultureInfo.InvariantCulture)}";
            if (Dimensions[i] is null or "" or { Length: > 100 })
                return Result.Invalid(at, "The name of an attribute has 1 to 100 characters.");
            if (KeyFormat.Text(Dimensions[i], at) is { } fault)
                return fault;
            if (Dimensions.Take(i).Contains(Dimensions[i], StringComparer.Ordinal))
                return Result.Invalid(at, "An attribute is named once.");
        }
        return StratifyBy is null || Dimensions.Contains(StratifyBy, StringComparer.Ordinal) ? null : Result.Invalid("plan/stratifyBy", "Stratify by one of the dimensions.");
    }

    private StoreError? LooksFault()
    {
        if (!HasLooks)
            return LookDays.Count == 0 ? null : Result.Invalid("plan/lookDays", "With this method there are no planned looks: look at any time.");
        if (Method == AnalysisMethod.Fixed && LookDays.Count != 1)
            return Result.Invalid("plan/lookDays", "With a fixed plan there is one look, at the end.");
        if (LookDays.Count is 0 or > MaximumLooks)
            return Result.Invalid("plan/lookDays", $"1 to {MaximumLooks} looks are planned.");
        for (var i = 0; i < LookDays.Count; i++)
        {
            if (LookDays[i] is < 1 or > 365 || (i > 0 && LookDays[i] <= LookDays[i - 1]))
                return Result.Invalid($"plan/lookDays/{i.ToString(CultureInfo.InvariantCulture)}", "Looks are on growing days from 1 to 365.");
        }

        return LookDays[^1] >= MinimumDays ? null : Result.Invalid("plan/minimumDays", "The last look comes after the minimum duration.");
    }

    private StoreError? MetricsFault()
    {
        if (Metrics.Count > MaximumMetrics)
            return Result.Invalid("plan/metrics", $"An experiment has at most {MaximumMetrics} metrics.");
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Metrics.Count; i++)
        {
            var (metric, role, effect, margin) = Metrics[i];
            var at = $"plan/metrics/{i.ToString(CultureInfo.InvariantCulture)}";
            if (!KeyFormat.IsSegmentKey(metric))
                return Result.Invalid($"{at}/metric", "The key of a metric is needed.");
            if (!known.Add(metric))
                return Result.Invalid($"{at}/metric", "A metric is named once.");
            if (effect is not (null or (> 0 and <= 10)))
                return Result.Invalid($"{at}/minimumEffect", "An effect is relative, above 0 and at most 10.");
            if (margin is not (null or (>= 0 and <= 1)))
                return Result.Invalid($"{at}/margin", "A margin is relative, 0 to 1.");
            if (margin is not null && role != MetricRole.Guardrail)
                return Result.Invalid($"{at}/margin", "Only a guardrail has a margin.");
        }

        return null;
    }
}
