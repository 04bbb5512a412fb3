using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>Brings back what projects, environments, tags, categories and attributes are called and look like; the last three also where they were deleted.</summary>
internal static class RestoreSmallThings
{
    public static async Task<Restored> RunAsync(PastState past, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (entity, key) = (past.Entry.Entity, past.Entry.EntityKey);
        var permission = entity switch
        {
            "tag" => Permissions.TagManage,
            "category" => Permissions.CategoryManage,
            "attribute" => Permissions.FlagManage,
            _ => Permissions.ProjectManage,
        };
        var project = current.Project.Id;
        var environment = entity == "environment" ? await db.Environments.SingleOrDefaultAsync(it => it.ProjectId == project && it.Key == key, cancel) : null;
        if (!current.May(permission, project, environment?.Id))
            return Problem.Forbidden($"This needs the permission {permission}.");
        if (past.Row(entity == "category" ? $"categories/{key}" : $"{entity}s/{key}") is not { } row)
            return RestoreAuditEntry.Refused($"The entry does not tell of the state of this {entity}.");
        var (name, description, color) = (row.Text("name") ?? key, row.Text("description") ?? "", row.Text("color") ?? "#868e96");
        switch (entity)
        {
            case "project":
                return Done(current.Project, current.Project.Describe(name, description));
            case "environment":
                if (environment is null)
                    return RestoreAuditEntry.Refused("An environment that was deleted does not come back: its salt and its history are gone.");
                var changed = environment.Change(name, color, row.Is("critical"));
                if (changed.IsOk && row.Number("sampleMinutes") is { } minutes && row.Number("sampleSize") is { } size)
                    changed = environment.Sample(row.Is("sampleContexts"), row.Texts("sampleAttributes"), minutes, size);
                return Done(environment, changed);
            case "tag":
                return await db.Tags.SingleOrDefaultAsync(it => it.ProjectId == project && it.Key == key, cancel) is { } tag
                    ? Done(tag, tag.Describe(name, color, description))
                    : Add(db, Tag.Create(current.Project, key, name, color, description));
            case "category":
                return await db.Categories.SingleOrDefaultAsync(it => it.ProjectId == project && it.Key == key, cancel) is { } category
                    ? Done(category, category.Describe(name, description))
                    : Add(db, Category.Create(current.Project, key, name, row.Choice<CategoryKind>("kind") ?? CategoryKind.User, description));
            default:
                var type = row.Choice<AttributeType>("type") ?? AttributeType.String;
                return await db.Attributes.SingleOrDefaultAsync(it => it.ProjectId == project && it.Name == key, cancel) is { } attribute
                    ? Done(attribute, attribute.Describe(type, description, row.Texts("declaredValues"), row.Is("private")))
                    : Add(db, AttributeDefinition.Create(current.Project, key, type, description, row.Texts("declaredValues"), row.Is("private")));
        }
    }

    private static Restored Done(Entity entity, Result changed) => changed.IsOk ? entity.Id : RestoreAuditEntry.Refused(changed.Error);

    private static Restored Add<T>(TogglrDbContext db, Result<T> created)
        where T : Entity
    {
        if (!created.IsOk)
            return RestoreAuditEntry.Refused(created.Error);
        db.Add(created.Value);
        return created.Value.Id;
    }
}
