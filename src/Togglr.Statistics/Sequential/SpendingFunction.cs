using Togglr.Statistics.Distributions;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Sequential;

/// <summary>How the error is spent over the information.</summary>
public enum SpendingKind
{
    /// <summary>Lan &amp; DeMets 1983, like O'Brien &amp; Fleming: very little early.</summary>
    LanDeMetsObrienFleming,

    /// <summary>Lan &amp; DeMets 1983, like Pocock: evenly.</summary>
    LanDeMetsPocock,

    /// <summary>Kim &amp; DeMets 1987: α·t^ρ.</summary>
    KimDeMetsPower,

    /// <summary>Hwang, Shih &amp; DeCani 1990: α(1 − e^{−γt})/(1 − e^{−γ}).</summary>
    HwangShihDeCani,
}

/// <summary>The error that may be spent up to a fraction of the information.</summary>
/// <param name="Kind">Its form.</param>
/// <param name="Parameter">ρ &gt; 0 or γ; not used by the other two.</param>
public sealed record SpendingFunction(SpendingKind Kind, double Parameter = 0)
{
    /// <summary>
    /// The error spent at information t. Two-sided designs spend α/2 per side and report it doubled. At t ≥ 1 everything is spent.
    /// </summary>
    public double Spent(double t, double alpha, bool isTwoSided)
    {
        if (t >= 1)
            return alpha;
        if (t <= 0)
            return 0;
        var sides = isTwoSided ? 2 : 1;
        return Kind switch
        {
            SpendingKind.LanDeMetsObrienFleming => 2 * sides * Normal.UpperTail(Normal.UpperQuantile(alpha / (2 * sides)) / Math.Sqrt(t)),
            SpendingKind.LanDeMetsPocock => alpha * Elementary.LogOnePlus((Math.E - 1) * t),
            SpendingKind.KimDeMetsPower => alpha * Math.Pow(t, Parameter),
            _ => Parameter == 0 ? alpha * t : alpha * Elementary.ExpMinusOne(-Parameter * t) / Elementary.ExpMinusOne(-Parameter),
        };
    }
}
