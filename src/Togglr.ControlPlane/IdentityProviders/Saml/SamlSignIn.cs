using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>What is remembered while the browser is at the provider.</summary>
internal sealed record SamlSecret(bool Begun);

/// <summary>
/// Sends the browser to a SAML provider and takes it back. The response comes as a form of another site, with which the browser sends no cookies: it is checked, kept, and its ticket is taken by the
/// browser's next request, which brings the cookie.
/// </summary>
internal static class SamlSignIn
{
    private const int LargestForm = 768 * 1024;

    public static async Task<IResult> MetadataAsync(Guid id, SignInRedirects redirects, SamlKind kind, PublicAddress address, CancellationToken cancel)
    {
        if (await redirects.FindAsync(id, IdentityProviderKind.Saml, cancel) is not { } provider || kind.KeyOf(provider) is not { } pair)
            return SignInRedirects.NotThere();
        using (pair)
        {
            if (address.Origin is null)
                return Problem.Conflict("Set TOGGLR_PUBLIC_URL first.", SignInRedirects.NoPublicUrl);
            var settings = ProviderSettings.Stored<SamlSettings>(provider.Settings);
            return TypedResults.Text(
                SamlMetadata.Write(address.Of(SamlKind.MetadataPath(id)), address.Of(SamlKind.AcsPath(id)), pair.Certificate, settings), "application/samlmetadata+xml", Encoding.UTF8);
        }
    }

    public static async Task<IResult> StartAsync(
        Guid id, [FromQuery, Description("The local path to go to in the end")] string? returnTo, HttpContext http, SignInRedirects redirects, SignInRequests requests,
        SamlKind kind, PublicAddress address, TimeProvider time, CancellationToken cancel)
    {
        if (await redirects.FindAsync(id, IdentityProviderKind.Saml, cancel) is not { } provider || kind.KeyOf(provider) is not { } pair)
            return SignInRedirects.NotThere();
        using (pair)
        {
            if (address.Origin is null)
                return SignInRedirects.ToLogin(http, SignInRedirects.NoPublicUrl);
            var settings = ProviderSettings.Stored<SamlSettings>(provider.Settings);
            var request = Guid.CreateVersion7();
            var state = await requests.BeginAsync(http, request, provider, returnTo, new SamlSecret(true), cancel);
            http.Response.Headers.CacheControl = "no-store";
            return TypedResults.Redirect(SamlRequest.Address(
                SamlRequest.IdOf(request), settings, address.Of(SamlKind.MetadataPath(id)), address.Of(SamlKind.AcsPath(id)), state, pair.Key, time.GetUtcNow()));
        }
    }

    public static async Task<IResult> ReceiveAsync(
        Guid id, HttpContext http, TogglrDbContext db, SignInRedirects redirects, SignInRequests requests, SamlKind kind, PublicAddress address, TimeProvider time, CancellationToken cancel)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (await redirects.FindAsync(id, IdentityProviderKind.Saml, cancel) is not { } provider || kind.KeyOf(provider) is not { } pair)
            return SignInRedirects.NotThere();
        using (pair)
        {
            var (response, state) = await ReadFormAsync(http, cancel);
            if (response is null)
                return Problem.Invalid(new ProblemItem("invalid", "SAMLResponse", "This takes a form with a SAMLResponse in base64."));
            if (address.Origin is null)
                return SignInRedirects.ToLogin(http, SignInRedirects.NoPublicUrl);
            var settings = ProviderSettings.Stored<SamlSettings>(provider.Settings);
            var request = await requests.TakeAsync<SamlSecret>(state, isAnswered: false, cancel);
            // A state of another provider is no state here.
            if (request is not null && request.ProviderId != provider.Id)
                return await redirects.RefuseAsync(http, provider, "saml.other_provider", SignInRedirects.State, cancel);
            if (request is null && !settings.AllowIdpInitiated)
                return SignInRedirects.ToLogin(http, SignInRedirects.State);
            if (request is { IsExpired: true })
                return await redirects.RefuseAsync(http, provider, "saml.request_expired", SignInRedirects.Expired, cancel);

            var outcome = SamlResponse.Validate(response, new SamlExpectation(
                settings, address.Of(SamlKind.MetadataPath(id)), address.Of(SamlKind.AcsPath(id)), request is null ? null : SamlRequest.IdOf(request.Id), pair.Key, time.GetUtcNow()));
            if (outcome.Person is null)
                return await redirects.RefuseAsync(http, provider, outcome.Error!, outcome.Error == "saml.status" ? SignInRedirects.Denied : SignInRedirects.Refused, cancel);
            if (!await RememberAsync(db, provider, outcome, cancel))
                return await redirects.RefuseAsync(http, provider, "saml.replayed", SignInRedirects.Refused, cancel);
            var ticket = await requests.AnswerAsync(provider.Id, request?.BrowserHash, request?.ReturnTo ?? SignInRequests.LocalPath(state), outcome.Person, cancel);
            http.Response.Headers.Location = $"/api/v1/auth/saml/complete?ticket={ticket}";
            return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
        }
    }

    public static async Task<IResult> CompleteAsync([FromQuery] string? ticket, HttpContext http, SignInRedirects redirects, SignInRequests requests, CancellationToken cancel)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (await requests.TakeAsync<SamlPerson>(ticket, isAnswered: true, cancel) is not { } answer
            || await redirects.FindAsync(answer.ProviderId, IdentityProviderKind.Saml, cancel) is not { } provider)
            return SignInRedirects.ToLogin(http, SignInRedirects.State);
        // Where the provider began, no browser asked: an administrator allowed that.
        if (answer.BrowserHash is not null && !requests.IsFrom(http, answer.BrowserHash))
            return await redirects.RefuseAsync(http, provider, "saml.other_browser", SignInRedirects.State, cancel);
        if (answer.IsExpired)
            return await redirects.RefuseAsync(http, provider, "saml.request_expired", SignInRedirects.Expired, cancel);
        var (subject, email, name, groups) = answer.Secret;
        return await redirects.FinishAsync(http, provider, new ExternalPerson(subject, email, EmailIsVerified: true, name, groups.ToHashSet(StringComparer.Ordinal)), answer.ReturnTo, cancel);
    }

    /// <summary>Whether this assertion comes for the first time.</summary>
    private static async Task<bool> RememberAsync(TogglrDbContext db, IdentityProvider provider, SamlOutcome outcome, CancellationToken cancel)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(outcome.AssertionId!));
        return await db.Database.ExecuteSqlAsync(
            $"INSERT INTO saml_assertions (provider_id, hash, expires_at) VALUES ({provider.Id}, {hash}, {outcome.GoodUntil}) ON CONFLICT DO NOTHING", cancel) == 1;
    }

    private static async Task<(byte[]? Response, string? State)> ReadFormAsync(HttpContext http, CancellationToken cancel)
    {
        if (!http.Request.HasFormContentType || http.Request.ContentLength > LargestForm)
            return (null, null);
        try
        {
            var reader = new FormFeature(http.Request, new FormOptions { BufferBodyLengthLimit = LargestForm, ValueCountLimit = 10, ValueLengthLimit = LargestForm, KeyLengthLimit = 100, MultipartBodyLengthLimit = LargestForm });
            var form = await reader.ReadFormAsync(cancel);
            var text = form["SAMLResponse"].Count == 1 ? form["SAMLResponse"].ToString() : "";
            var buffer = new byte[text.Length];
            return text.Length > 0 && form["RelayState"].Count <= 1 && Convert.TryFromBase64String(text, buffer, out var length) ? (buffer[..length], form["RelayState"].ToString()) : (null, null);
        }
        catch (InvalidDataException)
        {
            return (null, null);
        }
    }
}
