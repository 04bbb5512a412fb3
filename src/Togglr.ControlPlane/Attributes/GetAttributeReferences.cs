using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.Segments;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Attributes;

/// <summary>What reads an attribute: in a condition, or to divide contexts.</summary>
/// <param name="Flags">Flags that are not archived, with the environments in which they do.</param>
/// <param name="Segments">Keys of segments.</param>
public sealed record AttributeReferencesView(IReadOnlyList<FlagUseView> Flags, IReadOnlyList<string> Segments);

/// <summary>Looks through the conditions of the whole project: attributes are names in them, of which no list is kept.</summary>
internal static class GetAttributeReferences
{
    public static async Task<Results<Ok<AttributeReferencesView>, Problem>> HandleAsync(string name, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await AttributeEndpoints.FindAsync(name, current, db, cancel) is not { } attribute)
            return AttributeEndpoints.NotThere(name);
        var (organization, project) = (current.OrganizationId, current.Project.Id);
        var flags = await db.Database.SqlQuery<Use>(
            $"""
            SELECT flag.key AS "Key", state.environment_key AS "Environment"
            FROM flag_environments AS state JOIN flags AS flag ON flag.id = state.flag_id
            WHERE state.organization_id = {organization} AND state.project_id = {project} AND flag.archived_at IS NULL
              AND jsonb_path_exists(
                jsonb_build_array(state.rules, state.default_serve), '$.** ? (@.attribute == $name || @.bucketBy == $name)', jsonb_build_object('name', {attribute.Name}::text))
            """).ToListAsync(cancel);
        var segments = await db.Database.SqlQuery<string>(
            $"""
            SELECT key AS "Value" FROM segments
            WHERE organization_id = {organization} AND project_id = {project} AND condition IS NOT NULL
              AND jsonb_path_exists(condition::jsonb, '$.** ? (@.attribute == $name || @.bucketBy == $name)', jsonb_build_object('name', {attribute.Name}::text))
            ORDER BY key
            """).ToListAsync(cancel);
        return TypedResults.Ok(new AttributeReferencesView(FlagUses.Of(flags.Select(use => (use.Key, use.Environment))), segments));
    }

    private sealed record Use(string Key, string Environment);
}
