using System.Globalization;

namespace Togglr.Simulation;

/// <summary>The options of a simulation as a command line has them.</summary>
public static class SimulationArguments
{
    /// <summary>Reads them.</summary>
    /// <param name="arguments">Names with their values.</param>
    /// <param name="fault">What is wrong, for people; empty when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static SimulationOptions? Read(IReadOnlyList<string> arguments, out string fault)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        fault = "";
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == arguments.Count)
            {
                fault = $"{arguments[i]} is no option with a value.";
                return null;
            }
            given[arguments[i][2..]] = arguments[i + 1];
        }

        var bad = "";
        var options = new SimulationOptions
        {
            Url = Uri.TryCreate(Take("url").TrimEnd('/') + "/", UriKind.Absolute, out var url) ? url : new Uri("none:"),
            Key = Take("key"),
        };
        options = options with
        {
            Experiment = Take("experiment") is { Length: > 0 } experiment ? experiment : null,
            Algorithm = Take("algorithm") is { Length: > 0 } algorithm ? algorithm : null,
            Rounds = (int)Math.Clamp(Number("rounds", options.Rounds), int.MinValue, int.MaxValue),
            Users = (int)Math.Clamp(Number("users", options.Users), int.MinValue, int.MaxValue),
            Hours = Number("hours", options.Hours),
            Minutes = Number("minutes", options.Minutes),
            Visits = Number("visits", options.Visits),
            Rate = Number("rate", options.Rate),
            Drift = Number("drift", options.Drift),
            Bots = Number("bots", options.Bots),
            Duplicates = Number("duplicates", options.Duplicates),
            Late = Number("late", options.Late),
            Effects = Shares("effect", options.Effects),
            Slowdowns = Shares("slowdown", options.Slowdowns),
            Lost = Shares("lost", options.Lost),
            Seed = (ulong)Math.Clamp(Number("seed", options.Seed), 0, 1e15),
        };
        fault = given.Count > 0 ? $"There is no option --{given.Keys.First()}." : bad.Length > 0 ? bad : options.Fault() ?? "";
        return fault.Length == 0 ? options : null;

        string Take(string name) => given.Remove(name, out var value) ? value : "";

        double Number(string name, double otherwise)
        {
            if (Take(name) is not { Length: > 0 } text)
                return otherwise;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
                bad = $"--{name} is a number.";
            return value;
        }

        IReadOnlyDictionary<string, double> Shares(string name, IReadOnlyDictionary<string, double> otherwise)
        {
            if (Take(name) is not { Length: > 0 } text)
                return otherwise;
            if (SimulationOptions.ReadShares(text) is { } shares)
                return shares;
            bad = $"--{name} is a number, or numbers for variants: treatment=0.1,other=-0.05.";
            return otherwise;
        }
    }
}
