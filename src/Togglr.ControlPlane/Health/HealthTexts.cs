using System.Globalization;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>What people read in audit entries, kill reasons and timelines.</summary>
internal static class HealthTexts
{
    /// <summary>What was found, in one sentence.</summary>
    public static string Of(HealthFinding found)
    {
        var what = found.Variant is null ? "" : $" of variant {found.Variant}";
        return found.Rule switch
        {
            HealthRule.Count => string.Create(CultureInfo.InvariantCulture, $"{found.Errors} errors{what} within {found.Seconds} s; {found.Threshold:0} are too many."),
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"{found.Errors} errors in {found.Evaluations} evaluations{what} ({found.Rate * 100:0.##} %) within {found.Seconds} s; more than {found.Threshold * 100:0.##} % is too many."),
        };
    }

    /// <summary>By what audit entries and notifications name an incident: its flag. Which one it was is told by the id.</summary>
    public static string Key(Incident incident) => incident.FlagKey;
}
