namespace Togglr.ControlPlane.Experiments;

/// <summary>Percentages as people write them, and hundredths of a percent as buckets count.</summary>
internal static class Shares
{
    /// <summary>Hundredths of a percent; −1, which is refused, for what is none from 0 to 100 with at most two decimals.</summary>
    public static int Of(double percentage) =>
        percentage is >= 0 and <= 100 && Math.Abs((percentage * 100) - Math.Round(percentage * 100)) < 1e-6 ? (int)Math.Round(percentage * 100) : -1;
}
