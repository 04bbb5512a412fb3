namespace Togglr.Evaluation.Validation;

/// <summary>Whether a configuration may be saved.</summary>
public enum ProblemSeverity
{
    /// <summary>It may not.</summary>
    Error,

    /// <summary>It may, but is probably not what was meant.</summary>
    Warning,
}

/// <summary>Something that is wrong with a configuration.</summary>
/// <param name="Severity">Whether it may be saved.</param>
/// <param name="Code">A stable code, for example <c>unknown_segment</c>.</param>
/// <param name="Path">A JSON pointer (RFC 6901) into the document that was checked.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record Problem(ProblemSeverity Severity, string Code, string Path, string Message);

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
public sealed record KnownFlag(IReadOnlyCollection<string> Variants, IReadOnlyCollection<string> Prerequisites);

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

    /// <summary>What a snapshot holds.</summary>
    public static ReferenceSet Of(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return new ReferenceSet
        {
            Flags = snapshot.Flags.ToDictionary(
                flag => flag.Key,
                flag => new KnownFlag([.. flag.Variants.Select(variant => variant.Key)], [.. flag.Prerequisites.Select(prerequisite => prerequisite.FlagKey)]),
                StringComparer.Ordinal),
            Segments = snapshot.Content.Segments.ToDictionary(
                pair => pair.Key, IReadOnlyCollection<string> (pair) => [.. pair.Value.References.Select(reference => reference.Key)], StringComparer.Ordinal),
            Experiments = snapshot.Content.Experiments.ToDictionary(
                pair => pair.Key, IReadOnlyCollection<string> (pair) => pair.Value.Variations?.Keys ?? [], StringComparer.Ordinal),
        };
    }
}
