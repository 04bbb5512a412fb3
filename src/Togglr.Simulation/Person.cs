using System.Globalization;
using Togglr.Evaluation;
using Togglr.Statistics.Numerics;

namespace Togglr.Simulation;

/// <summary>Somebody who visits: who they are and how they are, always the same for a seed and a number.</summary>
internal sealed class Person
{
    private static readonly string[] Countries = ["US", "DE", "GB", "FR", "IN", "BR", "JP", "PL"];
    private static readonly double[] CountryShares = [0.34, 0.16, 0.12, 0.09, 0.12, 0.08, 0.05, 0.04];
    private static readonly string[] Devices = ["mobile", "desktop", "tablet"];
    private static readonly double[] DeviceShares = [0.58, 0.36, 0.06];
    private static readonly string[] Plans = ["free", "pro", "enterprise"];
    private static readonly double[] PlanShares = [0.78, 0.18, 0.04];

    /// <param name="options">The simulation.</param>
    /// <param name="number">Which of its people.</param>
    /// <param name="sitting">Tells apart what they do at several times: who they are does not depend on it.</param>
    public Person(SimulationOptions options, int number, ulong sitting = 0)
    {
        var self = options.Seed * 1_000_003 + (ulong)number;
        var random = new RandomSource(self);
        Random = new RandomSource(self ^ (sitting + 1) * 0x9E3779B97F4A7C15);
        Unit = string.Create(CultureInfo.InvariantCulture, $"sim-{options.Seed}-{number}");
        (Country, Device, Plan) = (Countries[random.Pick(CountryShares)], Devices[random.Pick(DeviceShares)], Plans[random.Pick(PlanShares)]);
        IsBot = random.Uniform() < options.Bots;
        // A few come very often, most hardly ever (negative binomial visits), and who comes often buys more readily.
        Eagerness = random.Gamma(0.8) / 0.8;
        Inclination = (0.6 + 0.4 * Math.Min(2, Eagerness)) * Math.Exp(0.4 * random.Normal() - 0.08) * (Device == "mobile" ? 0.85 : 1.2);
        Purse = 28 * Math.Exp(0.5 * random.Normal()) * (Plan == "enterprise" ? 4 : Plan == "pro" ? 1.8 : 1);
        Context = EvaluationContext.Builder(Unit).Set("country", Country).Set("device", Device).Set("plan", Plan).Set("appVersion", $"{3 + random.Below(2)}.{random.Below(10)}.0").Build();
    }

    public string Unit { get; }

    public string Country { get; }

    public string Device { get; }

    public string Plan { get; }

    public bool IsBot { get; }

    /// <summary>How often they come, 1 on average.</summary>
    public double Eagerness { get; }

    /// <summary>How readily they buy, about 1 on average.</summary>
    public double Inclination { get; }

    /// <summary>What they usually spend.</summary>
    public double Purse { get; }

    public EvaluationContext Context { get; }

    /// <summary>The experiments that they were exposed to: only the first use of each is told, as SDKs do.</summary>
    public HashSet<string> Exposed { get; } = new(StringComparer.Ordinal);

    /// <summary>The chance of what they do, one draw after the other.</summary>
    public RandomSource Random { get; }

    /// <summary>Visits in some days.</summary>
    public int VisitsIn(double days, double perDay) => IsBot ? Math.Min(400, 20 + Random.Poisson(Math.Min(300, 60 * days))) : Random.Poisson(Math.Min(500, Eagerness * perDay * days));

    /// <summary>A moment of the span, more likely in the evening than before dawn (UTC); programs do not sleep.</summary>
    public DateTimeOffset Moment(DateTimeOffset from, TimeSpan span)
    {
        while (true)
        {
            var at = from + span * Random.Uniform();
            if (IsBot || Random.Uniform() < 0.55 - 0.45 * Math.Cos(2 * Math.PI * (at.TimeOfDay.TotalHours - 4) / 24))
                return at;
        }
    }
}
