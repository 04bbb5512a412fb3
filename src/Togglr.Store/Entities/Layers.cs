namespace Togglr.Store;

/// <summary>Experiments of one layer never share a unit: each has a range of its buckets.</summary>
public sealed class Layer : Entity, IProjectOwned
{
    private Layer()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Unique in the project; never changes. Units are put into buckets by it.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    internal override string AuditPath => $"layers/{Key}";

    /// <summary>A new one.</summary>
    public static Result<Layer> Create(Project project, string key, string name, string description)
    {
        if (!KeyFormat.IsSegmentKey(key))
            return Result.Invalid("key", "A key is 1 to 100 letters, digits and . _ - and begins with a letter or digit.");
        var layer = new Layer { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Key = key };
        var described = layer.Describe(name.Length == 0 ? key : name, description);
        return described.IsOk ? layer : described.Error;
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

/// <summary>A share of all units that is in none of the experiments that name it, so that what they do together can be measured.</summary>
public sealed class Holdout : Entity, IProjectOwned
{
    private Holdout()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Unique in the project; never changes. Units are put into buckets by it.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>How many of 10,000 are held out. Stays while an experiment that names it runs.</summary>
    public int Share { get; private set; }

    internal override string AuditPath => $"holdouts/{Key}";

    /// <summary>A new one.</summary>
    public static Result<Holdout> Create(Project project, string key, string name, string description, int share)
    {
        if (!KeyFormat.IsSegmentKey(key))
            return Result.Invalid("key", "A key is 1 to 100 letters, digits and . _ - and begins with a letter or digit.");
        var holdout = new Holdout { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Key = key };
        var changed = holdout.Change(name.Length == 0 ? key : name, description, share);
        return changed.IsOk ? holdout : changed.Error;
    }

    /// <summary>Changes everything but the key.</summary>
    public Result Change(string name, string description, int share)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        if (share is < 1 or > Experiment.Whole / 2)
            return Result.Invalid("percentage", "A holdout is 0.01 to 50 %.");
        (Name, Description, Share) = (name, description, share);
        return Result.Ok;
    }
}
