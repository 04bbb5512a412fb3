namespace Togglr.Store;

/// <summary>What an attribute's values are.</summary>
public enum AttributeType
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An instant.</summary>
    Date,

    /// <summary>A semantic version.</summary>
    Semver,

    /// <summary>An IP address.</summary>
    Ip,

    /// <summary>Several values.</summary>
    Array,
}

/// <summary>An entry of the project's catalogue of context attributes, which the targeting editor offers.</summary>
public sealed class AttributeDefinition : Entity, IProjectOwned
{
    private const int MaximumValues = 1000;

    private AttributeDefinition()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Unique in the project; never changes.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What its values are.</summary>
    public AttributeType Type { get; private set; }

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Values that somebody declared, in their order.</summary>
    public IReadOnlyList<string> DeclaredValues { get; private set; } = [];

    /// <summary>Whether it must not leave the server's side: flags that clients see should not look at it.</summary>
    public bool Private { get; private set; }

    internal override string AuditPath => $"attributes/{Name}";

    /// <summary>A new entry.</summary>
    public static Result<AttributeDefinition> Create(
        Project project, string name, AttributeType type, string description = "", IReadOnlyList<string>? values = null, bool isPrivate = false)
    {
        if (!KeyFormat.IsSegmentKey(name))
            return Result.Invalid("name", "A name is 1 to 100 letters, digits, dots, underscores and hyphens and begins with a letter or digit.");
        var attribute = new AttributeDefinition
        {
            Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Name = name,
        };
        var described = attribute.Describe(type, description, values ?? [], isPrivate);
        return described.IsOk ? attribute : described.Error;
    }

    /// <summary>Changes everything but the name.</summary>
    public Result Describe(AttributeType type, string description, IReadOnlyList<string> values, bool isPrivate)
    {
        if (KeyFormat.Description(description, "description") is { } error)
            return error;
        if (values.Count > MaximumValues)
            return Result.Invalid("values", $"An attribute has at most {MaximumValues} declared values.");
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is null or { Length: > KeyFormat.MaximumNameLength })
                return Result.Invalid($"values/{i}", $"A value has at most {KeyFormat.MaximumNameLength} characters.");
            if (KeyFormat.Text(values[i], $"values/{i}") is { } invalid)
                return invalid;
        }

        (Type, Description, DeclaredValues, Private) = (type, description, [.. values.Distinct(StringComparer.Ordinal)], isPrivate);
        return Result.Ok;
    }
}
