namespace Togglr.Store;

/// <summary>What is switched together: a product, a service, a site.</summary>
public sealed class Project : Entity, ITenantOwned
{
    private Project()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>Unique in the organization; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    internal override string AuditPath => $"projects/{Key}";

    /// <summary>A new, empty project. <see cref="StandardEnvironments"/> and <see cref="Tag.SafetyTags"/> complete it.</summary>
    public static Result<Project> Create(Organization organization, string key, string name, string description = "")
    {
        if (KeyFormat.Slug(key, "key") is { } error)
            return error;
        var project = new Project { Id = Guid.CreateVersion7(), OrganizationId = organization.Id, Key = key };
        var described = project.Describe(name, description);
        return described.IsOk ? project : described.Error;
    }

    /// <summary>Changes what people see.</summary>
    public Result Describe(string name, string description)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        (Name, Description) = (name, description);
        return Result.Ok;
    }

    /// <summary>The environments every project begins with: <c>prod</c> (critical), <c>stage</c>, <c>dev</c>.</summary>
    public IReadOnlyList<ProjectEnvironment> StandardEnvironments() =>
    [
        ProjectEnvironment.Create(this, "prod", "Production", "#e03131", critical: true, 0).Value!,
        ProjectEnvironment.Create(this, "stage", "Staging", "#f08c00", critical: false, 1).Value!,
        ProjectEnvironment.Create(this, "dev", "Development", "#2f9e44", critical: false, 2).Value!,
    ];
}

/// <summary>A place where flags live with a state of their own. (Not <c>Environment</c>, which is the base library's.)</summary>
public sealed class ProjectEnvironment : Entity, IProjectOwned
{
    /// <summary>The names that stand for the targeting key, see <c>spec/evaluation.md</c>.</summary>
    private static readonly string[] TargetingKeys = ["targetingKey", "user.id", "user_id", "userId", "key"];

    private ProjectEnvironment()
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

    /// <summary>Changes here deserve a second thought.</summary>
    public bool Critical { get; private set; }

    /// <summary>Place in the project's list, from 0.</summary>
    public int Position { get; private set; }

    /// <summary>Part of every bucket's hash; never changes.</summary>
    public string Salt { get; private set; } = "";

    /// <summary>Grows by one with every change of the snapshot. Written by <see cref="TogglrDbContext.CommitAsync"/> only.</summary>
    public long Revision { get; internal set; }

    /// <summary>Whether a sample of the contexts that are evaluated here is kept, to show what a change would do.</summary>
    public bool SampleContexts { get; private set; }

    /// <summary>The attributes that are kept of them; those that are marked as private are left out all the same.</summary>
    public IReadOnlyList<string> SampleAttributes { get; private set; } = [];

    /// <summary>For how many minutes.</summary>
    public int SampleMinutes { get; private set; } = 60;

    /// <summary>Of how many people.</summary>
    public int SampleSize { get; private set; } = 10_000;

    /// <summary>The project; loaded on request.</summary>
    public Project? Project { get; private set; }

    internal override string AuditPath => $"environments/{Key}";

    /// <summary>A new environment with a random salt. Saving it gives every flag of the project a state in it.</summary>
    public static Result<ProjectEnvironment> Create(Project project, string key, string name, string color, bool critical, int position)
    {
        if (KeyFormat.Slug(key, "key") is { } error)
            return error;
        var environment = new ProjectEnvironment
        {
            Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Key = key, Position = position,
            Salt = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)),
        };
        var changed = environment.Change(name, color, critical);
        return changed.IsOk ? environment : changed.Error;
    }

    /// <summary>Changes what people see.</summary>
    public Result Change(string name, string color, bool critical)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Color(color, "color")) is { } error)
            return error;
        (Name, Color, Critical) = (name, color, critical);
        return Result.Ok;
    }

    /// <summary>Changes what is kept of contexts.</summary>
    /// <param name="isOn">Whether anything is.</param>
    /// <param name="attributes">Names of attributes or dotted paths, at most 50; never the targeting key or what stands for it.</param>
    /// <param name="minutes">For how long, 5 to 10,080.</param>
    /// <param name="size">Of how many people, 100 to 100,000.</param>
    public Result Sample(bool isOn, IReadOnlyList<string> attributes, int minutes, int size)
    {
        if (attributes.Count > 50)
            return Result.Invalid("sampling/attributes", "At most 50 attributes are kept.");
        for (var i = 0; i < attributes.Count; i++)
        {
            if (!KeyFormat.IsSegmentKey(attributes[i]))
                return Result.Invalid($"sampling/attributes/{i}", "A name is 1 to 100 letters, digits, dots, underscores and hyphens and begins with a letter or digit.");
            if (TargetingKeys.Contains(attributes[i], StringComparer.Ordinal))
                return Result.Invalid($"sampling/attributes/{i}", $"{attributes[i]} says who somebody is and is never kept.");
        }

        if (minutes is < 5 or > 10_080)
            return Result.Invalid("sampling/minutes", "Contexts are kept for 5 to 10,080 minutes.");
        if (size is < 100 or > 100_000)
            return Result.Invalid("sampling/size", "A sample has 100 to 100,000 people.");
        (SampleContexts, SampleAttributes, SampleMinutes, SampleSize) = (isOn, [.. attributes.Distinct(StringComparer.Ordinal)], minutes, size);
        return Result.Ok;
    }

    /// <summary>Moves the environment in the project's list.</summary>
    /// <param name="position">From 0.</param>
    public void MoveTo(int position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        Position = position;
    }
}
