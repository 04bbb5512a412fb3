using System.Text.Json;
using Togglr.Statistics.Bayesian;
using Togglr.Statistics.Comparisons;

namespace Togglr.Conformance.Statistics;

/// <summary>Posteriors of shares and of effects.</summary>
internal static class BayesianMethods
{
    internal static Dictionary<string, Func<JsonElement, object>> All { get; } = new(StringComparer.Ordinal)
    {
        ["beta_binomial"] = BetaBinomial,
        ["prob_best_beta"] = inputs => new { prob_best = BestArm.Probabilities([.. inputs.GetProperty("arms").EnumerateArray().Select(arm => Posterior(arm, inputs))]) },
        ["gaussian_effect"] = Gaussian,
    };

    private static BetaPosterior Posterior(JsonElement arm, JsonElement inputs)
    {
        var (count, successes) = (arm.Number("n"), arm.Number("successes"));
        return new BetaPosterior(inputs.Number("prior_alpha") + successes, inputs.Number("prior_beta") + count - successes);
    }

    private static object BetaBinomial(JsonElement inputs)
    {
        var (control, treatment, alpha) = (Posterior(inputs.GetProperty("control"), inputs), Posterior(inputs.GetProperty("treatment"), inputs), inputs.Number("alpha"));
        return new
        {
            posterior_control = new[] { control.A, control.B },
            posterior_treatment = new[] { treatment.A, treatment.B },
            posterior_mean_control = control.Mean,
            posterior_mean_treatment = treatment.Mean,
            prob_b_beats_a = PosteriorComparison.ChanceToBeat(control, treatment),
            expected_loss_a = PosteriorComparison.ExpectedLoss(control, treatment),
            expected_loss_b = PosteriorComparison.ExpectedLoss(treatment, control),
            credible_control = Methods.Ends(control.Credible(alpha)),
            credible_treatment = Methods.Ends(treatment.Credible(alpha)),
            credible_difference = Methods.Ends(PosteriorComparison.CredibleDifference(control, treatment, alpha)),
            credible_uplift = Methods.Ends(PosteriorComparison.CredibleUplift(control, treatment, alpha)),
        };
    }

    private static object Gaussian(JsonElement inputs)
    {
        var (control, treatment) = (inputs.GetProperty("control").Arm(), inputs.GetProperty("treatment").Arm());
        var isRelative = inputs.Text("difference") == "relative";
        var prior = inputs.Has("relative_prior")
            ? new NormalPrior(inputs.GetProperty("relative_prior").Number("mean"), inputs.GetProperty("relative_prior").Number("variance"))
            : null;
        var effect = isRelative ? RelativeLift.Delta(control, treatment) : Welch.Difference(control, treatment);
        var outcome = GaussianEffect.Of(effect, isRelative ? prior : prior?.Scaled(control.Value), inputs.Number("alpha"))!;
        return new
        {
            posterior_mean = outcome.Posterior.Mean,
            posterior_sd = outcome.Posterior.StandardDeviation,
            chance_to_win = outcome.ChanceToWin,
            credible_interval = Methods.Ends(outcome.Credible),
            risk = new[] { outcome.RiskOfControl, outcome.RiskOfTreatment },
        };
    }
}
