using System.Text.Json;

namespace Togglr.Store;

/// <summary>The type of a flag's values.</summary>
public enum FlagType
{
    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Text.</summary>
    String,

    /// <summary>A finite double.</summary>
    Number,

    /// <summary>Any JSON value.</summary>
    Json,
}

/// <summary>What a flag is for, which says how long it should live.</summary>
public enum FlagKind
{
    /// <summary>Ships something new; gone soon after.</summary>
    Release,

    /// <summary>Compares variants.</summary>
    Experiment,

    /// <summary>Switches something off in an emergency.</summary>
    Operational,

    /// <summary>Opens something for some; lives long.</summary>
    Permission,
}

/// <summary>One of the values that a flag can serve.</summary>
/// <param name="Key">Unique in the flag.</param>
/// <param name="Value">Of the flag's type.</param>
public sealed record Variant(string Key, JsonElement Value)
{
    /// <summary>Shown to people; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; init; } = "";
}

/// <summary>Everything of a flag that can be changed and is the same in all environments. To change some of it: <c>flag.Change(flag.Details with { … })</c>.</summary>
public sealed record FlagDetails
{
    /// <summary>Shown to people; empty means the key.</summary>
    public string Name { get; init; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>What the flag is for.</summary>
    public FlagKind Kind { get; init; }

    /// <summary>2 to 100, in the order of display. Empty for a boolean flag: <c>on</c> and <c>off</c>.</summary>
    public IReadOnlyList<Variant> Variants { get; init; } = [];

    /// <summary>What new environments serve when enabled; null: the first variant.</summary>
    public string? DefaultVariant { get; init; }

    /// <summary>What is served while disabled; null: nothing, the application's own default holds.</summary>
    public string? OffVariant { get; init; }

    /// <summary>A JSON Schema for the values of a JSON flag.</summary>
    public JsonElement? JsonSchema { get; init; }

    /// <summary>The user who answers for the flag.</summary>
    public Guid? OwnerId { get; init; }

    /// <summary>Users who look after the flag.</summary>
    public IReadOnlyList<Guid> MaintainerIds { get; init; } = [];

    /// <summary>Key of a category.</summary>
    public string? Category { get; init; }

    /// <summary>Keys of tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Client keys see the flag.</summary>
    public bool ClientVisible { get; init; }

    /// <summary>1 to 36,500; null: no expectation.</summary>
    public int? ExpectedLifetimeDays { get; init; }
}

/// <summary>A flag: what is the same everywhere, and its state per environment.</summary>
public sealed class Flag : Entity, IProjectOwned
{
    private readonly List<FlagEnvironment> _environments = [];

    private Flag()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Unique in the project; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Type of the values; never changes.</summary>
    public FlagType Type { get; private set; }

    /// <inheritdoc cref="FlagDetails.Kind"/>
    public FlagKind Kind { get; private set; }

    /// <inheritdoc cref="FlagDetails.Name"/>
    public string Name { get; private set; } = "";

    /// <inheritdoc cref="FlagDetails.Description"/>
    public string Description { get; private set; } = "";

    /// <summary>In the order of display.</summary>
    public IReadOnlyList<Variant> Variants { get; private set; } = [];

    /// <summary>What new environments serve when enabled.</summary>
    public string DefaultVariant { get; private set; } = "";

    /// <inheritdoc cref="FlagDetails.OffVariant"/>
    public string? OffVariant { get; private set; }

    /// <inheritdoc cref="FlagDetails.JsonSchema"/>
    public JsonElement? JsonSchema { get; private set; }

    /// <inheritdoc cref="FlagDetails.OwnerId"/>
    public Guid? OwnerId { get; private set; }

    /// <inheritdoc cref="FlagDetails.MaintainerIds"/>
    public IReadOnlyList<Guid> MaintainerIds { get; private set; } = [];

    /// <inheritdoc cref="FlagDetails.Category"/>
    public string? Category { get; private set; }

    /// <inheritdoc cref="FlagDetails.Tags"/>
    public IReadOnlyList<string> Tags { get; private set; } = [];

    /// <inheritdoc cref="FlagDetails.ClientVisible"/>
    public bool ClientVisible { get; private set; }

    /// <inheritdoc cref="FlagDetails.ExpectedLifetimeDays"/>
    public int? ExpectedLifetimeDays { get; private set; }

    /// <summary>Since when the flag is in no snapshot.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>State per environment; needs <c>Include(flag => flag.Environments)</c>.</summary>
    public IReadOnlyList<FlagEnvironment> Environments => _environments;

    /// <summary>The part that can be changed.</summary>
    public FlagDetails Details => new()
    {
        Name = Name, Description = Description, Kind = Kind, Variants = Variants, DefaultVariant = DefaultVariant, OffVariant = OffVariant,
        JsonSchema = JsonSchema, OwnerId = OwnerId, MaintainerIds = MaintainerIds, Category = Category, Tags = Tags, ClientVisible = ClientVisible,
        ExpectedLifetimeDays = ExpectedLifetimeDays,
    };

    internal override string AuditPath => $"flags/{Key}";

    /// <summary>A new flag with a disabled state in every environment of the project.</summary>
    /// <param name="project">Where it lives.</param>
    /// <param name="environments">All environments of the project.</param>
    /// <param name="key">Unique in the project.</param>
    /// <param name="type">Type of the values.</param>
    /// <param name="details">The rest; a boolean flag needs none of it.</param>
    public static Result<Flag> Create(Project project, IEnumerable<ProjectEnvironment> environments, string key, FlagType type, FlagDetails details)
    {
        if (!KeyFormat.IsFlagKey(key))
            return Result.Invalid("key", "A key is 1 to 100 letters, digits and . _ : - and begins with a letter or digit.");
        if (type == FlagType.Boolean && details.Variants.Count == 0)
            details = details with { Variants = VariantRules.OnOff, DefaultVariant = details.DefaultVariant ?? "on", OffVariant = details.OffVariant ?? "off" };
        var flag = new Flag { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Key = key, Type = type };
        var changed = flag.Apply(details);
        if (!changed.IsOk)
            return changed.Error;
        foreach (var environment in environments)
            flag._environments.Add(FlagEnvironment.Create(flag, environment));
        return flag;
    }

    /// <summary>Changes what is the same in all environments. Needs <see cref="Environments"/> when variants go.</summary>
    public Result Change(FlagDetails details)
    {
        if (ArchivedAt is not null)
            return ArchivedError;
        var gone = Variants.Select(variant => variant.Key).Except(details.Variants.Select(variant => variant.Key), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        if (gone.Count > 0)
        {
            foreach (var environment in _environments)
            {
                if (environment.UsedVariants().FirstOrDefault(gone.Contains) is { } used)
                    return new StoreError(ErrorCodes.InUse, $"The variant {used} is used in the environment {environment.EnvironmentKey}.", "variants") { UsedBy = [environment.AuditPath] };
            }
        }

        return Apply(details);
    }

    /// <summary>Takes the flag out of all snapshots; doing it twice changes nothing.</summary>
    public Result Archive(DateTimeOffset now)
    {
        ArchivedAt ??= now;
        return Result.Ok;
    }

    /// <summary>Brings an archived flag back as it was; doing it twice changes nothing.</summary>
    public Result Restore()
    {
        ArchivedAt = null;
        return Result.Ok;
    }

    internal static StoreError ArchivedError { get; } = new(ErrorCodes.Archived, "The flag is archived. Restore it first.");

    private Result Apply(FlagDetails details)
    {
        var name = details.Name.Length == 0 ? Key : details.Name;
        var defaultVariant = details.DefaultVariant ?? (details.Variants.Count > 0 ? details.Variants[0].Key : "");
        var error = KeyFormat.Name(name, "name")
            ?? KeyFormat.Description(details.Description, "description")
            ?? VariantRules.Check(Type, details.Variants)
            ?? VariantRules.CheckMember(details.Variants, defaultVariant, "defaultVariant")
            ?? (details.OffVariant is { } off ? VariantRules.CheckMember(details.Variants, off, "offVariant") : null)
            ?? (details.ExpectedLifetimeDays is < 1 or > 36_500 ? Result.Invalid("expectedLifetimeDays", "An expected lifetime is 1 to 36,500 days.") : null)
            ?? (details.JsonSchema is not null && Type != FlagType.Json ? Result.Invalid("jsonSchema", "Only JSON flags have a schema.") : null)
            ?? (details.Tags.Count > 50 ? Result.Invalid("tags", "A flag has at most 50 tags.") : null)
            ?? (details.MaintainerIds.Count > 50 ? Result.Invalid("maintainers", "A flag has at most 50 maintainers.") : null);
        if (error is not null)
            return error;
        Name = name;
        Description = details.Description;
        Kind = details.Kind;
        Variants = [.. details.Variants];
        DefaultVariant = defaultVariant;
        OffVariant = details.OffVariant;
        JsonSchema = details.JsonSchema;
        OwnerId = details.OwnerId;
        MaintainerIds = [.. details.MaintainerIds.Distinct()];
        Category = details.Category;
        Tags = [.. details.Tags.Distinct(StringComparer.Ordinal)];
        ClientVisible = details.ClientVisible;
        ExpectedLifetimeDays = details.ExpectedLifetimeDays;
        return Result.Ok;
    }
}
