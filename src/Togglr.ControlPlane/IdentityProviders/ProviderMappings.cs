using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>What a group or claim value of a provider gives.</summary>
public sealed record ProviderMapping
{
    /// <summary>The provider's group or claim value, exactly; <c>*</c> is everybody.</summary>
    public required string Match { get; init; }

    /// <summary>The key of a role.</summary>
    public required string Role { get; init; }

    /// <summary>The project where the role holds; absent: in the whole organization.</summary>
    public string? Project { get; init; }

    /// <summary>The environment of the project where the role holds; absent: in all of it.</summary>
    public string? Environment { get; init; }
}

/// <summary>A mapping whose role and scope were found.</summary>
/// <param name="Match">The provider's group or claim value; <c>*</c> is everybody.</param>
/// <param name="Role">The role.</param>
/// <param name="Permissions">What it allows.</param>
/// <param name="Project">Where.</param>
/// <param name="Environment">Where in the project.</param>
internal sealed record ResolvedMapping(string Match, GrantedRole Role, IReadOnlySet<string> Permissions, Guid? Project, Guid? Environment)
{
    /// <summary>Whether it gives something to somebody whose groups or claim values these are.</summary>
    public bool AppliesTo(IReadOnlySet<string> groups) => Match == ProviderMappings.Everybody || groups.Contains(Match);
}

/// <summary>Reads, checks and resolves mappings in the current organization.</summary>
internal sealed class ProviderMappings(TogglrDbContext db)
{
    /// <summary>Matches everybody.</summary>
    public const string Everybody = "*";

    private const int Most = 500;
    private const int LongestMatch = 1000;

    /// <summary>Mappings as they are stored.</summary>
    public static JsonElement Write(IReadOnlyList<ProviderMapping> mappings) => JsonSerializer.SerializeToElement(mappings, StrictJson.Options);

    /// <summary>The mappings of a provider.</summary>
    public static IReadOnlyList<ProviderMapping> Of(IdentityProvider provider) => provider.Mappings.Deserialize<List<ProviderMapping>>(StrictJson.Options)!;

    /// <summary>The mappings of a provider whose role and scope are still there; the others give nothing.</summary>
    public async Task<IReadOnlyList<ResolvedMapping>> ResolveAsync(IdentityProvider provider, CancellationToken cancel) =>
        [.. (await ResolveAsync(Of(provider), cancel)).Select(static found => found.Mapping).OfType<ResolvedMapping>()];

    /// <summary>What is wrong with mappings; null when nothing is and <paramref name="current"/> may give and take all that they give.</summary>
    public async Task<Problem?> CheckAsync(IReadOnlyList<ProviderMapping> mappings, Current current, CancellationToken cancel)
    {
        if (mappings.Count > Most)
            return Problem.Invalid(new ProblemItem("too_many", "/mappings", $"A provider has at most {Most} mappings."));
        for (var i = 0; i < mappings.Count; i++)
        {
            if (ProviderSettings.Fault(mappings[i].Match, $"/mappings/{i}/match", LongestMatch, required: true) is { } fault)
                return Problem.Invalid(fault);
        }
        foreach (var (mapping, fault) in await ResolveAsync(mappings, cancel))
        {
            if (fault is not null)
                return Problem.Invalid(fault);
            if (!current.MayConfer(mapping!.Permissions, mapping.Project, mapping.Environment))
                return Problem.Forbidden($"The mapping of {mapping.Match} gives more than you may give.");
        }
        return null;
    }

    private async Task<List<(ResolvedMapping? Mapping, ProblemItem? Fault)>> ResolveAsync(IReadOnlyList<ProviderMapping> mappings, CancellationToken cancel)
    {
        var roles = mappings.Count == 0 ? [] : await db.Roles.AsNoTracking().ToDictionaryAsync(row => row.Key, StringComparer.Ordinal, cancel);
        string[] projectKeys = [.. mappings.Select(mapping => mapping.Project).OfType<string>().Distinct(StringComparer.Ordinal)];
        var projects = projectKeys.Length == 0 ? [] : await db.Projects.AsNoTracking().Where(row => projectKeys.Contains(row.Key)).ToDictionaryAsync(row => row.Key, row => row.Id, StringComparer.Ordinal, cancel);
        Guid[] projectIds = [.. projects.Values];
        var environments = projectIds.Length == 0 || mappings.All(mapping => mapping.Environment is null)
            ? []
            : await db.Environments.AsNoTracking().Where(row => projectIds.Contains(row.ProjectId)).ToDictionaryAsync(row => (row.ProjectId, row.Key), row => row.Id, cancel);
        return [.. mappings.Select((mapping, i) => Resolve(mapping, $"/mappings/{i}", roles, projects, environments))];
    }

    private static (ResolvedMapping? Mapping, ProblemItem? Fault) Resolve(
        ProviderMapping mapping, string path, Dictionary<string, Role> roles, Dictionary<string, Guid> projects, Dictionary<(Guid, string), Guid> environments)
    {
        GrantedRole role;
        IReadOnlySet<string> permissions;
        if (roles.TryGetValue(mapping.Role, out var custom))
            (role, permissions) = (GrantedRole.Of(custom), custom.Permissions.ToHashSet(StringComparer.Ordinal));
        else if (BuiltInRoles.PermissionsOf(mapping.Role) is { Count: > 0 } builtIn)
            (role, permissions) = (GrantedRole.Of(Enum.Parse<BuiltInRole>(mapping.Role, ignoreCase: true)), builtIn);
        else
            return (null, new ProblemItem("unknown", path + "/role", $"There is no role {mapping.Role}."));
        if (mapping.Project is null)
        {
            return mapping.Environment is null
                ? (new ResolvedMapping(mapping.Match, role, permissions, null, null), null)
                : (null, new ProblemItem("invalid", path + "/environment", "An environment is in a project: name that too."));
        }
        if (!projects.TryGetValue(mapping.Project, out var project))
            return (null, new ProblemItem("unknown", path + "/project", $"There is no project {mapping.Project}."));
        if (mapping.Environment is null)
            return (new ResolvedMapping(mapping.Match, role, permissions, project, null), null);
        return environments.TryGetValue((project, mapping.Environment), out var environment)
            ? (new ResolvedMapping(mapping.Match, role, permissions, project, environment), null)
            : (null, new ProblemItem("unknown", path + "/environment", $"There is no environment {mapping.Environment} in {mapping.Project}."));
    }
}
