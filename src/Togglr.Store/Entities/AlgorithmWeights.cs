using System.Text.Json;

namespace Togglr.Store;

/// <summary>Shares of arms, in 10,000 for each cell.</summary>
/// <param name="Arms">The arms, in the order of the shares.</param>
/// <param name="Cells">By the name of the cell: the shares, which add up to 10,000.</param>
public sealed record WeightTable(IReadOnlyList<string> Arms, IReadOnlyDictionary<string, int[]> Cells)
{
    /// <summary>Everybody.</summary>
    public const int Whole = 10_000;

    /// <summary>Equal shares everywhere.</summary>
    public static WeightTable Uniform(IReadOnlyList<string> arms, IReadOnlyList<string> cells) => new(arms, cells.ToDictionary(cell => cell, _ => Rounded([.. arms.Select(_ => 1.0)]), StringComparer.Ordinal));

    /// <summary>The same for other arms and cells: who was there keeps its part, who is new begins with the least share.</summary>
    public WeightTable Rearranged(IReadOnlyList<string> arms, IReadOnlyList<string> cells, double floor) =>
        new(arms, cells.ToDictionary(cell => cell, cell => Rounded([.. arms.Select(arm => Math.Max(floor, ShareOf(cell, arm)))]), StringComparer.Ordinal));

    /// <summary>The share of an arm in a cell, from 0 to 1; 0 where there is none.</summary>
    public double ShareOf(string cell, string arm)
    {
        for (var i = 0; i < Arms.Count; i++)
        {
            if (Arms[i] == arm)
                return Cells.TryGetValue(cell, out var weights) ? weights[i] / (double)Whole : 1.0 / Arms.Count;
        }

        return 0;
    }

    /// <summary>The greatest difference of a share between two tables of the same arms and cells.</summary>
    public double DistanceTo(WeightTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Cells.Max(cell => cell.Value.Zip(other.Cells[cell.Key], (left, right) => Math.Abs(left - right)).Max()) / (double)Whole;
    }

    /// <summary>Whole shares in proportion to numbers, by the largest remainders: they add up, whatever is rounded.</summary>
    public static int[] Rounded(IReadOnlyList<double> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var sum = parts.Sum();
        var exact = parts.Select(part => part / sum * Whole).ToArray();
        var shares = Array.ConvertAll(exact, share => (int)Math.Floor(share));
        foreach (var i in Enumerable.Range(0, shares.Length).OrderByDescending(i => exact[i] - shares[i]).ThenBy(i => i).Take(Whole - shares.Sum()).ToList())
            shares[i]++;
        return shares;
    }
}

/// <summary>What an algorithm has come to: what its flag serves. Changed by the program itself, so it is apart from what people decide.</summary>
public sealed class AlgorithmWeights : Versioned, IProjectOwned
{
    private AlgorithmWeights()
    {
    }

    /// <summary>The algorithm.</summary>
    public Guid AlgorithmId { get; private set; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The flag.</summary>
    public Guid FlagId { get; private set; }

    /// <summary>The environment.</summary>
    public Guid EnvironmentId { get; private set; }

    /// <summary>The version of the weights, from 1; 0 are the equal shares of those who are held out.</summary>
    public long Number { get; private set; }

    /// <summary>Whether they came of what was learned; before that they are equal.</summary>
    public bool Learned { get; private set; }

    /// <summary>The shares, as stored: see <see cref="Table"/>.</summary>
    public JsonElement Weights { get; private set; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>The shares.</summary>
    public WeightTable Table => Weights.Deserialize<WeightTable>(ExperimentJson.Options)!;

    internal override string AuditPath => $"algorithms/{AlgorithmId}/weights";

    /// <summary>Those that an algorithm begins with.</summary>
    public static AlgorithmWeights Begin(FlagAlgorithm algorithm, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        return new AlgorithmWeights
        {
            AlgorithmId = algorithm.Id, OrganizationId = algorithm.OrganizationId, ProjectId = algorithm.ProjectId, FlagId = algorithm.FlagId, EnvironmentId = algorithm.EnvironmentId, Number = 1,
            Weights = Serialize(WeightTable.Uniform(algorithm.Arms, AlgorithmCells.All(algorithm.Design.Context))), At = TogglrDbContext.Truncate(now),
        };
    }

    /// <summary>The next version.</summary>
    public void Renew(WeightTable table, bool learned, DateTimeOffset now) => (Number, Learned, Weights, At) = (Number + 1, learned, Serialize(table), TogglrDbContext.Truncate(now));

    /// <summary>The next version after somebody changed the algorithm, if its arms or contexts are others.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Rearrange(FlagAlgorithm algorithm, bool forget, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        var cells = AlgorithmCells.All(algorithm.Design.Context);
        var before = Table;
        if (!forget && before.Arms.SequenceEqual(algorithm.Arms, StringComparer.Ordinal) && before.Cells.Count == cells.Count && cells.All(before.Cells.ContainsKey))
            return false;
        Renew(
            forget || !Learned ? WeightTable.Uniform(algorithm.Arms, cells) : before.Rearranged(algorithm.Arms, cells, algorithm.Design.Settings[AlgorithmSettings.Floor]),
            Learned && !forget, now);
        return true;
    }

    /// <summary>What is kept of this version.</summary>
    public AlgorithmStep Step(int generation) =>
        new() { AlgorithmId = AlgorithmId, OrganizationId = OrganizationId, Number = Number, Generation = generation, Learned = Learned, Weights = Weights, At = At };

    private static JsonElement Serialize(WeightTable table) => JsonSerializer.SerializeToElement(table, ExperimentJson.Options);
}

/// <summary>One version of the weights of an algorithm.</summary>
public sealed class AlgorithmStep : ITenantOwned
{
    /// <summary>The algorithm.</summary>
    public Guid AlgorithmId { get; init; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <inheritdoc cref="AlgorithmWeights.Number"/>
    public long Number { get; init; }

    /// <inheritdoc cref="FlagAlgorithm.Generation"/>
    public int Generation { get; init; }

    /// <inheritdoc cref="AlgorithmWeights.Learned"/>
    public bool Learned { get; init; }

    /// <inheritdoc cref="AlgorithmWeights.Weights"/>
    public JsonElement Weights { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The shares.</summary>
    public WeightTable Table => Weights.Deserialize<WeightTable>(ExperimentJson.Options)!;
}
