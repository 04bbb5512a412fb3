namespace Togglr.Store;

/// <summary>A number that an algorithm can be set to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">What it is if nobody says.</param>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The greatest.</param>
/// <param name="Kinds">The algorithms that have it; empty: all.</param>
public sealed record AlgorithmSetting(string Name, double Default, double Minimum, double Maximum, params AlgorithmKind[] Kinds);

/// <summary>What the algorithms can be set to.</summary>
public static class AlgorithmSettings
{
    /// <summary>The least share of an arm.</summary>
    public const string Floor = "floor";

    /// <summary>What a period's outcomes are worth a period later.</summary>
    public const string Discount = "discount";

    /// <summary>The length of a period.</summary>
    public const string DiscountMinutes = "discountMinutes";

    /// <summary>How many outcomes every arm needs before the shares leave the uniform.</summary>
    public const string ColdStart = "coldStart";

    /// <summary>ε: the share that is given out blindly.</summary>
    public const string Epsilon = "epsilon";

    /// <summary>c: how much an arm's uncertainty is worth.</summary>
    public const string Exploration = "exploration";

    /// <summary>Successes that are assumed before the first.</summary>
    public const string PriorSuccesses = "priorSuccesses";

    /// <summary>Failures that are assumed before the first.</summary>
    public const string PriorFailures = "priorFailures";

    /// <summary>α: how much the model's uncertainty is worth.</summary>
    public const string Alpha = "alpha";

    /// <summary>λ: how strongly the model's coefficients are held to zero.</summary>
    public const string Ridge = "ridge";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<AlgorithmSetting> All { get; } =
    [
        new(Epsilon, 0.1, 0, 1, AlgorithmKind.EpsilonGreedy),
        new(Exploration, 1, 0, 10, AlgorithmKind.Ucb1),
        new(PriorSuccesses, 1, 0.01, 1e6, AlgorithmKind.Thompson),
        new(PriorFailures, 1, 0.01, 1e6, AlgorithmKind.Thompson),
        new(Alpha, 0.5, 0.01, 100, AlgorithmKind.LinUcb, AlgorithmKind.LinearThompson),
        new(Ridge, 1, 1e-6, 1e6, AlgorithmKind.LinUcb, AlgorithmKind.LinearThompson),
        new(Floor, 0.01, 0, 0.5),
        new(Discount, 1, 0.01, 1),
        new(DiscountMinutes, 60, 1, 10_080),
        new(ColdStart, 50, 0, 1e6),
    ];

    /// <summary>Those of an algorithm.</summary>
    public static IEnumerable<AlgorithmSetting> Of(AlgorithmKind kind) => All.Where(setting => setting.Kinds.Length == 0 || setting.Kinds.Contains(kind));

    /// <summary>All numbers that an algorithm has, those that nobody gave with what they are by default.</summary>
    internal static Result<SortedDictionary<string, double>> Complete(AlgorithmKind kind, IReadOnlyDictionary<string, double> given, int arms)
    {
        var known = Of(kind).ToList();
        if (given.Keys.FirstOrDefault(name => known.TrueForAll(setting => setting.Name != name)) is { } unknown)
            return Result.Invalid($"settings/{Pointer(unknown)}", $"This algorithm has the settings {string.Join(", ", known.Select(setting => setting.Name))}.");
        var complete = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var setting in known)
        {
            var value = given.GetValueOrDefault(setting.Name, setting.Default);
            if (!(value >= setting.Minimum && value <= setting.Maximum))
                return Result.Invalid($"settings/{setting.Name}", FormattableString.Invariant($"{setting.Name} is a number from {setting.Minimum} to {setting.Maximum}."));
            complete[setting.Name] = value;
        }

        if (complete[Floor] * arms > 1)
            return given.ContainsKey(Floor) ? Result.Invalid($"settings/{Floor}", FormattableString.Invariant($"{arms} arms cannot each have at least {complete[Floor]}.")) : complete.WithFloor(1.0 / arms);
        return complete[DiscountMinutes] % 1 != 0 || complete[ColdStart] % 1 != 0
            ? Result.Invalid("settings", $"{DiscountMinutes} and {ColdStart} are whole numbers.")
            : complete;
    }

    private static SortedDictionary<string, double> WithFloor(this SortedDictionary<string, double> settings, double floor)
    {
        settings[Floor] = floor;
        return settings;
    }

    private static string Pointer(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
