using Npgsql;
using Togglr.Statistics.Analysis;
using Togglr.Statistics.Moments;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>Moments of one metric over some units. Quantities: value, what it is divided by, value before the exposure.</summary>
/// <param name="Means">The means.</param>
/// <param name="Products">The centred products, row by row.</param>
/// <param name="Least">No value is smaller.</param>
/// <param name="Most">No value is greater.</param>
/// <param name="Capped">Units whose value was cut.</param>
internal sealed record MetricMoments(double[] Means, double[] Products, double Least, double Most, long Capped);

/// <summary>Units with one variant and one value of a dimension.</summary>
/// <param name="Dimension">Its place in the plan, from 1; 0: the whole.</param>
/// <param name="Value">The value.</param>
/// <param name="Variant">The variant.</param>
/// <param name="Units">How many.</param>
/// <param name="Metrics">In the order of <see cref="ValueColumns.Metrics"/>.</param>
internal sealed record GroupMoments(int Dimension, string Value, string Variant, long Units, MetricMoments[] Metrics)
{
    /// <summary>Reads a row of <see cref="ValueColumns.Moments"/>: the same units as one of the whole and one of each of some dimensions, from the first of these on.</summary>
    public static IEnumerable<GroupMoments> Read(NpgsqlDataReader reader, int metrics, int firstDimension)
    {
        var moments = new MetricMoments[metrics];
        for (var i = 0; i < metrics; i++)
        {
            var at = 3 + i * ValueColumns.Width;
            double Number(int column) => reader.IsDBNull(at + column) ? 0 : reader.GetDouble(at + column);
            var (yd, yx, dx) = (Number(6), Number(7), Number(8));
            moments[i] = new MetricMoments([Number(0), Number(1), Number(2)], [Number(3), yd, yx, yd, Number(4), dx, yx, dx, Number(5)], Number(9), Number(10), reader.GetInt64(at + 11));
        }
        var values = reader.GetFieldValue<string[]>(1);
        var whole = new GroupMoments(0, "", reader.GetString(0), reader.GetInt64(2), moments);
        return values.Select((value, i) => whole with { Dimension = firstDimension + i + 1, Value = value }).Concat(firstDimension == 0 ? [whole] : []);
    }

    /// <summary>The moments of both.</summary>
    public GroupMoments Merge(GroupMoments other) => this with
    {
        Units = Units + other.Units,
        Metrics = [.. Metrics.Zip(other.Metrics, (a, b) =>
        {
            var both = new JointMoments(Units, a.Means, a.Products).Merge(new JointMoments(other.Units, b.Means, b.Products));
            return new MetricMoments(
                [.. Enumerable.Range(0, 3).Select(both.Mean)], [.. Enumerable.Range(0, 9).Select(i => both.Product(i / 3, i % 3))],
                Math.Min(a.Least, b.Least), Math.Max(a.Most, b.Most), a.Capped + b.Capped);
        })],
    };
}

/// <summary>The sufficient statistics of a phase, kept from one analysis to the next: units that changed are taken out as they were and put in as they are.</summary>
internal sealed class MomentState
{
    /// <summary>Stands for all values of a dimension that have no place of their own. Attributes are trimmed of it.</summary>
    public const string Others = "\u001f";

    /// <summary>A variance that falls to so little of itself was mostly that of one unit, and what is left of it mostly rounding.</summary>
    private const double Collapse = 1e-6;

    /// <summary>What is kept of each dimension.</summary>
    public List<List<string>> Kept { get; init; } = [];

    /// <summary>Where the values of metrics are cut.</summary>
    public List<double?> Caps { get; init; } = [];

    /// <summary>The units when the caps that are quantiles were found.</summary>
    public long CapUnits { get; set; }

    /// <summary>Units that were given several variants.</summary>
    public long Mixed { get; set; }

    /// <summary>All groups.</summary>
    public List<GroupMoments> Groups { get; init; } = [];

    /// <summary>The units that count.</summary>
    public long Units => Groups.Where(group => group.Dimension == 0).Sum(group => group.Units);

    /// <summary>Takes groups out and puts groups in.</summary>
    /// <returns>False where so much went that what is left has to be computed anew.</returns>
    public bool TryChange(IReadOnlyList<GroupMoments> removed, IReadOnlyList<GroupMoments> added)
    {
        foreach (var key in removed.Concat(added).Select(group => (group.Dimension, group.Value, group.Variant)).Distinct().ToList())
        {
            GroupMoments? Find(IReadOnlyList<GroupMoments> groups) => groups.FirstOrDefault(group => (group.Dimension, group.Value, group.Variant) == key);
            var (before, gone, come) = (Find(Groups), Find(removed), Find(added));
            var kept = before;
            if (gone is not null && (before is null || (kept = Without(before, gone, come)) is null))
                return false;
            var after = kept is null or { Units: 0 } ? come : come is null ? kept : kept.Merge(come);
            if (before is not null)
                Groups.Remove(before);
            if (after is { Units: > 0 })
                Groups.Add(after);
        }
        return true;
    }

    /// <summary>The samples of the groups of a dimension with a value, by variant and metric.</summary>
    public IReadOnlyList<VariantData> Variants(AnalysedExperiment experiment, ValueColumns columns, int dimension, string value)
    {
        // A covariate that nobody has says nothing, and without one a share keeps its own test.
        bool[] covariates = [.. columns.Metrics.Select((_, i) => experiment.Plan.Cuped && Groups.Exists(group => group.Dimension == 0 && group.Metrics[i].Products[8] > 0))];
        return [.. experiment.Variations.Select(variation =>
        {
            var group = Groups.Find(group => group.Dimension == dimension && group.Value == value && group.Variant == variation.Key);
            var samples = new Dictionary<string, MetricSample>(StringComparer.Ordinal);
            for (var i = 0; group is not null && i < columns.Metrics.Count; i++)
                samples[columns.Metrics[i].Key] = Sample(columns.Metrics[i].Definition, group.Units, group.Metrics[i], covariates[i]);
            return new VariantData(variation.Key, group?.Units ?? 0, samples);
        })];
    }

    private static MetricSample Sample(MetricDefinition definition, long units, MetricMoments moments, bool hasCovariate)
    {
        int[] chosen = [0, .. ValueColumns.HasDenominator(definition) ? [1] : (int[])[], .. hasCovariate ? [2] : (int[])[]];
        var mean = moments.Means[0];
        return new MetricSample
        {
            Moments = new JointMoments(units, [.. chosen.Select(i => moments.Means[i])], [.. chosen.SelectMany(i => chosen.Select(j => moments.Products[3 * i + j]))]),
            Extreme = definition.Kind == MetricKind.Conversion ? null : Extreme(moments, mean),
            Capped = moments.Capped,
        };
    }

    private static double Extreme(MetricMoments moments, double mean) => moments.Most - mean > mean - moments.Least ? moments.Most : moments.Least;

    /// <summary>What is left: the formula of merging, solved for one part. Null where it would be mostly rounding, or where the value farthest from the others may have gone.</summary>
    private static GroupMoments? Without(GroupMoments whole, GroupMoments gone, GroupMoments? come)
    {
        var left = whole.Units - gone.Units;
        if (left <= 0)
            return left == 0 ? whole with { Units = 0 } : null;
        var metrics = new MetricMoments[whole.Metrics.Length];
        for (var n = 0; n < metrics.Length; n++)
        {
            var (all, part) = (whole.Metrics[n], gone.Metrics[n]);
            double[] means = [.. Enumerable.Range(0, 3).Select(i => all.Means[i] + (all.Means[i] - part.Means[i]) * gone.Units / left)];
            var weight = (double)left * gone.Units / whole.Units;
            double[] products = [.. Enumerable.Range(0, 9).Select(i =>
                all.Products[i] - part.Products[i] - (part.Means[i / 3] - means[i / 3]) * (part.Means[i % 3] - means[i % 3]) * weight)];
            for (var i = 0; i < 3; i++)
            {
                ref var own = ref products[4 * i];
                if (all.Products[4 * i] == 0)
                    own = 0;
                else if (own < Collapse * all.Products[4 * i])
                    return null;
            }
            metrics[n] = new MetricMoments(means, products, all.Least, all.Most, all.Capped - part.Capped);
            // The bounds stay as wide as they were. Where that would make one unit look decisive, they are looked up.
            var extreme = Extreme(all, means[0]);
            var isGone = (extreme == part.Most && !(come?.Metrics[n].Most >= extreme)) || (extreme == part.Least && !(come?.Metrics[n].Least <= extreme));
            if (isGone && (extreme - means[0]) * (extreme - means[0]) > 0.5 * products[0])
                return null;
        }
        return whole with { Units = left, Metrics = metrics };
    }
}
