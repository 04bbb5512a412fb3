namespace Togglr.Evaluation;

/// <summary>What a context may cost. Contexts come from outside: each limit is checked before memory is spent.</summary>
public sealed record ContextLimits
{
    /// <summary>1 MiB, 32 levels, 1,000 attributes.</summary>
    public static ContextLimits Default { get; } = new();

    /// <summary>The longest JSON text in bytes.</summary>
    public int MaxBytes { get; init; } = 1 << 20;

    /// <summary>How deep objects and arrays may nest, the context itself included.</summary>
    public int MaxDepth { get; init; } = 32;

    /// <summary>How many attributes the context may have at top level.</summary>
    public int MaxAttributes { get; init; } = 1000;
}

/// <summary>Why a context was refused.</summary>
public enum ContextProblem
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>The text is not JSON, or not UTF-8.</summary>
    MalformedJson,

    /// <summary>The JSON value is no object.</summary>
    NotAnObject,

    /// <summary>More than <see cref="ContextLimits.MaxBytes"/>.</summary>
    TooLarge,

    /// <summary>Deeper than <see cref="ContextLimits.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>More than <see cref="ContextLimits.MaxAttributes"/>.</summary>
    TooManyAttributes,

    /// <summary>An object has two members of one name.</summary>
    DuplicateAttribute,
}

/// <summary>A context was refused.</summary>
public sealed class ContextException(ContextProblem problem) : FormatException(problem.Describe())
{
    /// <summary>Why.</summary>
    public ContextProblem Problem { get; } = problem;
}

/// <summary>The stable codes and the texts of <see cref="ContextProblem"/>.</summary>
public static class ContextProblems
{
    /// <summary>The stable code, for example <c>too_deep</c>.</summary>
    public static string Code(this ContextProblem problem) => problem switch
    {
        ContextProblem.None => "none",
        ContextProblem.NotAnObject => "context_not_an_object",
        ContextProblem.TooLarge => "body_too_large",
        ContextProblem.TooDeep => "too_deep",
        ContextProblem.TooManyAttributes => "too_many_attributes",
        ContextProblem.DuplicateAttribute => "duplicate_property",
        _ => "malformed_json",
    };

    /// <summary>A sentence for people.</summary>
    public static string Describe(this ContextProblem problem) => problem switch
    {
        ContextProblem.None => "The context is fine.",
        ContextProblem.NotAnObject => "The context is not a JSON object.",
        ContextProblem.TooLarge => "The context is too large.",
        ContextProblem.TooDeep => "The context is nested too deep.",
        ContextProblem.TooManyAttributes => "The context has too many attributes.",
        ContextProblem.DuplicateAttribute => "An object of the context has two members of the same name.",
        _ => "The context is not valid JSON.",
    };
}
