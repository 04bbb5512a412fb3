using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Changes of one's own account.</summary>
public sealed record UpdateMeRequest
{
    /// <summary>Shown to others.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>The language: <c>en</c> or <c>ru</c>; null follows the browser.</summary>
    public Optional<string?> Locale { get; init; }

    /// <summary>The IANA time zone, such as <c>Europe/Berlin</c>; null follows the browser.</summary>
    public Optional<string?> TimeZone { get; init; }
}

/// <summary>Changes what people choose about themselves.</summary>
internal static class UpdateMe
{
    public static async Task<Results<Ok<MeView>, Problem>> HandleAsync(
        UpdateMeRequest request, Current current, OwnPassword own, Sessions sessions, TogglrDbContext db, CancellationToken cancel)
    {
        var user = await own.ReadAsync(cancel);
        if (request.Name.IsSet && request.Name.Value != user.Name)
        {
            if (await own.CheckIsAloneAsync(cancel) is { } shared)
                return shared;
            var renamed = user.Rename(request.Name.Value);
            if (!renamed.IsOk)
                return renamed.Error.ToProblem();
        }
        var (locale, zone) = (request.Locale.Or(user.Locale), request.TimeZone.Or(user.TimeZone));
        if (locale is not (null or "en" or "ru"))
            return Problem.Invalid(new ProblemItem("invalid", "/locale", "The language is en or ru."));
        if (zone is not null && (zone.Length > 64 || !zone.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '_' or '-' or '+') || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)))
            return Problem.Invalid(new ProblemItem("invalid", "/timeZone", "There is no such time zone."));
        user.Prefer(locale, zone);
        if (await sessions.SaveAsync(user, "user.updated", user.Id, reason: null, cancel, always: false) is { } problem)
            return problem;
        return TypedResults.Ok(await MyOrganizations.DescribeAsync(db, current.Caller with { Name = user.Name }, cancel));
    }
}
