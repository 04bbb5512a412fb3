using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Hosting.Protection;
using Togglr.Store;

namespace Togglr.ControlPlane.Scim;

/// <summary>A request of a provider that has shown its token; the organization is the provider's.</summary>
/// <param name="Http">The request.</param>
/// <param name="Provider">Who asks.</param>
/// <param name="Actor">For the audit log.</param>
internal sealed record ScimRequest(HttpContext Http, IdentityProvider Provider, ChangeActor Actor)
{
    public CancellationToken Cancel => Http.RequestAborted;

    /// <summary>The base address of this interface.</summary>
    public string Base => Http.RequestServices.GetRequiredService<PublicAddress>().Origin + "/scim/v2";

    public T Get<T>()
        where T : notnull => Http.RequestServices.GetRequiredService<T>();

    /// <summary>The id in the path; no resource has another form.</summary>
    public Guid Id => Guid.TryParse((string?)Http.Request.RouteValues["id"], out var id) ? id : throw ScimFaultException.NotFound("There is no such resource.");
}

/// <summary>An answer.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="Version">The entity tag.</param>
/// <param name="Location">The address of what was made.</param>
internal sealed record ScimAnswer(int Status, JsonObject? Body = null, string? Version = null, string? Location = null);

/// <summary>Stands in front of everything below <c>/scim/v2</c>: knows who asks, reads bodies, and turns every failure into an error of SCIM.</summary>
internal static partial class ScimGate
{
    public const string MediaType = "application/scim+json";
    private const string ErrorUrn = "urn:ietf:params:scim:api:messages:2.0:Error";
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Puts the gate in front of a handler.</summary>
    public static RequestDelegate Guard(Func<ScimRequest, Task<ScimAnswer>> handler) => async http =>
    {
        ScimAnswer answer;
        try
        {
            answer = await AdmitAsync(http) is { } request ? await handler(request) : Error(401, null, "The bearer token is not good.");
        }
        catch (ScimFaultException fault)
        {
            answer = Error(fault.Status, fault.Type, fault.Message);
        }
        catch (BadHttpRequestException bad)
        {
            answer = Error(bad.StatusCode, bad.StatusCode == 413 ? "tooLarge" : "invalidSyntax", "The body could not be read.");
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed))
        {
            answer = Error(503, null, "The database does not answer. Try again.");
        }
        catch (Exception failed)
        {
            LogFailed(http.RequestServices.GetRequiredService<ILogger<ScimRequest>>(), failed, http.Request.Method, http.Request.Path);
            answer = Error(500, null, "Something went wrong. The failure was logged under the id of this request.");
        }
        await WriteAsync(http, answer);
    };

    /// <summary>An error as SCIM writes it (RFC 7644, 3.12).</summary>
    public static ScimAnswer Error(int status, string? type, string detail)
    {
        var body = new JsonObject { ["schemas"] = new JsonArray(ErrorUrn), ["status"] = status.ToString(), ["detail"] = detail };
        if (type is not null)
            body["scimType"] = type;
        return new ScimAnswer(status, body);
    }

    /// <summary>The JSON body.</summary>
    public static async Task<JsonElement> ReadBodyAsync(ScimRequest request)
    {
        var type = request.Http.Request.ContentType?.Split(';')[0].Trim() ?? "";
        if (!type.Equals(MediaType, StringComparison.OrdinalIgnoreCase) && !type.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw new ScimFaultException(415, null, $"A body is {MediaType} or application/json.");
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Http.Request.Body, Strict, request.Cancel);
            return body.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw ScimFaultException.Syntax("The body is not valid JSON.");
        }
    }

    /// <summary>Refuses a change of something that the client has not seen as it is now.</summary>
    public static void CheckMatch(ScimRequest request, string version)
    {
        var expected = request.Http.Request.Headers.IfMatch.ToString();
        if (expected.Length > 0 && expected != "*" && !expected.Split(',').Any(tag => Bare(tag) == Bare(version)))
            throw new ScimFaultException(412, null, "Somebody changed this after you read it.");
    }

    /// <summary>Whether the client has the resource as it is now.</summary>
    public static bool HasSeen(ScimRequest request, string version) =>
        request.Http.Request.Headers.IfNoneMatch.ToString() is { Length: > 0 } known && (known == "*" || known.Split(',').Any(tag => Bare(tag) == Bare(version)));

    /// <summary>Turns what the store refused into an error.</summary>
    public static void Check(Result<Committed> committed)
    {
        if (committed.IsOk)
            return;
        var error = committed.Error;
        throw error.Code switch
        {
            ErrorCodes.AlreadyExists => ScimFaultException.Uniqueness("Somebody or something else has this name, address or key."),
            ErrorCodes.ValidationFailed => ScimFaultException.Value(error.Message),
            ErrorCodes.PreconditionFailed => new ScimFaultException(412, null, error.Message),
            ErrorCodes.Unavailable => new ScimFaultException(503, null, error.Message),
            _ => new ScimFaultException(409, null, error.Message),
        };
    }

    private static async Task<ScimRequest?> AdmitAsync(HttpContext http)
    {
        var options = http.RequestServices.GetRequiredService<ControlPlaneOptions>();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = options.MaxBodyBytes;
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer " + ProviderToken.SecretPrefix, StringComparison.OrdinalIgnoreCase) || header.Length > 200)
            return null;
        var db = http.RequestServices.GetRequiredService<TogglrDbContext>();
        var hash = SdkKey.HashOf(header["Bearer ".Length..].Trim());
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        if (await db.ProviderTokens.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking().SingleOrDefaultAsync(row => row.Hash == hash, http.RequestAborted) is not { } token || token.ExpiresAt <= now)
            return null;
        db.UseOrganization(token.OrganizationId);
        if (await db.IdentityProviders.AsNoTracking().SingleOrDefaultAsync(row => row.Id == token.ProviderId && row.Kind == IdentityProviderKind.Scim && row.Enabled, http.RequestAborted) is not { } provider)
            return null;
        if (http.RequestServices.GetService<RateLimits>()?.TakeByIdentity(http, provider.Id) is { } slow)
        {
            http.Response.Headers.RetryAfter = slow.RetryAfter?.ToString();
            throw new ScimFaultException(429, null, "Too many requests.");
        }
        if (token.LastUsedAt is null || token.LastUsedAt < now - UseInterval)
        {
            var address = http.Connection.RemoteIpAddress?.ToString();
            await db.ProviderTokens.Where(row => row.Id == token.Id).ExecuteUpdateAsync(row => row.SetProperty(it => it.LastUsedAt, now).SetProperty(it => it.LastUsedAddress, address), http.RequestAborted);
        }
        var current = http.RequestServices.GetRequiredService<Current>();
        current.OrganizationId = provider.OrganizationId;
        return new ScimRequest(http, provider, current.WithRequest(new ChangeActor("provider", provider.Id, provider.Name) { Token = new ActorToken(token.Id, token.Name) }));
    }

    private static async Task WriteAsync(HttpContext http, ScimAnswer answer)
    {
        var response = http.Response;
        response.StatusCode = answer.Status;
        response.Headers.CacheControl = "no-store";
        if (answer.Status == 401)
            response.Headers.WWWAuthenticate = "Bearer";
        if (answer.Version is not null)
            response.Headers.ETag = answer.Version;
        if (answer.Location is not null)
            response.Headers.Location = answer.Location;
        if (answer.Body is null || answer.Status == 304)
            return;
        response.ContentType = MediaType;
        await response.WriteAsync(answer.Body.ToJsonString(), http.RequestAborted);
    }

    private static string Bare(string tag)
    {
        var bare = tag.Trim();
        return bare.StartsWith("W/", StringComparison.Ordinal) ? bare[2..] : bare;
    }

    [LoggerMessage(EventId = 1321, Level = LogLevel.Error, Message = "Unhandled failure of {Method} {Path}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string? path);
}
