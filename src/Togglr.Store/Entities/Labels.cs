namespace Togglr.Store;

/// <summary>Where a category comes from.</summary>
public enum CategoryKind
{
    /// <summary>Part of Togglr; cannot be removed.</summary>
    System,

    /// <summary>The organization's own structure.</summary>
    Domain,

    /// <summary>Anybody's.</summary>
    User,
}

/// <summary>One of the drawers that flags are sorted into; a flag is in one at most.</summary>
public sealed class Category : Entity, IProjectOwned
{
    private Category()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Unique in the project; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Where it comes from; never changes.</summary>
    public CategoryKind Kind { get; private set; }

    internal override string AuditPath => $"categories/{Key}";

    /// <summary>A new category.</summary>
    public static Result<Category> Create(Project project, string key, string name, CategoryKind kind, string description = "")
    {
        if (KeyFormat.Slug(key, "key") is { } error)
            return error;
        var category = new Category { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Key = key, Kind = kind };
        var described = category.Describe(name, description);
        return described.IsOk ? category : described.Error;
    }

    /// <summary>Changes what people see.</summary>
    public Result Describe(string name, string description)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        (Name, Description) = (name, description);
        return Result.Ok;
    }
}

/// <summary>A coloured label; a flag has any number. The safety tags change what may be done to a flag.</summary>
public sealed class Tag : Entity, IProjectOwned
{
    private static readonly (string Key, string Name, string Color, string Description)[] Safety =
    [
        ("critical", "Critical", "#e03131", "Changes to these flags deserve a second thought."),
        ("auto-disable", "Auto-disable", "#f08c00", "Switched off by itself when errors pile up."),
        ("guarded", "Guarded", "#7048e8", "Changes need an approval."),
    ];

    private Tag()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Unique in the project; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Written <c>#rrggbb</c>.</summary>
    public string Color { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>True for the tags that every project has and keeps.</summary>
    public bool IsSafety => Safety.Any(safety => safety.Key == Key);

    internal override string AuditPath => $"tags/{Key}";

    /// <summary>A new tag.</summary>
    public static Result<Tag> Create(Project project, string key, string name, string color, string description = "")
    {
        if (KeyFormat.Slug(key, "key") is { } error)
            return error;
        var tag = new Tag { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Key = key };
        var described = tag.Describe(name, color, description);
        return described.IsOk ? tag : described.Error;
    }

    /// <summary>The tags that every project begins with: <c>critical</c>, <c>auto-disable</c>, <c>guarded</c>.</summary>
    public static IReadOnlyList<Tag> SafetyTags(Project project) =>
        [.. Safety.Select(safety => Create(project, safety.Key, safety.Name, safety.Color, safety.Description).Value!)];

    /// <summary>Changes what people see.</summary>
    public Result Describe(string name, string color, string description)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Color(color, "color") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        (Name, Color, Description) = (name, color, description);
        return Result.Ok;
    }
}
