using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Proves again who one is.</summary>
public sealed record ReauthenticateRequest
{
    /// <summary>The person's password; absent for people without one, who must have signed in within the last ten minutes, and with a <c>code</c>.</summary>
    public string? Password { get; init; }

    /// <summary>A code of the authenticator app, or a recovery code, in place of the password.</summary>
    public string? Code { get; init; }
}

/// <summary>How long the proof counts.</summary>
/// <param name="Until">The end.</param>
public sealed record ReauthenticationView(DateTimeOffset Until);

/// <summary>
/// Makes sure that the person is at the keyboard, by password or by a code of their second factor, and notes it in the sign-in. A found open page is not enough to approve what others ask for.
/// </summary>
internal static class Reauthenticate
{
    /// <summary>How long a proof counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public static async Task<Results<Ok<ReauthenticationView>, Problem>> HandleAsync(
        ReauthenticateRequest request, OwnPassword own, SecondFactor secondFactor, Sessions sessions, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var user = await own.ReadAsync(cancel);
        if (request.Code is not null)
        {
            if (!user.HasTwoFactor)
                return Problem.Conflict("There is no second factor.", "two_factor_not_active");
            // An answer 401 would sign the page out.
            if ((await secondFactor.CheckAsync(user, request.Code, cancel)).Problem is { } wrong)
                return wrong.Status == 401 ? Problem.Invalid(new ProblemItem(wrong.Code, "/code", wrong.Detail!)) : wrong;
        }
        else if (await own.CheckAsync(user, request.Password, "/password", cancel) is { } refusal)
        {
            return refusal;
        }
        var session = await db.Sessions.SingleAsync(row => row.Id == current.Caller.Session!.Id, cancel);
        session.Reauthenticated(time.GetUtcNow());
        if (await sessions.SaveAsync(user, "session.reauthenticated", session.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.Ok(new ReauthenticationView(time.GetUtcNow() + Window));
    }
}
