using System.Text.Json;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Distributions;
using Togglr.Statistics.Sequential;

namespace Togglr.Conformance.Statistics;

/// <summary>Group-sequential designs and inference that is valid at any time.</summary>
internal static class SequentialMethods
{
    internal static Dictionary<string, Func<JsonElement, object>> All { get; } = new(StringComparer.Ordinal)
    {
        ["pocock_boundary"] = inputs => Constant(inputs, ConstantDesign.Pocock),
        ["obrien_fleming_boundary"] = inputs => Constant(inputs, ConstantDesign.ObrienFleming),
        ["spending_boundary"] = Spending,
        ["naive_peeking_error"] = inputs => new { overall_type_1_error = GroupSequentialDesign.NaivePeekingError(inputs.Integer("looks"), inputs.Number("alpha_per_look")) },
        ["repeated_p_value"] = inputs => new { p_value = Design(inputs).RepeatedPValue(Fractions(inputs), inputs.Integer("current_look"), inputs.Number("z")) },
        ["inflation_factor"] = Inflation,
        ["msprt_normal"] = Mixture,
        ["msprt_sequence"] = MixtureSequence,
        ["asymptotic_confidence_sequence"] = Asymptotic,
        ["normal_mixture_bound"] = MixtureBound,
    };

    private static double[] Fractions(JsonElement inputs) =>
        inputs.Has("information_fractions") ? inputs.Numbers("information_fractions") : GroupSequentialDesign.EqualFractions(inputs.Integer("looks"));

    private static bool IsTwoSided(JsonElement inputs) => !inputs.Has("sides") || inputs.Integer("sides") == 2;

    private static GroupSequentialDesign Design(JsonElement inputs)
    {
        var name = inputs.Has("design") ? inputs.Text("design") : inputs.Text("spending_function");
        return name switch
        {
            "pocock" => ConstantDesign.Pocock,
            "obrien_fleming" => ConstantDesign.ObrienFleming,
            "lan_demets_obrien_fleming" => new SpendingDesign(new SpendingFunction(SpendingKind.LanDeMetsObrienFleming)),
            "lan_demets_pocock" => new SpendingDesign(new SpendingFunction(SpendingKind.LanDeMetsPocock)),
            "kim_demets_power" => new SpendingDesign(new SpendingFunction(SpendingKind.KimDeMetsPower, inputs.Number("parameter"))),
            "hwang_shih_decani" => new SpendingDesign(new SpendingFunction(SpendingKind.HwangShihDeCani, inputs.Number("parameter"))),
            _ => throw new NotSupportedException($"The design {name} is not known."),
        };
    }

    private static double[] NominalP(IReadOnlyList<double> criticalValues, bool isTwoSided) => [.. criticalValues.Select(value => isTwoSided ? Normal.TwoSided(value) : Normal.UpperTail(value))];

    private static object Constant(JsonElement inputs, ConstantDesign design)
    {
        var (fractions, alpha, isTwoSided) = (Fractions(inputs), inputs.Number("alpha"), IsTwoSided(inputs));
        var boundary = design.Boundary(fractions, alpha, isTwoSided);
        return new
        {
            constant = design.Constant(fractions, alpha, isTwoSided),
            critical_values = boundary.CriticalValues,
            nominal_p = NominalP(boundary.CriticalValues, isTwoSided),
            crossing_probability_h0 = boundary.Crossings.Select(crossing => crossing.Either),
            cumulative_alpha = boundary.Spent,
        };
    }

    private static object Spending(JsonElement inputs)
    {
        var boundary = Design(inputs).Boundary(Fractions(inputs), inputs.Number("alpha"), IsTwoSided(inputs));
        return new { cumulative_alpha_spent = boundary.Spent, critical_values = boundary.CriticalValues, nominal_p = NominalP(boundary.CriticalValues, IsTwoSided(inputs)) };
    }

    private static object Inflation(JsonElement inputs)
    {
        var outcome = Design(inputs).Inflation(Fractions(inputs), inputs.Number("alpha"), inputs.Number("power"), IsTwoSided(inputs));
        return new
        {
            inflation_factor = outcome.Factor,
            drift = outcome.Drift,
            favourable_rejection_probability_h1 = outcome.FavourableRejection,
            stopping_probability_h1 = outcome.Stopping,
            expected_sample_fraction_h1 = outcome.ExpectedFraction,
            expected_sample_vs_fixed_h1 = outcome.ExpectedVersusFixed,
        };
    }

    private static object Mixture(JsonElement inputs)
    {
        var outcome = MixtureTest.At(inputs.Number("estimate"), inputs.Number("standard_error"), inputs.Number("tau_squared"), inputs.Number("alpha"), inputs.Optional("null") ?? 0);
        return new { log_lambda = outcome.LogLambda, p_value = outcome.PValue, half_width = outcome.Interval.HalfWidth, ci = Methods.Ends(outcome.Interval) };
    }

    private static object MixtureSequence(JsonElement inputs)
    {
        var outcomes = inputs.GetProperty("looks").EnumerateArray().Select(look =>
        {
            var effect = Welch.Difference(look.GetProperty("control").Arm(), look.GetProperty("treatment").Arm());
            return MixtureTest.At(effect.Value, effect.StandardError, inputs.Number("tau_squared"), inputs.Number("alpha"));
        }).ToArray();
        var running = MixtureTest.Running(outcomes.Select(outcome => (outcome.PValue, outcome.Interval)));
        var rejection = running.TakeWhile(look => look.PValue > inputs.Number("alpha")).Count() + 1;
        return new
        {
            looks = outcomes.Zip(running, (look, soFar) => new
            {
                p_value = look.PValue,
                p_value_running = soFar.PValue,
                ci = Methods.Ends(look.Interval),
                ci_running = soFar.Interval is { } interval ? Methods.Ends(interval) : null,
            }),
            first_rejection_look = rejection <= outcomes.Length ? rejection : (int?)null,
        };
    }

    private static object Asymptotic(JsonElement inputs)
    {
        var (control, treatment, alpha) = (inputs.GetProperty("control").Arm(), inputs.GetProperty("treatment").Arm(), inputs.Number("alpha"));
        var effect = inputs.Text("difference") == "relative" ? RelativeLift.Delta(control, treatment) : Welch.Difference(control, treatment);
        var rho = ConfidenceSequence.Rho(alpha, inputs.Number("n_star"));
        var units = control.Count + treatment.Count;
        var half = ConfidenceSequence.HalfWidth(effect.StandardError, units, rho, alpha);
        return new
        {
            estimate = effect.Value,
            standard_error = effect.StandardError,
            rho,
            ci = Methods.Ends(Togglr.Statistics.Interval.Around(effect.Value, half)),
            half_width = half,
            p_value = ConfidenceSequence.PValue(effect.Value, effect.StandardError, units, rho),
            one_sided_half_width = ConfidenceSequence.OneSidedHalfWidth(effect.StandardError, units, inputs.Number("n_star"), alpha),
        };
    }

    private static object MixtureBound(JsonElement inputs)
    {
        var (v, alpha, best, bestAlpha) = (inputs.Number("v"), inputs.Number("alpha"), inputs.Number("v_opt"), inputs.Number("alpha_opt"));
        var rho = NormalMixtureBound.Rho(best, bestAlpha);
        return new { two_sided_bound = NormalMixtureBound.TwoSided(v, alpha, rho), one_sided_bound = NormalMixtureBound.OneSided(v, alpha, best, bestAlpha), rho };
    }
}
