using System.Text.Json;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Moments;

namespace Togglr.Conformance.Statistics;

/// <summary>Reads the inputs of a statistics vector in the shapes that its schema allows.</summary>
public static class VectorInputs
{
    public static double Number(this JsonElement inputs, string name) => inputs.GetProperty(name).GetDouble();

    public static int Integer(this JsonElement inputs, string name) => inputs.GetProperty(name).GetInt32();

    public static string Text(this JsonElement inputs, string name) => inputs.GetProperty(name).GetString()!;

    public static bool Has(this JsonElement inputs, string name) => inputs.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public static double? Optional(this JsonElement inputs, string name) => inputs.Has(name) ? inputs.Number(name) : null;

    public static double[] Numbers(this JsonElement inputs, string name) => inputs.GetProperty(name).Numbers();

    public static double[] Numbers(this JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetDouble())];

    public static long[] Longs(this JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt64())];

    public static double[][] Rows(this JsonElement inputs, string name) => [.. inputs.GetProperty(name).EnumerateArray().Select(row => row.Numbers())];

    /// <summary><c>{n, mean, variance}</c>, <c>{n, sum, sum_squares}</c> or <c>{values}</c>.</summary>
    public static SampleMoments Moments(this JsonElement arm)
    {
        if (arm.Has("values") && arm.GetProperty("values").ValueKind == JsonValueKind.Array)
            return SampleMoments.Of(arm.Numbers("values"));
        var count = arm.GetProperty("n").GetInt64();
        return arm.Has("mean")
            ? SampleMoments.FromVariance(count, arm.Number("mean"), arm.Number("variance"))
            : SampleMoments.FromSums(count, arm.Number("sum"), arm.Number("sum_squares"));
    }

    /// <summary>The same, or a proportion <c>{n, successes}</c> with the variance p(1 − p).</summary>
    public static ArmEstimate Arm(this JsonElement arm) => arm.Has("successes") ? arm.Proportion().Estimate : ArmEstimate.Of(arm.Moments());

    public static Proportion Proportion(this JsonElement arm) => new(arm.GetProperty("n").GetInt64(), arm.GetProperty("successes").GetInt64());

    /// <summary>Two quantities of the same units, as sums or as values.</summary>
    public static JointMoments Joint(this JsonElement arm, string first, string second)
    {
        if (arm.Has(first))
        {
            var (x, y) = (arm.GetProperty(first), arm.GetProperty(second));
            return JointMoments.FromSums(
                x.GetProperty("n").GetInt64(), x.Number("sum"), x.Number("sum_squares"), y.Number("sum"), y.Number("sum_squares"), arm.Number($"{first}_{second}_sum_of_products"));
        }
        var values = arm.GetProperty("values");
        return JointMoments.Of([.. values.Numbers(first).Zip(values.Numbers(second), (x, y) => new[] { x, y })]);
    }
}
