using Togglr.Evaluation.Contexts;

namespace Togglr.Evaluation.Conditions;

/// <summary>One evaluation: who asks, when, and what was found out on the way.</summary>
internal readonly ref struct Inquiry(ContextData context, long now, Memo? memo)
{
    public ContextData Context { get; } = context;

    /// <summary>Unix milliseconds.</summary>
    public long Now { get; } = now;

    /// <summary>Null where nothing is asked twice.</summary>
    public Memo? Memo { get; } = memo;

    public ContextValue Find(AttributeReference attribute) => attribute.IsNow ? ContextValue.OfNumber(Now) : Context.Find(attribute);
}
