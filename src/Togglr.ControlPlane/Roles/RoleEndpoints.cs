using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Grants;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Roles;

/// <summary>Roles. Whoever makes, changes or removes one must have everything that it allows, before and after: it acts on all who have it, perhaps on themselves.</summary>
internal static class RoleEndpoints
{
    /// <summary>Custom roles of one organization.</summary>
    internal const int Limit = 100;

    public static void MapRoles(this IEndpointRouteBuilder organization)
    {
        var roles = organization.MapGroup("/roles").WithTags("Access");
        roles.MapGet("", ListAsync).WithName("listRoles").WithSummary("The built-in roles and the organization's own").RequirePermissionWithin(Permissions.MembershipView);
        roles.MapPost("", CreateAsync).WithName("createRole").WithSummary("Create a role").RequirePermission(Permissions.RoleManage);
        roles.MapGet("/{role}", GetAsync).WithName("getRole").WithSummary("A role").RequirePermissionWithin(Permissions.MembershipView);
        roles.MapPatch("/{role}", UpdateAsync).WithName("updateRole").WithSummary("Change a role, at once for all who have it").RequirePermission(Permissions.RoleManage);
        roles.MapDelete("/{role}", DeleteRole.HandleAsync).WithName("deleteRole").WithSummary("Delete a role that nobody has").RequirePermission(Permissions.RoleManage);
    }

    private static async Task<Ok<Page<RoleView>>> ListAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var uses = await UsesAsync(current, db, cancel);
        var own = await db.Roles.AsNoTracking().OrderBy(row => row.Name).ThenBy(row => row.Key).ToListAsync(cancel);
        IReadOnlyList<RoleView> all = [.. Enum.GetValues<BuiltInRole>().Select(role => View(role, uses)), .. own.Select(row => View(row, uses))];
        return TypedResults.Ok(new Page<RoleView>(all, null, all.Count));
    }

    private static async Task<Results<CreatedVersion<RoleView>, Problem>> CreateAsync(CreateRoleRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (Complete(request.Permissions, out var permissions) is { } unknown)
            return unknown;
        if (current.CheckConfer(permissions, new Scope(current.OrganizationId)) is { } refusal)
            return refusal;
        if (await db.Roles.CountAsync(cancel) >= Limit)
            return Problem.Conflict($"An organization has at most {Limit} roles of its own.", "limit_reached");
        var created = Role.Create(current.OrganizationId, request.Key, request.Name ?? request.Key, request.Description ?? "", permissions);
        if (!created.IsOk)
            return created.Error.ToProblem();
        db.Roles.Add(created.Value);
        if (await current.SaveAsync("role.created", request.Key, created.Value.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<RoleView>(View(created.Value, new Dictionary<string, int>(StringComparer.Ordinal)), created.Value.Version, request.Key);
    }

    private static async Task<Results<Versioned<RoleView>, Problem>> GetAsync(string role, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var uses = await UsesAsync(current, db, cancel);
        if (GrantResolver.BuiltInOf(role) is { } builtIn)
            return new Versioned<RoleView>(View(builtIn, uses), 0);
        return await db.Roles.AsNoTracking().SingleOrDefaultAsync(row => row.Key == role, cancel) is { } found
            ? new Versioned<RoleView>(View(found, uses), found.Version)
            : NotThere(role);
    }

    private static async Task<Results<Versioned<RoleView>, Problem>> UpdateAsync(string role, UpdateRoleRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (GrantResolver.BuiltInOf(role) is not null)
            return BuiltIn();
        if (await db.Roles.SingleOrDefaultAsync(row => row.Key == role, cancel) is not { } row)
            return NotThere(role);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (Complete(request.Permissions.Or(row.Permissions), out var permissions) is { } unknown)
            return unknown;
        if (current.CheckConfer(row.Permissions.Union(permissions), new Scope(current.OrganizationId)) is { } refusal)
            return refusal;
        var defined = row.Define(request.Name.Or(row.Name), request.Description.Or(row.Description), permissions);
        if (!defined.IsOk)
            return defined.Error.ToProblem();
        if (await current.SaveAsync("role.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<RoleView>(View(row, await UsesAsync(current, db, cancel)), row.Version);
    }

    internal static Problem NotThere(string key) => Problem.NotFound($"There is no role {key}.");

    internal static Problem BuiltIn() => Problem.Conflict("Built-in roles stay as they are. Make a role of your own.", "read_only");

    /// <summary>Adds what every role has; the problem names the first permission that does not exist.</summary>
    private static Problem? Complete(IReadOnlyList<string> asked, out IReadOnlySet<string> permissions)
    {
        var all = new HashSet<string>(asked, StringComparer.Ordinal) { Permissions.OrganizationView, Permissions.ProjectView };
        permissions = all;
        for (var i = 0; i < asked.Count; i++)
        {
            if (!Permissions.All.Contains(asked[i]))
                return Problem.Invalid(new ProblemItem("unknown_permission", $"/permissions/{i}", "There is no such permission."));
        }
        return null;
    }

    /// <summary>How many grants in the caller's sight give each role, by its key or id.</summary>
    private static async Task<IReadOnlyDictionary<string, int>> UsesAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var counted = await new PeopleInSight(current, db).Grants().GroupBy(row => new { row.BuiltInRole, row.RoleId })
            .Select(group => new { group.Key.BuiltInRole, group.Key.RoleId, Count = group.Count() }).ToListAsync(cancel);
        return counted.ToDictionary(row => row.BuiltInRole is { } builtIn ? GrantReader.KeyOf(builtIn) : row.RoleId!.Value.ToString(), row => row.Count, StringComparer.Ordinal);
    }

    private static RoleView View(BuiltInRole role, IReadOnlyDictionary<string, int> uses)
    {
        var key = GrantReader.KeyOf(role);
        return new RoleView(
            key, GrantViews.NameOf(role), DescriptionOf(role), true, [.. BuiltInRoles.PermissionsOf(key).Order(StringComparer.Ordinal)], uses.GetValueOrDefault(key), 0);
    }

    private static RoleView View(Role row, IReadOnlyDictionary<string, int> uses) =>
        new(row.Key, row.Name, row.Description, false, row.Permissions, uses.GetValueOrDefault(row.Id.ToString()), row.Version);

    private static string DescriptionOf(BuiltInRole role) => role switch
    {
        BuiltInRole.Owner => "Everything, the organization itself included.",
        BuiltInRole.Manager => "Projects, environments, their keys, and people.",
        BuiltInRole.Member => "Flags and segments.",
        _ => "Reading.",
    };
}
