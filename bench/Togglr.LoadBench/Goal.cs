using System.Globalization;

namespace Togglr.LoadBench;

/// <summary>One line of the result.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Limit">The largest value that meets the goal; null where the line is there to be read only.</param>
/// <param name="Measured">The value.</param>
/// <param name="Unit">Its unit: <c>×</c> for a ratio.</param>
/// <param name="Detail">What the value is made of.</param>
internal sealed record Goal(string Name, double? Limit, double Measured, string Unit, string Detail = "")
{
    public bool IsRatio => Unit == "×";

    public string Row
    {
        get
        {
            var verdict = Limit is null ? "–" : Measured <= Limit ? "yes" : "**no**";
            return $"| {Name} | {(Limit is null ? "–" : $"≤ {Text(Limit.Value)}")} | {Text(Measured)} | {verdict} | {Detail} |";
        }
    }

    private string Text(double value)
    {
        var number = value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
        return IsRatio ? $"{number}×" : $"{number} {Unit}";
    }
}
