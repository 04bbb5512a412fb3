using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Compares the versions on which requests build with what there is.</summary>
internal static class Bases
{
    /// <summary>The names of rows that were changed or removed since they were as is known.</summary>
    public static async Task<IReadOnlyList<string>> FindOutdatedAsync(TogglrDbContext db, Guid project, IEnumerable<BaseVersion> known, CancellationToken cancel)
    {
        var bases = known.DistinctBy(row => row.Path).ToList();
        if (bases.Count == 0)
            return [];
        string[] paths = [.. bases.Select(row => row.Path)];
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            SELECT path AS "Path", id AS "Id", version AS "Version" FROM (
                SELECT 'flags/' || key AS path, id, version FROM flags WHERE project_id = {project}
                UNION ALL SELECT 'flags/' || f.key || '/environments/' || s.environment_key, s.flag_id, s.version FROM flag_environments s JOIN flags f ON f.id = s.flag_id WHERE s.project_id = {project}
                UNION ALL SELECT 'segments/' || key, id, version FROM segments WHERE project_id = {project}
                UNION ALL SELECT 'environments/' || key, id, version FROM environments WHERE project_id = {project}
                UNION ALL SELECT 'categories/' || key, id, version FROM categories WHERE project_id = {project}
                UNION ALL SELECT 'tags/' || key, id, version FROM tags WHERE project_id = {project}
                UNION ALL SELECT 'attributes/' || name, id, version FROM attributes WHERE project_id = {project}
                UNION ALL SELECT 'change-policies/' || id, id, version FROM change_policies WHERE project_id = {project}
                UNION ALL SELECT 'projects/' || key, id, version FROM projects WHERE id = {project}) known
            WHERE path = ANY({paths})
            """).ToListAsync(cancel);
        var now = rows.ToDictionary(row => row.Path, StringComparer.Ordinal);
        // What is of a kind that is not known here is compared when it is applied.
        return [.. bases.Where(row => IsKnown(row.Path) && (!now.TryGetValue(row.Path, out var found) || found.Version != row.Version || found.Id != row.Id)).Select(row => row.Path)];
    }

    private static bool IsKnown(string path) =>
        path.Split('/') is ["flags", _] or ["flags", _, "environments", _] or ["segments" or "environments" or "categories" or "tags" or "attributes" or "change-policies" or "projects", _];

    private sealed record Row(string Path, Guid? Id, int Version);
}
