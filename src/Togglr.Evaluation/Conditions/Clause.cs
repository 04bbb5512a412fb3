using Togglr.Evaluation.Contexts;

namespace Togglr.Evaluation.Conditions;

/// <summary>What a clause says, for traces and analysis.</summary>
/// <param name="Attribute">The attribute it looks at.</param>
/// <param name="Operator">The operator's name.</param>
/// <param name="Value">The rule's value as it was written; empty when there is none.</param>
/// <param name="IgnoreCase">Whether ASCII case is folded.</param>
internal sealed record ClauseText(AttributeReference Attribute, string Operator, ReadOnlyMemory<byte> Value, bool IgnoreCase);

/// <summary>
/// One attribute against one operator. A missing attribute or an object makes every operator false, the negative ones too; an array satisfies a positive operator when any element does, a
/// negative one when none satisfies its positive counterpart.
/// </summary>
internal abstract class Clause(ClauseText text, bool isNegative = false) : Condition
{
    private readonly AttributeReference _attribute = text.Attribute;

    public ClauseText Text => text;

    public sealed override bool Holds(in Inquiry inquiry) =>
        _attribute.IsNow ? HoldsFor(inquiry.Context, ContextValue.OfNumber(inquiry.Now)) : HoldsFor(inquiry.Context, inquiry.Context.Find(_attribute));

    /// <summary>Whether it negates <see cref="Accepts"/>.</summary>
    public bool Negates => isNegative;

    /// <summary>The answer for an attribute that is not there.</summary>
    public virtual bool IfMissing => false;

    /// <summary>Whether the operator is content with any value.</summary>
    public virtual bool IfPresent => false;

    /// <summary>For analysis: the positive operator for one text, number or boolean.</summary>
    public bool Accepts(ContextData context, in ContextValue scalar) => Matches(context, scalar);

    /// <summary>The positive operator for one text, number or boolean.</summary>
    protected abstract bool Matches(ContextData context, in ContextValue value);

    private bool HoldsFor(ContextData context, in ContextValue value) => value.Kind switch
    {
        ContextKind.Missing => IfMissing,
        ContextKind.Object => IfPresent,
        ContextKind.Array => IfPresent || AnyElement(context, value) != isNegative,
        _ => Matches(context, value) != isNegative,
    };

    private bool AnyElement(ContextData context, in ContextValue array)
    {
        foreach (ref readonly var element in context.Elements.AsSpan(array.Start, array.Length))
        {
            if (element.Kind is not (ContextKind.Missing or ContextKind.Object or ContextKind.Array) && Matches(context, element))
                return true;
        }
        return false;
    }
}

/// <summary><c>exists</c> and <c>not_exists</c>.</summary>
internal sealed class ExistenceClause(ClauseText text, bool exists) : Clause(text)
{
    public bool Exists => exists;

    public override bool IfMissing => !exists;

    public override bool IfPresent => exists;

    protected override bool Matches(ContextData context, in ContextValue value) => exists;
}
