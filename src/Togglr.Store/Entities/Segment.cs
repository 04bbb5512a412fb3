using System.Text.Json;

namespace Togglr.Store;

/// <summary>Which of a segment's lists.</summary>
public enum SegmentList
{
    /// <summary>In the segment whatever the condition says.</summary>
    Included,

    /// <summary>Not in the segment, whatever else says so.</summary>
    Excluded,
}

/// <summary>A reusable group of contexts: a condition and two lists of targeting keys, the same in all environments of a project.</summary>
public sealed class Segment : Entity, IProjectOwned
{
    /// <summary>Longest targeting key in a list, in UTF-16 units.</summary>
    public const int MaximumKeyLength = 500;

    /// <summary>Most keys in one list.</summary>
    public const int MaximumKeys = 1_000_000;

    private readonly List<SegmentKeyEdit> _edits = [];

    private Segment()
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

    /// <summary>Who is in the segment besides the lists; null: nobody.</summary>
    public JsonElement? Condition { get; private set; }

    /// <summary>Segments that the condition names, sorted.</summary>
    public IReadOnlyList<string> SegmentRefs { get; private set; } = [];

    /// <summary>Keys in the list <see cref="SegmentList.Included"/>.</summary>
    public int IncludedCount { get; internal set; }

    /// <summary>Keys in the list <see cref="SegmentList.Excluded"/>.</summary>
    public int ExcludedCount { get; internal set; }

    /// <summary>How often the lists were changed: a change of a list is a change of the segment.</summary>
    public int KeysVersion { get; private set; }

    internal override string AuditPath => $"segments/{Key}";

    internal IReadOnlyList<SegmentKeyEdit> KeyEdits => _edits;

    /// <summary>A new segment with empty lists.</summary>
    public static Result<Segment> Create(Project project, string key, string name, string description = "", JsonElement? condition = null)
    {
        if (!KeyFormat.IsSegmentKey(key))
            return Result.Invalid("key", "A key is 1 to 100 letters, digits and . _ - and begins with a letter or digit.");
        var segment = new Segment { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Key = key };
        var changed = segment.Change(name.Length == 0 ? key : name, description, condition);
        return changed.IsOk ? segment : changed.Error;
    }

    /// <summary>Changes everything but the lists.</summary>
    public Result Change(string name, string description, JsonElement? condition)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        if (condition is { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined })
            condition = null;
        if (condition is { ValueKind: not JsonValueKind.Object })
            return Result.Invalid("if", "A condition is an object.");
        var references = ConfigurationReferences.Of(condition);
        if (references.Segments.Contains(Key))
            return Result.Invalid("if", "A segment cannot be part of itself.");
        (Name, Description, Condition, SegmentRefs) = (name, description, condition, [.. references.Segments]);
        return Result.Ok;
    }

    /// <summary>Adds and removes keys of a list; written with the next commit. Keys that are there (or not) already do not matter.</summary>
    public Result EditKeys(SegmentList list, IReadOnlyCollection<string> add, IReadOnlyCollection<string> remove)
    {
        if ((CheckKeys(add, "add") ?? CheckKeys(remove, "remove")) is { } error)
            return error;
        if (add.Count > 0 || remove.Count > 0)
            Stage(new SegmentKeyEdit(list, Replace: false, add, remove));
        return Result.Ok;
    }

    /// <summary>Replaces a whole list; written with the next commit. Repeated keys count once.</summary>
    public Result ReplaceKeys(SegmentList list, IReadOnlyCollection<string> keys)
    {
        if (keys.Count > MaximumKeys)
            return Result.Invalid("", $"A list has at most {MaximumKeys} keys.");
        if (CheckKeys(keys, "") is { } error)
            return error;
        Stage(new SegmentKeyEdit(list, Replace: true, keys, []));
        return Result.Ok;
    }

    internal void KeyEditsWritten() => _edits.Clear();

    private static StoreError? CheckKeys(IReadOnlyCollection<string> keys, string path)
    {
        var i = 0;
        foreach (var key in keys)
        {
            if (key is null or "" or { Length: > MaximumKeyLength })
                return Result.Invalid($"{path}/{i}", $"A key has 1 to {MaximumKeyLength} characters.");
            if (KeyFormat.Text(key, $"{path}/{i}") is { } error)
                return error;
            i++;
        }

        return null;
    }

    private void Stage(SegmentKeyEdit edit)
    {
        _edits.Add(edit);
        KeysVersion++;
    }
}

/// <summary>A change of a list that waits for its commit.</summary>
internal sealed record SegmentKeyEdit(SegmentList List, bool Replace, IReadOnlyCollection<string> Add, IReadOnlyCollection<string> Remove);

/// <summary>One key of a segment's list; for reading. Lists change through <see cref="Segment.EditKeys"/> and <see cref="Segment.ReplaceKeys"/>.</summary>
public sealed class SegmentKey : ITenantOwned
{
    private SegmentKey()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The segment.</summary>
    public Guid SegmentId { get; private set; }

    /// <summary>Which list.</summary>
    public SegmentList List { get; private set; }

    /// <summary>The targeting key.</summary>
    public string Key { get; private set; } = "";
}
