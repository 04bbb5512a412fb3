namespace Togglr.Statistics.Analysis;

/// <summary>Why something is recommended. The codes are stable.</summary>
public static class ReasonCode
{
    /// <summary>The variants hold not the shares of units that the plan gave them.</summary>
    public const string SampleRatioMismatch = "sampleRatioMismatch";

    /// <summary>Too many units were seen in several variants.</summary>
    public const string MixedAssignments = "mixedAssignments";

    /// <summary>No unit has been exposed, or the experiment has fewer than two variants with units.</summary>
    public const string NoData = "noData";

    /// <summary>The plan has no primary metric.</summary>
    public const string NoPrimaryMetric = "noPrimaryMetric";

    /// <summary>The minimum duration is not over.</summary>
    public const string BeforeMinimumDuration = "beforeMinimumDuration";

    /// <summary>The next look is not due.</summary>
    public const string WaitingForLook = "waitingForLook";

    /// <summary>A primary metric is better.</summary>
    public const string PrimaryBetter = "primaryBetter";

    /// <summary>A primary metric is worse.</summary>
    public const string PrimaryWorse = "primaryWorse";

    /// <summary>No primary metric shows a difference.</summary>
    public const string NotSignificant = "notSignificant";

    /// <summary>A guardrail is worse.</summary>
    public const string GuardrailFailed = "guardrailFailed";

    /// <summary>A guardrail has not excluded harm yet.</summary>
    public const string GuardrailInconclusive = "guardrailInconclusive";

    /// <summary>The last planned look has been taken.</summary>
    public const string PlanCompleted = "planCompleted";
}

/// <summary>What to know before believing a number. The codes are stable.</summary>
public static class WarningCode
{
    /// <summary>Between looks no p-value or interval is offered.</summary>
    public const string BetweenLooks = "betweenLooks";

    /// <summary>A number that came in is not finite, negative where it cannot be, or does not belong together; the comparison is left out.</summary>
    public const string InvalidInput = "invalidInput";

    /// <summary>Fewer than two units in an arm.</summary>
    public const string TooFewUnits = "tooFewUnits";

    /// <summary>Fewer than a hundred units in an arm: the normal approximation may be rough.</summary>
    public const string FewUnits = "fewUnits";

    /// <summary>Every unit has the same value, so nothing can be tested.</summary>
    public const string NoVariance = "noVariance";

    /// <summary>The denominator of a ratio is zero.</summary>
    public const string ZeroDenominator = "zeroDenominator";

    /// <summary>The control cannot be told apart from zero, so there is no bounded relative interval: use the absolute difference.</summary>
    public const string RelativeUnbounded = "relativeUnbounded";

    /// <summary>One unit makes up more than half of the variance: set a cap.</summary>
    public const string DominatedByOneUnit = "dominatedByOneUnit";

    /// <summary>No covariate varies, so the result is not adjusted.</summary>
    public const string CovariateWithoutVariance = "covariateWithoutVariance";

    /// <summary>The arms differed before the experiment (p &lt; 0.01).</summary>
    public const string PrePeriodImbalance = "prePeriodImbalance";

    /// <summary>The score interval and the test disagree at the border of significance; the test decides.</summary>
    public const string IntervalDisagrees = "intervalDisagrees";

    /// <summary>The intervals of all looks have nothing in common: the effect changed over time.</summary>
    public const string EmptyIntersection = "emptyIntersection";

    /// <summary>The effect points the other way than when it was found significant, so it decides nothing.</summary>
    public const string EffectReversed = "effectReversed";

    /// <summary>Probabilities under a prior do not make up for looking often.</summary>
    public const string BayesianPeeking = "bayesianPeeking";

    /// <summary>Strata in which an arm has fewer than two units are left out.</summary>
    public const string StrataTooSmall = "strataTooSmall";

    /// <summary>A variant with a weight of zero has units.</summary>
    public const string UnitsWithoutWeight = "unitsWithoutWeight";

    /// <summary>A variant of the data is not in the plan.</summary>
    public const string UnknownVariant = "unknownVariant";
}
