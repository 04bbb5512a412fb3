using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>What the login page offers. The answer depends on the domain of an address at most, so that it tells nobody whether there is such an account.</summary>
internal static class ListSignInProviders
{
    private const int Most = 50;

    public static async Task<Ok<IReadOnlyList<SignInProviderView>>> HandleAsync(
        [FromQuery, Description("The address that somebody typed; its domain decides")] string? email, [FromQuery, Description("Key of an organization: its providers only")] string? org,
        TogglrDbContext db, CancellationToken cancel)
    {
        string[] domain = email is { Length: <= 254 } && email.LastIndexOf('@') is > 0 and var at ? [email[(at + 1)..].Trim().ToLowerInvariant()] : [];
        if (domain is [var name] && name.Contains('\0', StringComparison.Ordinal))
            domain = [];
        var query = db.IdentityProviders.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking()
            .Where(row => row.Enabled && row.Kind != IdentityProviderKind.Scim && (row.ShowOnLogin || row.Domains.Any(it => domain.Contains(it))));
        if (!string.IsNullOrEmpty(org))
        {
            if (!KeyFormat.IsSlug(org))
                return TypedResults.Ok<IReadOnlyList<SignInProviderView>>([]);
            query = query.Where(row => db.Organizations.Any(organization => organization.Id == row.OrganizationId && organization.Key == org));
        }
        var rows = await query.OrderBy(row => row.Name).ThenBy(row => row.Id).Take(Most).Select(row => new { row.Id, row.Name, row.Kind }).ToListAsync(cancel);
        return TypedResults.Ok<IReadOnlyList<SignInProviderView>>([.. rows.Select(row => new SignInProviderView(row.Id, row.Name, row.Kind, StartOf(row.Kind, row.Id)))]);
    }

    private static string? StartOf(IdentityProviderKind kind, Guid id) => kind switch
    {
        IdentityProviderKind.Oidc => $"/api/v1/auth/oidc/{id}/start",
        IdentityProviderKind.Saml => $"/api/v1/auth/saml/{id}/start",
        _ => null,
    };
}
