using System.Globalization;
using System.Text;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;
using Togglr.Evaluation.Validation.Reasoning;

namespace Togglr.Evaluation.Validation;

/// <summary>Warnings about one condition tree.</summary>
internal sealed class ConditionAnalysis(ReferenceSet references, Reasoner reasoner, Diagnostics diagnostics)
{
    /// <summary>Groups of more parts are not searched for parts that say nothing new, or for two that exclude each other.</summary>
    private const int MaxParts = 40;

    public void Run(Condition condition) => Run(condition, isSaid: false);

    /// <param name="condition">The condition.</param>
    /// <param name="isSaid">Whether it was said already that what this belongs to always holds.</param>
    private void Run(Condition condition, bool isSaid)
    {
        if (!isSaid && Reasoner.Leaves(condition).Any() && reasoner.Always(condition))
        {
            isSaid = true;
            var at = diagnostics.PositionOf(condition);
            diagnostics.Info(
                at, "always_holds", $"This always holds, whatever the context: {Describe(condition)}.", new() { ["condition"] = Describe(condition) },
                [Fixes.Replace("replace_by_everybody", "Say that it is for everybody", at.Pointer, """{"and":[]}""")]);
        }
        switch (condition)
        {
            case AllOf all:
                CheckConjunction(all);
                if (!isSaid)
                    CheckRedundancy(all, all.Parts, isAll: true);
                foreach (var part in all.Parts)
                    Run(part, isSaid);
                break;
            case AnyOf any:
                if (any.Parts.Count == 0)
                    NeverHolds(any, "An empty 'or' never holds.", "or");
                if (!isSaid)
                    CheckRedundancy(any, any.Parts, isAll: false);
                foreach (var part in any.Parts)
                    Run(part, isSaid);
                break;
            case Not not:
                if (!Reasoner.Leaves(not.Part).Any() && reasoner.Always(not.Part))
                    NeverHolds(not, "The opposite of what always holds never holds.", "not");
                Run(not.Part, isSaid);
                break;
            case InSegment segment:
                if (reasoner.Never(segment))
                    NeverHolds(segment, $"Nobody is in the segment '{segment.Key}': it has no included keys and no condition that can hold.", $"segment '{segment.Key}'");
                break;
            case Percentage percentage:
                if (percentage.Limit is 0)
                    NeverHolds(percentage, "A percentage of 0 never holds.", "0 %");
                CheckAttribute(percentage.BucketBy, null, diagnostics.PositionOf(percentage));
                break;
            case Clause clause:
                CheckClause(clause);
                break;
        }
    }

    private void CheckClause(Clause clause)
    {
        var at = diagnostics.PositionOf(clause);
        if (clause is EqualityClause { Count: 0 })
        {
            diagnostics.Warning(
                at, "empty_list", clause.Negates ? $"The list of '{clause.Text.Operator}' is empty: it holds wherever '{clause.Text.Attribute.Name}' is there." : $"The list of '{clause.Text.Operator}' is empty: it never holds.",
                new() { ["operator"] = clause.Text.Operator, ["attribute"] = clause.Text.Attribute.Name },
                clause.Negates ? [Fixes.Replace("replace_by_exists", $"Ask whether '{clause.Text.Attribute.Name}' exists", at.Pointer, $$"""{"attribute":{{Fixes.Text(clause.Text.Attribute.Name)}},"operator":"exists"}""")] : null);
        }
        else if (reasoner.Never(clause))
        {
            NeverHolds(clause, $"{Describe(clause)} never holds: nothing has such a value.", Describe(clause));
        }
        CheckAttribute(clause.Text.Attribute, clause, at);
    }

    private void NeverHolds(Condition condition, string message, string what) => diagnostics.Warning(diagnostics.PositionOf(condition), "never_holds", message, new() { ["condition"] = what });

    private void CheckConjunction(AllOf all)
    {
        var ifSingle = false;
        if (!reasoner.Never(all))
        {
            ifSingle = true;
            if (!reasoner.NeverIfSingle(all))
                return;
        }
        // What a part says of itself need not be said again of the whole.
        if (all.Parts.Any(part => ifSingle ? reasoner.NeverIfSingle(part) : reasoner.Never(part)))
            return;
        var parts = Flat(all).ToList();
        if (parts.Count <= MaxParts)
        {
            for (var i = 1; i < parts.Count; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    if (!reasoner.Excludes(parts[i], parts[j], ifSingle))
                        continue;
                    ReportContradiction(diagnostics.PositionOf(parts[i]), Describe(parts[j]), Describe(parts[i]), ifSingle, [RemovalOf(parts[i], "remove_second"), RemovalOf(parts[j], "remove_first")]);
                    return;
                }
            }
        }
        ReportContradiction(diagnostics.PositionOf(all), string.Join(", ", parts.SkipLast(1).Take(5).Select(part => Describe(part))), Describe(parts[^1]), ifSingle, null);
    }

    private void ReportContradiction(JsonValue at, string first, string second, bool ifSingle, QuickFix[]? fixes)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["first"] = first, ["second"] = second };
        if (ifSingle)
            diagnostics.Warning(at, "contradiction_unless_list", $"{second} cannot hold together with {first}, unless the attribute has several values at once; if it never has, add it to the catalogue with its type.", values, fixes);
        else
            diagnostics.Warning(at, "contradiction", $"{second} cannot hold together with {first}.", values, fixes);
    }

    private static IEnumerable<Condition> Flat(AllOf all) => all.Parts.SelectMany(part => part is AllOf inner ? Flat(inner) : [part]);

    private QuickFix RemovalOf(Condition part, string kind) => Fixes.Remove(kind, $"Remove {Describe(part)}", diagnostics.PositionOf(part).Pointer);

    // In a conjunction what follows from the others says nothing; in a disjunction what implies one of the others.
    private void CheckRedundancy(Condition group, IReadOnlyList<Condition> parts, bool isAll)
    {
        if (parts.Count is < 2 or > MaxParts || (isAll ? reasoner.Never(group) : reasoner.Always(group)))
            return;
        var left = parts.ToList();
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            var part = parts[i];
            // These have codes of their own.
            if (reasoner.Never(part) || reasoner.Always(part))
                continue;
            var others = left.Where(other => !ReferenceEquals(other, part)).ToList();
            if (others.Count == 0 || !(isAll ? reasoner.FollowsFrom(part, others) : reasoner.Covered(part, others)))
                continue;
            left.Remove(part);
            var because = others.Find(other => isAll ? reasoner.Implies(other, part) : reasoner.Implies(part, other));
            var reason = because is null ? string.Join(", ", others.Take(5).Select(part => Describe(part))) : Describe(because);
            diagnostics.Info(
                diagnostics.PositionOf(part),
                "redundant_condition",
                isAll ? $"{Describe(part)} adds nothing: it follows from {reason}." : $"{Describe(part)} adds nothing: whoever it is for is covered by {reason}.",
                new() { ["condition"] = Describe(part), ["because"] = reason },
                [RemovalOf(part, "remove_condition")]);
        }
    }

    public void CheckAttribute(AttributeReference? attribute, Clause? clause, JsonValue at)
    {
        if (references.Attributes is null || attribute is null || attribute.IsNow || attribute.IsAlias)
            return;
        if (!references.Attributes.TryGetValue(attribute.Name, out var type))
        {
            var near = Nearness.Nearest(attribute.Name, references.Attributes.Keys);
            var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["attribute"] = attribute.Name };
            if (near is not null)
                values["suggestion"] = near;
            diagnostics.Warning(
                at, "unknown_attribute", $"The attribute '{attribute.Name}' is not in the catalogue.{(near is null ? "" : $" Is it '{near}'?")}", values,
                near is null || clause is null ? null : [Fixes.Replace("replace_attribute", $"Use '{near}'", at.Pointer + "/attribute", Fixes.Text(near))]);
        }
        else if (clause is not null && !Suits(clause, type))
        {
            diagnostics.Warning(
                at, "attribute_type", $"{Describe(clause)}: '{clause.Text.Operator}' with this value does not suit the attribute '{attribute.Name}', which the catalogue calls {Describe(type)}.",
                new() { ["attribute"] = attribute.Name, ["operator"] = clause.Text.Operator, ["type"] = type.ToString().ToLowerInvariant(), ["condition"] = Describe(clause) });
        }
    }

    /// <summary>A condition in a few words; groups in groups are not told.</summary>
    public static string Describe(Condition condition) => Describe(condition, 0);

    private static string Describe(Condition condition, int depth) => condition switch
    {
        Clause clause => clause.Text.Value.IsEmpty
            ? $"'{Short(clause.Text.Attribute.Name)} {clause.Text.Operator}'"
            : $"'{Short(clause.Text.Attribute.Name)} {clause.Text.Operator} {Short(Encoding.UTF8.GetString(clause.Text.Value.Span[..Math.Min(clause.Text.Value.Length, MaxShown)]))}'",
        InSegment segment => $"'segment {segment.Key}'",
        Percentage percentage => string.Create(CultureInfo.InvariantCulture, $"'{percentage.Limit / 100.0:0.##} %'"),
        _ when depth > 1 => "(…)",
        Not not => $"not {Describe(not.Part, depth + 1)}",
        AllOf { Parts.Count: 0 } => "everybody",
        AllOf all => Group(all.Parts, " and ", depth),
        AnyOf { Parts.Count: 0 } => "nobody",
        AnyOf any => Group(any.Parts, " or ", depth),
        _ => "(…)",
    };

    private static string Group(IReadOnlyList<Condition> parts, string word, int depth) =>
        $"({string.Join(word, parts.Take(3).Select(part => Describe(part, depth + 1)))}{(parts.Count > 3 ? word + "…" : "")})";

    // Long lists are cut before they are made texts of.
    private const int MaxShown = 400;

    private static string Short(string text)
    {
        const int Longest = 60;
        if (text.Length <= Longest)
            return text;
        var end = char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest;
        return text[..end] + "…";
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
            AttributeType.Number => equality.ComparesOnly(JsonKind.Number),
            AttributeType.Boolean => equality.ComparesOnly(JsonKind.True),
            _ => true,
        },
        _ => true,
    };
}
