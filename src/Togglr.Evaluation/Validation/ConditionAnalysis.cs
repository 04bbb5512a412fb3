using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation.Validation;

/// <summary>Warnings about one condition tree.</summary>
internal sealed class ConditionAnalysis(ReferenceSet references, Diagnostics diagnostics)
{
    public ConditionLogic Logic { get; } = new(references);

    public void Run(Condition condition)
    {
        switch (condition)
        {
            case AllOf all:
                if (Logic.Contradiction(all) is var (first, second))
                {
                    diagnostics.Warning(
                        diagnostics.PositionOf(second), "contradiction", $"This cannot hold together with '{first.Text.Operator}' on the same attribute '{first.Text.Attribute.Name}'.");
                }
                foreach (var part in all.Parts)
                    Run(part);
                break;
            case AnyOf any:
                if (any.Parts.Count == 0)
                    diagnostics.Warning(diagnostics.PositionOf(any), "never_holds", "An empty 'or' never holds.");
                foreach (var part in any.Parts)
                    Run(part);
                break;
            case Not not:
                Run(not.Part);
                break;
            case Percentage percentage:
                if (percentage.Limit is 0)
                    diagnostics.Warning(diagnostics.PositionOf(percentage), "never_holds", "A percentage of 0 never holds.");
                CheckAttribute(percentage.BucketBy, null, diagnostics.PositionOf(percentage));
                break;
            case Clause clause:
                if (clause is EqualityClause { Count: 0 })
                    diagnostics.Warning(diagnostics.PositionOf(clause), "empty_list", $"The list of '{clause.Text.Operator}' is empty.");
                CheckAttribute(clause.Text.Attribute, clause, diagnostics.PositionOf(clause));
                break;
        }
    }

    public void CheckAttribute(AttributeReference? attribute, Clause? clause, Json.JsonValue at)
    {
        if (references.Attributes is null || attribute is null || attribute.IsNow || attribute.IsAlias)
            return;
        if (!references.Attributes.TryGetValue(attribute.Name, out var type))
            diagnostics.Warning(at, "unknown_attribute", $"The attribute '{attribute.Name}' is not in the catalogue.");
        else if (clause is not null && !Suits(clause, type))
            diagnostics.Warning(at, "attribute_type", $"'{clause.Text.Operator}' does not suit the attribute '{attribute.Name}', which the catalogue calls {Describe(type)}.");
    }

    private static string Describe(AttributeType type) => type switch
    {
        AttributeType.Text => "a text",
        AttributeType.Number => "a number",
        AttributeType.Boolean => "a boolean",
        AttributeType.Date => "a date",
        AttributeType.Version => "a version",
        AttributeType.Address => "an address",
        _ => "an array",
    };

    // Elements of arrays have no type in the catalogue. What is a text to the evaluator may be compared as one.
    private static bool Suits(Clause clause, AttributeType type) => type == AttributeType.Array || clause switch
    {
        ExistenceClause => true,
        NumberClause => type is AttributeType.Number or AttributeType.Date,
        InstantClause => type is AttributeType.Date or AttributeType.Number,
        VersionClause => type == AttributeType.Version,
        AddressClause => type == AttributeType.Address,
        TextClause or PatternClause => type is not (AttributeType.Number or AttributeType.Boolean),
        EqualityClause equality => type switch
        {
            AttributeType.Number => equality.ComparesOnly(Json.JsonKind.Number),
            AttributeType.Boolean => equality.ComparesOnly(Json.JsonKind.True),
            _ => true,
        },
        _ => true,
    };
}
