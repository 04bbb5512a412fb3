using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using QRCoder;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Begins to set up a second factor.</summary>
public sealed record BeginTwoFactorRequest
{
    /// <summary>The person's password; absent for people without one, who must have signed in within the last ten minutes.</summary>
    public string? Password { get; init; }
}

/// <summary>What an authenticator app has to be told, in three forms.</summary>
/// <param name="Secret">To type: base 32.</param>
/// <param name="Uri">To open: <c>otpauth://…</c>.</param>
/// <param name="QrSvg">To scan: the URI as an SVG picture.</param>
public sealed record TwoFactorSetupView(string Secret, string Uri, string QrSvg);

/// <summary>Shows that the authenticator app works.</summary>
public sealed record ConfirmTwoFactorRequest
{
    /// <summary>The code that the app shows.</summary>
    public required string Code { get; init; }
}

/// <summary>Changes something about a second factor that is in use.</summary>
public sealed record ChangeTwoFactorRequest
{
    /// <summary>The person's password; absent for people without one, who must have signed in within the last ten minutes.</summary>
    public string? Password { get; init; }

    /// <summary>A code of the authenticator app, or a recovery code.</summary>
    public required string Code { get; init; }
}

/// <summary>Codes that stand in for the app, each once. Shown this once.</summary>
/// <param name="RecoveryCodes">Ten of them.</param>
public sealed record RecoveryCodesView(IReadOnlyList<string> RecoveryCodes);

internal static class TwoFactorEndpoints
{
    public static void MapTwoFactor(this IEndpointRouteBuilder me)
    {
        me.MapPost("/two-factor", BeginAsync).WithName("beginTwoFactor").WithSummary("Begin to set up a second factor").RequireInPerson();
        me.MapPost("/two-factor/confirm", ConfirmAsync).WithName("confirmTwoFactor").WithSummary("Turn the second factor on with a first code").RequireInPerson();
        me.MapDelete("/two-factor", RemoveAsync).WithName("removeTwoFactor").WithSummary("Turn the second factor off").RequireInPerson();
        me.MapPost("/two-factor/recovery-codes", RenewAsync).WithName("renewRecoveryCodes").WithSummary("Replace the recovery codes").RequireInPerson();
    }

    private static async Task<Results<Ok<TwoFactorSetupView>, Problem>> BeginAsync(
        BeginTwoFactorRequest request, OwnPassword own, Sessions sessions, SecretProtector protector, HttpContext http, CancellationToken cancel)
    {
        var user = await own.ReadAsync(cancel);
        if (user.HasTwoFactor)
            return Problem.Conflict("There is a second factor already. Turn it off first.", "two_factor_active");
        if (await own.CheckAsync(user, request.Password, "/password", cancel) is { } refusal)
            return refusal;
        var secret = Totp.NewSecret();
        user.SetTotp(protector.Protect(secret, SecondFactor.PurposeOf(user.Id)));
        if (await sessions.SaveAsync(user, "user.two_factor_started", user.Id, reason: null, cancel) is { } problem)
            return problem;
        http.Response.Headers.CacheControl = "no-store";
        var uri = Totp.UriOf(secret, "Togglr", user.Email);
        using var picture = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(picture);
        return TypedResults.Ok(new TwoFactorSetupView(Totp.ToBase32(secret), uri, svg.GetGraphic(4)));
    }

    private static async Task<Results<Ok<RecoveryCodesView>, Problem>> ConfirmAsync(
        ConfirmTwoFactorRequest request, Current current, OwnPassword own, SecondFactor secondFactor, Sessions sessions, TogglrDbContext db, AccountNotices notices, TimeProvider time,
        CancellationToken cancel)
    {
        var user = await own.ReadAsync(cancel);
        if (user.HasTwoFactor || user.TotpSecret is null)
            return Problem.Conflict("There is no second factor that waits for its first code.", user.HasTwoFactor ? "two_factor_active" : "two_factor_not_started");
        if (secondFactor.StepOf(user, request.Code) is not { } step)
            return Problem.Invalid(new ProblemItem("invalid_code", "/code", "The code is wrong. Check the clock of the device that shows it."));
        user.ConfirmTotp(time.GetUtcNow(), step);
        var codes = await secondFactor.ReplaceRecoveryCodesAsync(user.Id, cancel);
        var session = await db.Sessions.SingleAsync(row => row.Id == current.Caller.Session!.Id, cancel);
        session.Strengthen();
        notices.Add(user, AccountNotice.TwoFactorAdded);
        return await sessions.SaveAsync(user, "user.two_factor_added", user.Id, reason: null, cancel) is { } problem ? problem : Shown(current, codes);
    }

    private static async Task<Results<NoContent, Problem>> RemoveAsync(
        [FromBody] ChangeTwoFactorRequest request, OwnPassword own, SecondFactor secondFactor, Sessions sessions, AccountNotices notices, CancellationToken cancel)
    {
        var user = await own.ReadAsync(cancel);
        if (await CheckAsync(user, request, own, secondFactor, cancel) is { } refusal)
            return refusal;
        user.RemoveTotp();
        await secondFactor.RemoveRecoveryCodesAsync(user.Id, cancel);
        notices.Add(user, AccountNotice.TwoFactorRemoved);
        return await sessions.SaveAsync(user, "user.two_factor_removed", user.Id, reason: null, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    private static async Task<Results<Ok<RecoveryCodesView>, Problem>> RenewAsync(
        ChangeTwoFactorRequest request, Current current, OwnPassword own, SecondFactor secondFactor, Sessions sessions, CancellationToken cancel)
    {
        var user = await own.ReadAsync(cancel);
        if (await CheckAsync(user, request, own, secondFactor, cancel) is { } refusal)
            return refusal;
        var codes = await secondFactor.ReplaceRecoveryCodesAsync(user.Id, cancel);
        return await sessions.SaveAsync(user, "user.recovery_codes_renewed", user.Id, reason: null, cancel) is { } problem ? problem : Shown(current, codes);
    }

    private static async Task<Problem?> CheckAsync(User user, ChangeTwoFactorRequest request, OwnPassword own, SecondFactor secondFactor, CancellationToken cancel)
    {
        if (!user.HasTwoFactor)
            return Problem.Conflict("There is no second factor.", "two_factor_not_active");
        if (await own.CheckAsync(user, request.Password, "/password", cancel) is { } refusal)
            return refusal;
        // An answer 401 would sign the page out.
        return (await secondFactor.CheckAsync(user, request.Code, cancel)).Problem switch
        {
            { Status: 401 } wrong => Problem.Invalid(new ProblemItem(wrong.Code, "/code", wrong.Detail!)),
            var other => other,
        };
    }

    private static Ok<RecoveryCodesView> Shown(Current current, IReadOnlyList<string> codes)
    {
        current.Http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RecoveryCodesView(codes));
    }
}
