using Togglr.Evaluation.Json;
using Togglr.Evaluation.Validation;

namespace Togglr.Evaluation.Snapshots;

/// <summary>
/// What is wrong with a document. One reader serves both purposes: loading a snapshot wants the first reason why something is malformed, saving wants every problem, and refuses more.
/// </summary>
internal sealed class Diagnostics(bool strict)
{
    private const int MaxPatterns = 100;

    private readonly List<Finding> _items = [];

    private readonly Dictionary<object, JsonValue> _positions = new(ReferenceEqualityComparer.Instance);

    private int _patterns;

    /// <summary>Whether what a snapshot ignores is refused.</summary>
    public bool IsStrict => strict;

    public IReadOnlyList<Finding> Items => _items;

    /// <summary>The first thing that makes the document malformed.</summary>
    public string? FirstError { get; private set; }

    public void Error(JsonValue at, string code, string message)
    {
        FirstError ??= message;
        if (strict)
            _items.Add(new Finding(at, ProblemSeverity.Error, code, message));
    }

    /// <summary>Refused when saved, ignored when read.</summary>
    public void StrictError(JsonValue at, string code, string message)
    {
        if (strict)
            _items.Add(new Finding(at, ProblemSeverity.Error, code, message));
    }

    public void Warning(JsonValue at, string code, string message, Dictionary<string, string>? values = null, IReadOnlyList<QuickFix>? fixes = null)
    {
        if (strict)
            _items.Add(new Finding(at, ProblemSeverity.Warning, code, message, values, fixes));
    }

    /// <summary>Nothing wrong, but good to know.</summary>
    public void Info(JsonValue at, string code, string message, Dictionary<string, string>? values = null, IReadOnlyList<QuickFix>? fixes = null)
    {
        if (strict)
            _items.Add(new Finding(at, ProblemSeverity.Info, code, message, values, fixes));
    }

    /// <summary>
    /// Counts patterns: a large one costs milliseconds to compile, here and again in every edge and SDK, so a document with thousands is refused when saved.
    /// </summary>
    public bool MayHaveOneMorePattern(JsonValue at)
    {
        if (!strict || ++_patterns <= MaxPatterns)
            return true;
        if (_patterns == MaxPatterns + 1)
            StrictError(at, "too_many_patterns", $"A flag or a segment has at most {MaxPatterns} patterns.");
        return false;
    }

    /// <summary>Remembers where something that was compiled stands, for what is found later.</summary>
    public T Placed<T>(T compiled, JsonValue at)
        where T : class
    {
        if (strict)
            _positions[compiled] = at;
        return compiled;
    }

    public JsonValue PositionOf(object compiled) => _positions.GetValueOrDefault(compiled);

    /// <summary>Refuses members that are not listed, and two of one name.</summary>
    public void CheckMembers(JsonValue value, params ReadOnlySpan<string> allowed)
    {
        if (!strict || value.Kind != JsonKind.Object)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in value.Members)
        {
            var text = name.Text();
            if (!seen.Add(text))
                StrictError(name, "duplicate_property", $"The property '{text}' is there twice.");
            else if (!allowed.Contains(text))
                StrictError(name, "unknown_property", $"The property '{text}' is not known here.");
        }
    }

    /// <summary>A member of a kind; missing when it is absent, null or of another kind, which is an error.</summary>
    public JsonValue Optional(JsonValue container, ReadOnlySpan<byte> name, JsonKind kind)
    {
        var value = container[name];
        if (!value.IsPresent || value.Kind == kind || (kind == JsonKind.True && value.Kind == JsonKind.False))
            return value;
        Error(value, "wrong_type", $"'{System.Text.Encoding.UTF8.GetString(name)}' must be {Describe(kind)}.");
        return default;
    }

    /// <summary>As <see cref="Optional"/>, and its absence is an error.</summary>
    public JsonValue Required(JsonValue container, ReadOnlySpan<byte> name, JsonKind kind)
    {
        var value = container[name];
        if (!value.IsPresent)
            Error(container, "missing_property", $"'{System.Text.Encoding.UTF8.GetString(name)}' is missing.");
        return value.IsPresent ? Optional(container, name, kind) : default;
    }

    /// <summary>The text of an optional member; null when it is absent or empty.</summary>
    public string? OptionalText(JsonValue container, ReadOnlySpan<byte> name) =>
        Optional(container, name, JsonKind.Text).TryGetText(out var text) && text.Length > 0 ? text : null;

    private static string Describe(JsonKind kind) => kind switch
    {
        JsonKind.True => "true or false",
        JsonKind.Text => "a text",
        JsonKind.Number => "a number",
        JsonKind.Array => "an array",
        _ => "an object",
    };
}

/// <summary>A problem at its place.</summary>
internal sealed record Finding(
    JsonValue At, ProblemSeverity Severity, string Code, string Message, IReadOnlyDictionary<string, string>? Values = null, IReadOnlyList<QuickFix>? Fixes = null);
