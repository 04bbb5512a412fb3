using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation.Validation.Reasoning;

/// <summary>Answers questions about the conditions of one document. A yes is certain; a no may mean that it was not found out.</summary>
internal sealed class Reasoner
{
    private readonly ReferenceSet _references;
    private readonly AttributeTable.Builder _attributes;
    private readonly Budget _budget;
    private readonly FormulaTable _table;
    private readonly Solver _any;
    private readonly Solver _single;

    public Reasoner(ReferenceSet references, AttributeTable.Builder attributes, Budget? budget = null)
    {
        _references = references;
        _attributes = attributes;
        _budget = budget ?? new Budget();
        _table = new FormulaTable(MeaningOf);
        _any = new Solver(name => references.Attributes?.TryGetValue(name, out var type) != true || type == AttributeType.Array, _budget);
        _single = new Solver(name => references.Attributes?.TryGetValue(name, out var type) == true && type == AttributeType.Array, _budget);
    }

    /// <summary>How many questions were left without an answer.</summary>
    public int GivenUp => _budget.GivenUp;

    public bool Never(Condition condition) => _any.Excludes(_table.Of(condition));

    public bool Always(Condition condition) => _any.Excludes(_table.Of(condition).Negation);

    /// <summary>Never for contexts in which attributes that the catalogue does not know have one value.</summary>
    public bool NeverIfSingle(Condition condition) => _single.Excludes(_table.Of(condition));

    public bool Excludes(Condition first, Condition second, bool ifSingle) => (ifSingle ? _single : _any).Excludes(_table.Of(first), _table.Of(second));

    /// <summary>Whether the second holds whenever the first does.</summary>
    public bool Implies(Condition first, Condition second)
    {
        var (premise, conclusion) = (_table.Of(first), _table.Of(second));
        // Without anything in common only what always or never holds takes part in implications.
        return conclusion.Subjects.Count > 0 && !conclusion.Subjects.Overlaps(premise.Subjects)
            ? Always(second) || Never(first)
            : _any.Excludes(premise, conclusion.Negation);
    }

    /// <summary>Whether one of the others holds whenever the condition does; null stands for every context.</summary>
    public bool Covered(Condition? condition, IEnumerable<Condition> others) =>
        _any.Excludes([condition is null ? _table.True : _table.Of(condition), .. others.Select(other => _table.Of(other).Negation)]);

    /// <summary>Whether the condition holds whenever all of the others do.</summary>
    public bool FollowsFrom(Condition condition, IEnumerable<Condition> others) =>
        _any.Excludes([_table.Of(condition).Negation, .. others.Select(_table.Of)]);

    private SegmentMeaning? MeaningOf(string key)
    {
        if (!_references.SegmentContents.TryGetValue(key, out var known))
            return null;
        if (known.Utf8Condition.IsEmpty)
            return new SegmentMeaning(null, known.HasIncluded, known.HasExcluded);
        var diagnostics = new Diagnostics(strict: false);
        var condition = ConditionReader.Read(JsonTape.Parse(known.Utf8Condition).Root, new CompileScope("", _attributes, diagnostics, key));
        // Nothing is known of a segment that cannot be evaluated.
        return diagnostics.FirstError is null ? new SegmentMeaning(condition, known.HasIncluded, known.HasExcluded) : null;
    }

    /// <summary>The attributes that a segment looks at, those of the segments that it names included.</summary>
    public IEnumerable<string> AttributesOf(string segment)
    {
        var waiting = new Stack<string>([segment]);
        var met = new HashSet<string>(StringComparer.Ordinal) { segment };
        while (waiting.TryPop(out var key))
        {
            if (MeaningOf(key)?.Condition is not { } condition)
                continue;
            foreach (var leaf in Leaves(condition))
            {
                if (leaf is Clause clause)
                    yield return clause.Text.Attribute.Name;
                else if (leaf is Percentage { BucketBy: { } by })
                    yield return by.Name;
                else if (leaf is InSegment inner && met.Add(inner.Key))
                    waiting.Push(inner.Key);
            }
        }
    }

    public static IEnumerable<Condition> Leaves(Condition condition) => condition switch
    {
        AllOf all => all.Parts.SelectMany(Leaves),
        AnyOf any => any.Parts.SelectMany(Leaves),
        Not not => Leaves(not.Part),
        _ => [condition],
    };
}
