using System.Globalization;

namespace Togglr.Simulation;

/// <summary>What people do in a simulation. Shares are from 0 to 1; the same options and seed make the same people, visits and deeds.</summary>
public sealed record SimulationOptions
{
    /// <summary>The server or edge that is sent to.</summary>
    public required Uri Url { get; init; }

    /// <summary>A server key of the environment.</summary>
    public required string Key { get; init; }

    /// <summary>The only experiment that is simulated; null for all of the environment.</summary>
    public string? Experiment { get; init; }

    /// <summary>Key of a flag whose traffic an algorithm shares out: then people are served by it and tell how it went, and no experiment is simulated. Null: none.</summary>
    public string? Algorithm { get; init; }

    /// <summary>With <see cref="Algorithm"/>: into how many rounds the time is cut; after each the algorithm has a second to learn. 1 to 100,000.</summary>
    public int Rounds { get; init; } = 60;

    /// <summary>How many people there are, 1 to 1,000,000.</summary>
    public int Users { get; init; } = 5_000;

    /// <summary>Over how many hours before now their visits are spread; the server refuses what is older than its <c>TOGGLR_EVENT_LATE_HOURS</c>. 0 to 8,760.</summary>
    public double Hours { get; init; } = 23;

    /// <summary>For how many minutes people go on to come, as fast as time goes. 0 to 10,080.</summary>
    public double Minutes { get; init; }

    /// <summary>How often a person comes on an average day; some much more often than others. Above 0, at most 100.</summary>
    public double Visits { get; init; } = 1.5;

    /// <summary>The probability that somebody in the control buys on a visit.</summary>
    public double Rate { get; init; } = 0.08;

    /// <summary>By which share people in a variant buy more often than in the control, by the variant's key; 0.1 is ten percent. <c>*</c> stands for all that are not named.</summary>
    public IReadOnlyDictionary<string, double> Effects { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>By which share pages are slower in a variant than in the control.</summary>
    public IReadOnlyDictionary<string, double> Slowdowns { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>The share of exposures that get lost, by the variant's key: what makes the split of people differ from its plan.</summary>
    public IReadOnlyDictionary<string, double> Lost { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>How far effects move on to the next variant in the course of the simulation: 0 they stay, 1 they have moved by the end.</summary>
    public double Drift { get; init; }

    /// <summary>The share of people who are programs: they come all day, look at everything and buy nothing.</summary>
    public double Bots { get; init; } = 0.005;

    /// <summary>The share of events that are sent twice, with the same id.</summary>
    public double Duplicates { get; init; } = 0.01;

    /// <summary>The share of events that are sent after everything else.</summary>
    public double Late { get; init; } = 0.01;

    /// <summary>Where chance begins.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What is wrong with the options, or null.</summary>
    public string? Fault()
    {
        if (Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            return "--url is an http or https address.";
        if (string.IsNullOrWhiteSpace(Key))
            return "--key is an SDK key for servers.";
        if (Users is < 1 or > 1_000_000)
            return "--users is from 1 to 1000000.";
        if (Rounds is < 1 or > 100_000)
            return "--rounds is from 1 to 100000.";
        if (Hours is not (>= 0 and <= 8_760))
            return "--hours is from 0 to 8760.";
        if (Minutes is not (>= 0 and <= 10_080))
            return "--minutes is from 0 to 10080.";
        if (Visits is not (> 0 and <= 100))
            return "--visits is above 0 and at most 100.";
        foreach (var (name, value) in new[] { ("rate", Rate), ("drift", Drift), ("bots", Bots), ("duplicates", Duplicates), ("late", Late) })
        {
            if (value is not (>= 0 and <= 1))
                return $"--{name} is from 0 to 1.";
        }
        return Effects.Concat(Slowdowns).Any(static pair => pair.Value is not (>= -1 and <= 100)) ? "Effects and slow-downs are from -1 to 100."
            : Lost.Values.Any(static share => share is not (>= 0 and <= 1)) ? "--lost has shares from 0 to 1."
            : null;
    }

    /// <summary>Reads <c>treatment=0.1,other=-0.05</c>, or one number for all variants but the control.</summary>
    /// <returns>Null when it is neither.</returns>
    public static IReadOnlyDictionary<string, double>? ReadShares(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.LastIndexOf('=');
            if (!double.TryParse(part.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var share) || !double.IsFinite(share))
                return null;
            shares[at < 0 ? "*" : part[..at]] = share;
        }
        return shares.Count == 0 ? null : shares;
    }
}
