namespace Togglr.Statistics.Numerics;

/// <summary>A number in two doubles, the second holding what the first rounds away: about 32 digits.</summary>
internal static class TwoPart
{
    /// <summary>Adds to such a number (Knuth's two-sum, then renormalised).</summary>
    internal static (double Value, double Remainder) Add(double value, double rest, double addend)
    {
        var sum = value + addend;
        var virtualAddend = sum - value;
        var error = value - (sum - virtualAddend) + (addend - virtualAddend) + rest;
        var total = sum + error;
        return (total, error - (total - sum));
    }
}
