using System.Globalization;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.Notifications;

/// <summary>The time after a webhook's secret was replaced in which messages carry a signature of the former one as well, so that its receiver can change over without losing any.</summary>
internal static class SigningOverlap
{
    /// <summary>Where nobody says for how long.</summary>
    public const int DefaultHours = 24;

    /// <summary>At most: a week.</summary>
    public const int MaximumHours = 168;

    private const string Former = "formerSigningSecret";
    private const string Until = "formerSigningSecretUntil";

    /// <summary>Keeps, changes or ends the overlap as somebody asks; the problem where that makes no sense.</summary>
    /// <param name="before">The secrets before.</param>
    /// <param name="secrets">The secrets from now on, which are changed.</param>
    /// <param name="hours">For how long, from now; null: as long as is usual for a new secret, and as it is without one.</param>
    /// <param name="now">The present.</param>
    public static Problem? Change(IReadOnlyDictionary<string, string>? before, Dictionary<string, string> secrets, int? hours, DateTimeOffset now)
    {
        if (hours is < 0 or > MaximumHours)
            return Problem.Invalid(new ProblemItem("out_of_range", "/signingSecretOverlapHours", $"Both secrets sign for 0 to {MaximumHours} hours."));
        var replaced = before?.GetValueOrDefault(DestinationSecrets.SigningSecret) is { } known && known != secrets.GetValueOrDefault(DestinationSecrets.SigningSecret) ? known : null;
        var former = replaced ?? FormerOf(secrets, now);
        if (hours is not null && former is null)
            return Problem.Invalid(new ProblemItem("invalid", "/signingSecretOverlapHours", "There is no former secret."));
        var until = replaced is not null || hours is not null ? now.AddHours(hours ?? DefaultHours) : UntilOf(secrets, now);
        secrets.Remove(Former);
        secrets.Remove(Until);
        if (former is not null && until > now)
        {
            secrets[Former] = former;
            secrets[Until] = until.Value.ToString("O", CultureInfo.InvariantCulture);
        }

        return null;
    }

    /// <summary>The former secret, as long as it signs.</summary>
    public static string? FormerOf(IReadOnlyDictionary<string, string> secrets, DateTimeOffset now) => UntilOf(secrets, now) is null ? null : secrets.GetValueOrDefault(Former);

    /// <summary>Until when the former secret signs; null where none does.</summary>
    public static DateTimeOffset? UntilOf(IReadOnlyDictionary<string, string> secrets, DateTimeOffset now) =>
        secrets.TryGetValue(Until, out var text) && DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var until) && until > now ? until : null;
}
