using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Scim;

/// <summary>A new SCIM token.</summary>
public sealed record ScimTokenRequest
{
    /// <summary>For how many hours the token before it stays good, 0 to 168; 0 if absent.</summary>
    public int? OverlapHours { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A new SCIM token, shown this once.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Secret">The token.</param>
/// <param name="Url">Where the provider writes to.</param>
/// <param name="PreviousValidUntil">Until when the token before it stays good; null where there was none.</param>
public sealed record ScimTokenView(Guid Id, string Secret, string Url, DateTimeOffset? PreviousValidUntil);

/// <summary>Settings of SCIM: there are none.</summary>
public sealed record ScimSettings;

/// <summary>Providers that write people and groups here.</summary>
internal sealed class ScimKind : IProviderKind
{
    public IdentityProviderKind Kind => IdentityProviderKind.Scim;

    public IReadOnlyList<string> SecretNames => [];

    public Task<Checked> CheckAsync(JsonElement settings, IDictionary<string, string> secrets, CancellationToken cancel)
    {
        var (read, fault) = ProviderSettings.Read<ScimSettings>(settings);
        return Task.FromResult(read is null ? Checked.Bad(fault!) : Checked.Good(read));
    }

    public ProviderUrlsView UrlsOf(IdentityProvider provider, PublicAddress address) => new() { ScimUrl = address.Origin + "/scim/v2" };

    public Task<ProviderTestView> TestAsync(IdentityProvider provider, PublicAddress address, CancellationToken cancel) =>
        Task.FromResult(ProviderTestView.Of(
        [
            address.Origin is { } origin
                ? new ProviderTestStepView("address", true, $"Enter {origin}/scim/v2 at the provider; it calls, Togglr does not.")
                : new ProviderTestStepView("address", false, "TOGGLR_PUBLIC_URL is not set: the provider cannot be told where to write."),
        ]));
}

internal static class ScimEndpoints
{
    private const int LongestOverlap = 168;

    public static void AddScim(this IServiceCollection services) => services.AddSingleton<IProviderKind, ScimKind>();

    public static void MapScimTokens(this IEndpointRouteBuilder organization) =>
        organization.MapPost("/identity-providers/{provider}/scim-token", IssueTokenAsync).WithTags("Identity providers").WithName("issueScimToken")
            .WithSummary("Issue a new SCIM token in the place of the one before").RequirePermission(Permissions.IdentityManage);

    public static void MapScim(this IEndpointRouteBuilder endpoints)
    {
        var scim = endpoints.MapGroup("/scim/v2").ExcludeFromDescription().RequireProviderToken();
        void Map(string method, string path, Func<ScimRequest, Task<ScimAnswer>> handler) => scim.MapMethods(path, [method], ScimGate.Guard(handler));
        Map("GET", "/Users", ScimUsers.ListAsync);
        Map("POST", "/Users/.search", ScimUsers.SearchAsync);
        Map("POST", "/Users", ScimUsers.CreateAsync);
        Map("GET", "/Users/{id}", ScimUsers.GetAsync);
        Map("PUT", "/Users/{id}", ScimUsers.ReplaceAsync);
        Map("PATCH", "/Users/{id}", ScimUsers.PatchAsync);
        Map("DELETE", "/Users/{id}", ScimUsers.DeleteAsync);
        Map("GET", "/Groups", ScimGroups.ListAsync);
        Map("POST", "/Groups/.search", ScimGroups.SearchAsync);
        Map("POST", "/Groups", ScimGroups.InTurn(ScimGroups.CreateAsync));
        Map("GET", "/Groups/{id}", ScimGroups.GetAsync);
        Map("PUT", "/Groups/{id}", ScimGroups.InTurn(ScimGroups.ReplaceAsync));
        Map("PATCH", "/Groups/{id}", ScimGroups.InTurn(ScimGroups.PatchAsync));
        Map("DELETE", "/Groups/{id}", ScimGroups.InTurn(ScimGroups.DeleteAsync));
        Map("GET", "/ServiceProviderConfig", static request => Task.FromResult(new ScimAnswer(200, ScimDiscovery.Configuration(request.Base))));
        Map("GET", "/ResourceTypes", static request => Task.FromResult(ScimDiscovery.List(ScimDiscovery.ResourceTypes(request.Base))));
        Map("GET", "/ResourceTypes/{id}", static request => Task.FromResult(ScimDiscovery.One(ScimDiscovery.ResourceTypes(request.Base), request)));
        Map("GET", "/Schemas", static _ => Task.FromResult(ScimDiscovery.List(ScimDiscovery.Schemas())));
        Map("GET", "/Schemas/{id}", static request => Task.FromResult(ScimDiscovery.One(ScimDiscovery.Schemas(), request)));
        scim.Map("/Me", ScimGate.Guard(static _ => Task.FromResult(ScimGate.Error(501, null, "A provider is not a person."))));
        scim.Map("/Bulk", ScimGate.Guard(static _ => Task.FromResult(ScimGate.Error(501, null, "Bulk operations are not offered."))));
        scim.Map("/{**rest}", ScimGate.Guard(static _ => Task.FromResult(ScimGate.Error(404, null, "There is nothing at this path."))));
    }

    private static async Task<Results<Ok<ScimTokenView>, Problem>> IssueTokenAsync(
        string provider, ScimTokenRequest request, Current current, TogglrDbContext db, PublicAddress address, TimeProvider time, CancellationToken cancel)
    {
        if (await IdentityProviderEndpoints.FindAsync(provider, db, cancel) is not { } row)
            return IdentityProviderEndpoints.NotThere(provider);
        if (IdentityProviderEndpoints.MayTrust(current) is { } refused)
            return refused;
        if (row.Kind != IdentityProviderKind.Scim)
            return Problem.Conflict("Only SCIM providers have a token.", "not_a_scim_provider");
        if (request.OverlapHours is < 0 or > LongestOverlap)
            return Problem.Invalid(new ProblemItem("out_of_range", "/overlapHours", $"Tokens overlap by 0 to {LongestOverlap} hours."));
        var (now, before) = (time.GetUtcNow(), await db.ProviderTokens.Where(token => token.ProviderId == row.Id).ToListAsync(cancel));
        var until = now.AddHours(request.OverlapHours ?? 0);
        foreach (var token in before)
        {
            if (request.OverlapHours is null or 0 || token.ExpiresAt <= now)
                db.ProviderTokens.Remove(token);
            else
                token.ExpireAt(until);
        }
        var (issued, secret) = ProviderToken.Create(row);
        db.ProviderTokens.Add(issued);
        if (await current.SaveAsync("identity_provider.token_issued", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        current.Http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new ScimTokenView(issued.Id, secret, address.Origin + "/scim/v2", before.Count == 0 ? null : until));
    }
}

/// <summary>What the interface can do, for clients that ask first (RFC 7643, 5 to 7).</summary>
internal static class ScimDiscovery
{
    public static JsonObject Configuration(string address) => new()
    {
        ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"),
        ["documentationUri"] = "https://togglr.dev/docs/sso/scim",
        ["patch"] = new JsonObject { ["supported"] = true },
        ["bulk"] = new JsonObject { ["supported"] = false, ["maxOperations"] = 0, ["maxPayloadSize"] = 0 },
        ["filter"] = new JsonObject { ["supported"] = true, ["maxResults"] = ScimList.MostResults },
        ["changePassword"] = new JsonObject { ["supported"] = false },
        ["sort"] = new JsonObject { ["supported"] = false },
        ["etag"] = new JsonObject { ["supported"] = true },
        ["authenticationSchemes"] = new JsonArray(new JsonObject
        {
            ["type"] = "oauthbearertoken", ["name"] = "Bearer token", ["description"] = "The token that the organization issued for this provider.", ["primary"] = true,
        }),
        ["meta"] = new JsonObject { ["resourceType"] = "ServiceProviderConfig", ["location"] = $"{address}/ServiceProviderConfig" },
    };

    public static IEnumerable<JsonObject> ResourceTypes(string address) => [Type(ScimSchema.User, "/Users", address), Type(ScimSchema.Group, "/Groups", address)];

    public static IEnumerable<JsonObject> Schemas() => ScimSchema.User.Describe().Concat(ScimSchema.Group.Describe());

    public static ScimAnswer List(IEnumerable<JsonObject> resources)
    {
        var all = new JsonArray([.. resources]);
        return new ScimAnswer(200, new JsonObject
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:api:messages:2.0:ListResponse"), ["totalResults"] = all.Count, ["startIndex"] = 1, ["itemsPerPage"] = all.Count, ["Resources"] = all,
        });
    }

    public static ScimAnswer One(IEnumerable<JsonObject> resources, ScimRequest request)
    {
        var id = (string?)request.Http.Request.RouteValues["id"];
        return resources.FirstOrDefault(resource => resource["id"]!.GetValue<string>() == id) is { } found ? new ScimAnswer(200, found) : throw ScimFaultException.NotFound("There is no such description.");
    }

    private static JsonObject Type(ScimSchema schema, string endpoint, string address)
    {
        var type = new JsonObject
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ResourceType"), ["id"] = schema.Name, ["name"] = schema.Name, ["endpoint"] = endpoint, ["schema"] = schema.Urn,
            ["meta"] = new JsonObject { ["resourceType"] = "ResourceType", ["location"] = $"{address}/ResourceTypes/{schema.Name}" },
        };
        if (schema.Extension is { } extension)
            type["schemaExtensions"] = new JsonArray(new JsonObject { ["schema"] = extension, ["required"] = false });
        return type;
    }
}
