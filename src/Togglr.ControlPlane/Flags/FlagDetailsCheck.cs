using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.JsonSchemas;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>What a flag's details refer to must exist, and JSON values must be what their schema says.</summary>
internal static class FlagDetailsCheck
{
    public static IReadOnlyList<Variant> ToVariants(IReadOnlyList<VariantBody> bodies) =>
        [.. bodies.Select(body => new Variant(body.Key, body.Value) { Name = body.Name ?? "", Description = body.Description ?? "" })];

    /// <summary>Deepest nesting of values and schemas: what holds them, up to the pages of the audit log, nests as well.</summary>
    private const int MaximumDepth = 64;

    public static async Task<Problem?> RunAsync(TogglrDbContext db, Guid project, FlagDetails details, CancellationToken cancel)
    {
        var faults = new List<ProblemItem>();
        if (details.Category is { } category && !await db.Categories.AnyAsync(row => row.ProjectId == project && row.Key == category, cancel))
            faults.Add(new ProblemItem("unknown_category", "/category", $"There is no category {category}."));
        await CheckTagsAsync(db, project, details.Tags, faults, cancel);
        await CheckPeopleAsync(db, details, faults, cancel);
        CheckSchema(details, faults);
        return faults.Count == 0 ? null : Problem.Invalid(faults);
    }

    private static async Task CheckTagsAsync(TogglrDbContext db, Guid project, IReadOnlyList<string> tags, List<ProblemItem> faults, CancellationToken cancel)
    {
        if (tags.Count == 0)
            return;
        var wanted = tags.ToArray();
        var known = await db.Tags.Where(row => row.ProjectId == project && wanted.Contains(row.Key)).Select(row => row.Key).ToListAsync(cancel);
        for (var i = 0; i < wanted.Length; i++)
        {
            if (!known.Contains(wanted[i], StringComparer.Ordinal))
                faults.Add(new ProblemItem("unknown_tag", $"/tags/{i}", $"There is no tag {wanted[i]}."));
        }
    }

    private static async Task CheckPeopleAsync(TogglrDbContext db, FlagDetails details, List<ProblemItem> faults, CancellationToken cancel)
    {
        Guid[] wanted = details.OwnerId is { } owner ? [owner, .. details.MaintainerIds] : [.. details.MaintainerIds];
        if (wanted.Length == 0)
            return;
        var known = await db.Memberships.Where(row => wanted.Contains(row.UserId)).Select(row => row.UserId).ToListAsync(cancel);
        if (details.OwnerId is { } id && !known.Contains(id))
            faults.Add(new ProblemItem("unknown_person", "/owner", "The owner is not a member of the organization."));
        for (var i = 0; i < details.MaintainerIds.Count; i++)
        {
            if (!known.Contains(details.MaintainerIds[i]))
                faults.Add(new ProblemItem("unknown_person", $"/maintainers/{i}", "The maintainer is not a member of the organization."));
        }
    }

    private static void CheckSchema(FlagDetails details, List<ProblemItem> faults)
    {
        for (var i = 0; i < details.Variants.Count; i++)
            CheckDepth(details.Variants[i].Value, $"/variants/{i}/value", faults);
        if (details.JsonSchema is { } any)
            CheckDepth(any, "/jsonSchema", faults);
        if (faults.Count > 0)
            return;
        if (details.JsonSchema is not { ValueKind: not JsonValueKind.Undefined } json || JsonSchema.Compile(json, "/jsonSchema", faults) is not { } schema)
            return;
        for (var i = 0; i < details.Variants.Count; i++)
        {
            if (details.Variants[i].Value.ValueKind != JsonValueKind.Undefined)
                schema.Validate(details.Variants[i].Value, $"/variants/{i}/value", faults);
        }
    }

    private static void CheckDepth(JsonElement value, string path, List<ProblemItem> faults)
    {
        if (Depth(value) > MaximumDepth)
            faults.Add(new ProblemItem("too_deep", path, $"Values nest at most {MaximumDepth} deep."));
    }

    private static int Depth(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => 1 + value.EnumerateObject().Select(member => Depth(member.Value)).DefaultIfEmpty(0).Max(),
        JsonValueKind.Array => 1 + value.EnumerateArray().Select(Depth).DefaultIfEmpty(0).Max(),
        _ => 0,
    };
}
