using Togglr.Evaluation.Conditions;

namespace Togglr.Evaluation.Validation.Reasoning;

/// <summary>
/// A condition in negation normal form: literals under conjunctions and disjunctions. Equal formulas are one object (see <see cref="FormulaTable"/>), so that a formula and its
/// negation are seen to exclude each other without looking inside.
/// </summary>
internal abstract class Formula(int id)
{
    /// <summary>Unique in its table.</summary>
    public int Id => id;

    /// <summary>The formula that holds when this one does not.</summary>
    public Formula Negation { get; set; } = null!;

    /// <summary>What the literals are about: formulas without anything in common cannot imply each other.</summary>
    public abstract IReadOnlySet<string> Subjects { get; }
}

/// <summary>Every or no context: an empty conjunction, an empty disjunction.</summary>
internal sealed class Constant(int id, bool value) : Formula(id)
{
    public bool Value => value;

    public override IReadOnlySet<string> Subjects { get; } = new HashSet<string>();
}

/// <summary>All or any of several.</summary>
internal sealed class Junction(int id, bool isAll, Formula[] parts) : Formula(id)
{
    private HashSet<string>? _subjects;

    public bool IsAll => isAll;

    public IReadOnlyList<Formula> Parts => parts;

    public override IReadOnlySet<string> Subjects => _subjects ??= [.. parts.SelectMany(part => part.Subjects)];
}

/// <summary>Something that holds or not, or its opposite.</summary>
internal sealed class Literal(int id, string subject, bool isPositive, Condition? atom) : Formula(id)
{
    public string Subject => subject;

    public bool IsPositive => isPositive;

    /// <summary>A <see cref="Clause"/> or a <see cref="Percentage"/>; null for what nothing is known of.</summary>
    public Condition? Atom => atom;

    public override IReadOnlySet<string> Subjects { get; } = new HashSet<string>(StringComparer.Ordinal) { subject };
}
