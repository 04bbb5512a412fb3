namespace Togglr.Evaluation.Validation;

/// <summary>Whether a configuration may be saved.</summary>
public enum ProblemSeverity
{
    /// <summary>It may not.</summary>
    Error,

    /// <summary>It may, but is probably not what was meant.</summary>
    Warning,

    /// <summary>It may; it could be said shorter, or is good to know.</summary>
    Info,
}

/// <summary>Something that is wrong with a configuration.</summary>
/// <param name="Severity">Whether it may be saved.</param>
/// <param name="Code">A stable code, for example <c>unknown_segment</c>; all of them are in <c>docs/analysis.md</c>.</param>
/// <param name="Path">A JSON pointer (RFC 6901) into the document that was checked.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record Problem(ProblemSeverity Severity, string Code, string Path, string Message)
{
    /// <summary>What the message names, by name, so that it can be said in other languages.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What could be done about it, the likeliest first.</summary>
    public IReadOnlyList<QuickFix> Fixes { get; init; } = [];
}

/// <summary>Changes of the document that do away with a problem.</summary>
/// <param name="Kind">A stable name of what is done: <c>remove_rule</c>, <c>move_rule</c>, …</param>
/// <param name="Label">What is done, for people.</param>
/// <param name="Operations">The changes, one after another.</param>
public sealed record QuickFix(string Kind, string Label, IReadOnlyList<FixOperation> Operations);

/// <summary>What an operation of a <see cref="QuickFix"/> does; as in JSON Patch (RFC 6902).</summary>
public enum FixOperationKind
{
    /// <summary>Takes away what is at the path.</summary>
    Remove,

    /// <summary>Puts a value in the place of what is at the path.</summary>
    Replace,

    /// <summary>Takes away what is at another path and puts it in at the path.</summary>
    Move,
}

/// <summary>A change of the document that was checked.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Path">A JSON pointer.</param>
/// <param name="From">For a move: where it was.</param>
/// <param name="Value">For a replacement: JSON.</param>
public sealed record FixOperation(FixOperationKind Kind, string Path, string? From = null, string? Value = null);

/// <summary>The type of an attribute in a project's catalogue.</summary>
public enum AttributeType
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An instant.</summary>
    Date,

    /// <summary>A semantic version.</summary>
    Version,

    /// <summary>An IP address.</summary>
    Address,

    /// <summary>Several values.</summary>
    Array,
}

/// <summary>What is known of a flag that others may name as a prerequisite.</summary>
/// <param name="Variants">The keys of its variants.</param>
/// <param name="Prerequisites">The keys of its own prerequisites.</param>
public sealed record KnownFlag(IReadOnlyCollection<string> Variants, IReadOnlyCollection<string> Prerequisites)
{
    /// <summary>Its document as it stands in the snapshot; empty where only the rest is known.</summary>
    public ReadOnlyMemory<byte> Utf8Document { get; init; }
}

/// <summary>What is known of a segment that a condition may name.</summary>
/// <param name="Utf8Condition">Who is in it besides the lists, as JSON; empty: nobody.</param>
/// <param name="HasIncluded">Whether there are keys that are in it whatever the condition says.</param>
/// <param name="HasExcluded">Whether there are keys that are not in it.</param>
public sealed record KnownSegment(ReadOnlyMemory<byte> Utf8Condition, bool HasIncluded, bool HasExcluded);

/// <summary>What is known of a segment besides its document.</summary>
/// <param name="HasIncluded">Whether it has included keys that the document does not list.</param>
/// <param name="IsUsed">Whether a flag or another segment names it.</param>
public sealed record SegmentFacts(bool HasIncluded = false, bool IsUsed = true);

/// <summary>What a configuration may refer to.</summary>
public sealed record ReferenceSet
{
    /// <summary>The flags of the environment.</summary>
    public IReadOnlyDictionary<string, KnownFlag> Flags { get; init; } = new Dictionary<string, KnownFlag>(StringComparer.Ordinal);

    /// <summary>The segments, each with the keys of the segments that it names.</summary>
    public IReadOnlyDictionary<string, IReadOnlyCollection<string>> Segments { get; init; } =
        new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);

    /// <summary>The experiments, each with the keys of its variations.</summary>
    public IReadOnlyDictionary<string, IReadOnlyCollection<string>> Experiments { get; init; } =
        new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);

    /// <summary>The catalogue of attributes; null when there is none, and attributes are not checked.</summary>
    public IReadOnlyDictionary<string, AttributeType>? Attributes { get; init; }

    /// <summary>Attributes that must not leave the server's side.</summary>
    public IReadOnlySet<string> PrivateAttributes { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>What segments say; nothing is concluded from those that are not here.</summary>
    public IReadOnlyDictionary<string, KnownSegment> SegmentContents { get; init; } = new Dictionary<string, KnownSegment>(StringComparer.Ordinal);

    /// <summary>What a snapshot holds.</summary>
    public static ReferenceSet Of(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return new ReferenceSet
        {
            Flags = snapshot.Flags.ToDictionary(
                flag => flag.Key,
                flag => new KnownFlag([.. flag.Variants.Select(variant => variant.Key)], [.. flag.Prerequisites.Select(prerequisite => prerequisite.FlagKey)]) { Utf8Document = flag.Utf8Json },
                StringComparer.Ordinal),
            Segments = snapshot.Content.Segments.ToDictionary(
                pair => pair.Key, IReadOnlyCollection<string> (pair) => [.. pair.Value.References.Select(reference => reference.Key)], StringComparer.Ordinal),
            SegmentContents = snapshot.Content.Segments.Where(pair => pair.Value.Problem is null).ToDictionary(
                pair => pair.Key,
                pair => new KnownSegment(
                    Json.JsonTape.Parse(pair.Value.Raw).Root["if"u8] is { IsPresent: true } condition ? condition.Raw : default, pair.Value.Included.Count > 0, pair.Value.Excluded.Count > 0),
                StringComparer.Ordinal),
            Experiments = snapshot.Content.Experiments.ToDictionary(
                pair => pair.Key, IReadOnlyCollection<string> (pair) => pair.Value.Variations?.Keys ?? [], StringComparer.Ordinal),
        };
    }
}
