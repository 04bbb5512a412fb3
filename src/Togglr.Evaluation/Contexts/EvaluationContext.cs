using System.Text.Json;
using System.Text;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation;

/// <summary>
/// Who or what a flag is evaluated for: a targeting key and any other attributes. Immutable and usable from any thread; made once per request or user, after which
/// evaluating against it allocates nothing.
/// </summary>
public sealed class EvaluationContext
{
    private const int MaxBuilderDepth = 64;

    private ulong _user;

    private EvaluationContext(ContextData data) => Data = data;

    /// <summary>A context without a targeting key and without attributes.</summary>
    public static EvaluationContext Empty { get; } = Builder().Build();

    /// <summary>The targeting key, or null when there is none.</summary>
    public string? TargetingKey => Data.TargetingKey.Kind == ContextKind.Missing ? null : Encoding.UTF8.GetString(Data.TextOf(Data.TargetingKey));

    /// <summary>Stands for the user where users are counted, see <see cref="UserSketch.HashOf"/>; 0 without a targeting key.</summary>
    public ulong User => _user != 0 ? _user : _user = UserSketch.HashOf(Data.TextOf(Data.TargetingKey));

    internal ContextData Data { get; }

    /// <summary>Starts a context.</summary>
    /// <param name="targetingKey">Who it is about, usually a user id; null or empty is none.</param>
    public static ContextBuilder Builder(string? targetingKey = null) => new(targetingKey);

    /// <summary>A context with nothing but a targeting key.</summary>
    public static EvaluationContext Of(string targetingKey) => Builder(targetingKey).Build();

    /// <summary>Reads a context from JSON: an object whose <c>targetingKey</c> is the targeting key and whose other members are attributes.</summary>
    /// <exception cref="ContextException">The text was refused.</exception>
    public static EvaluationContext Parse(ReadOnlyMemory<byte> utf8Json, ContextLimits? limits = null) =>
        TryParse(utf8Json, limits, out var context, out var problem) ? context : throw new ContextException(problem);

    /// <summary>Reads a context from JSON without throwing.</summary>
    /// <param name="utf8Json">The JSON text.</param>
    /// <param name="limits">What it may cost; null for <see cref="ContextLimits.Default"/>.</param>
    /// <param name="context">The context; empty when it was refused.</param>
    /// <param name="problem">Why it was refused.</param>
    public static bool TryParse(ReadOnlyMemory<byte> utf8Json, ContextLimits? limits, out EvaluationContext context, out ContextProblem problem)
    {
        limits ??= ContextLimits.Default;
        context = Empty;
        problem = ContextProblem.None;
        if (utf8Json.Length > limits.MaxBytes)
            problem = ContextProblem.TooLarge;
        else if (!System.Text.Unicode.Utf8.IsValid(utf8Json.Span))
            problem = ContextProblem.MalformedJson;
        if (problem != ContextProblem.None)
            return false;
        JsonTape tape;
        try
        {
            tape = JsonTape.Parse(utf8Json, limits.MaxDepth);
        }
        catch (JsonException)
        {
            problem = ContextReader.WhyRefused(utf8Json.Span, limits.MaxDepth);
            return false;
        }
        problem = Check(tape.Root, limits);
        if (problem == ContextProblem.None)
            context = new EvaluationContext(new ContextWriter(limits.MaxDepth).Build(tape.Root));
        return problem == ContextProblem.None;
    }

    internal static EvaluationContext Create(string? targetingKey, IEnumerable<KeyValuePair<string, object?>> attributes) =>
        new(new ContextWriter(MaxBuilderDepth).Build(attributes, targetingKey));

    private static ContextProblem Check(JsonValue root, ContextLimits limits)
    {
        if (root.Kind != JsonKind.Object)
            return ContextProblem.NotAnObject;
        var attributes = 0;
        foreach (var _ in root.Members)
            attributes++;
        if (attributes > limits.MaxAttributes)
            return ContextProblem.TooManyAttributes;
        return HasDuplicates(root) ? ContextProblem.DuplicateAttribute : ContextProblem.None;
    }

    private static bool HasDuplicates(JsonValue value)
    {
        if (value.Kind == JsonKind.Array)
        {
            foreach (var item in value.Items)
            {
                if (HasDuplicates(item))
                    return true;
            }
        }
        var names = value.Kind == JsonKind.Object ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (var (name, member) in value.Members)
        {
            if (!names!.Add(name.Text()) || HasDuplicates(member))
                return true;
        }
        return false;
    }
}

/// <summary>
/// Collects the attributes of an <see cref="EvaluationContext"/>. Values are texts, booleans, numbers (as IEEE doubles), dates (as Unix milliseconds), JSON, and dictionaries and
/// sequences of these; null and anything else counts as missing.
/// </summary>
public sealed class ContextBuilder
{
    private readonly Dictionary<string, object?> _attributes = new(StringComparer.Ordinal);
    private string? _targetingKey;

    internal ContextBuilder(string? targetingKey) => _targetingKey = targetingKey;

    /// <summary>Sets who the context is about.</summary>
    public ContextBuilder TargetingKey(string? targetingKey)
    {
        _targetingKey = targetingKey;
        return this;
    }

    /// <summary>Sets an attribute; a second value for the same name replaces the first. A text as <c>targetingKey</c> is the targeting key.</summary>
    public ContextBuilder Set(string name, object? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "targetingKey" && value is string or null)
            _targetingKey = (string?)value ?? _targetingKey;
        else
            _attributes[name] = value;
        return this;
    }

    /// <summary>Sets several attributes.</summary>
    public ContextBuilder Set(IEnumerable<KeyValuePair<string, object?>> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        foreach (var (name, value) in attributes)
            Set(name, value);
        return this;
    }

    /// <summary>Makes the context.</summary>
    public EvaluationContext Build() => EvaluationContext.Create(_targetingKey, _attributes);
}
