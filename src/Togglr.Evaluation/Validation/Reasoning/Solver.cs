using System.Globalization;
using Togglr.Evaluation.Conditions;

namespace Togglr.Evaluation.Validation.Reasoning;

/// <summary>
/// Tells whether formulas can hold together. Sound, not complete: "they cannot" is proved, case by case with what operators mean; anything else, giving up included, is "they may".
/// </summary>
/// <param name="mayBeArray">Whether an attribute may have several values at once.</param>
/// <param name="budget">How much may be compared.</param>
internal sealed class Solver(Func<string, bool> mayBeArray, Budget budget)
{
    private readonly Dictionary<string, bool> _consistent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _answers = new(StringComparer.Ordinal);

    /// <summary>Whether no context makes all of the formulas hold.</summary>
    public bool Excludes(params ReadOnlySpan<Formula> formulas)
    {
        var ids = new int[formulas.Length];
        for (var i = 0; i < formulas.Length; i++)
            ids[i] = formulas[i].Id;
        Array.Sort(ids);
        var key = string.Join(',', ids);
        if (_answers.TryGetValue(key, out var known))
            return known;
        if (!budget.Begin())
            return false;
        var branch = new Branch();
        var possible = true;
        foreach (var formula in formulas)
            possible = possible && Assert(branch, formula);
        return _answers[key] = !(possible && Possible(branch));
    }

    private bool Possible(Branch branch)
    {
        while (true)
        {
            List<Formula>? fewest = null;
            Junction? chosen = null;
            var settled = true;
            for (var i = 0; i < branch.Choices.Count; i++)
            {
                var choice = branch.Choices[i];
                var open = new List<Formula>();
                var isMet = false;
                foreach (var part in choice.Parts)
                {
                    if (!budget.Spend(1))
                        return true;
                    if (branch.Asserted.Contains(part.Id))
                    {
                        isMet = true;
                        break;
                    }
                    if (MayAssert(branch, part))
                        open.Add(part);
                }
                if (isMet)
                {
                    branch.Choices.RemoveAt(i--);
                    continue;
                }
                if (open.Count == 0)
                    return false;
                if (open.Count == 1)
                {
                    branch.Choices.RemoveAt(i);
                    if (!Assert(branch, open[0]))
                        return false;
                    settled = false;
                    break;
                }
                if (fewest is null || open.Count < fewest.Count)
                    (fewest, chosen) = (open, choice);
            }
            if (!settled)
                continue;
            if (fewest is null)
                return true;
            branch.Choices.Remove(chosen!);
            foreach (var part in fewest)
            {
                if (!budget.Spend(1 + (branch.Asserted.Count / 8)))
                    return true;
                var next = branch.Copy();
                if (Assert(next, part) && Possible(next))
                    return true;
                // What was tried and failed does not hold in what follows.
                if (!Assert(branch, part.Negation))
                    return false;
            }
            return false;
        }
    }

    private bool MayAssert(Branch branch, Formula formula)
    {
        if (branch.Asserted.Contains(formula.Negation.Id))
            return false;
        return formula switch
        {
            Constant constant => constant.Value,
            Literal literal => Consistent(branch, literal),
            _ => true,
        };
    }

    private bool Assert(Branch branch, Formula formula)
    {
        if (!MayAssert(branch, formula))
            return false;
        if (!branch.Asserted.Add(formula.Id))
            return true;
        switch (formula)
        {
            case Literal literal:
                branch.Add(literal);
                return true;
            case Junction { IsAll: true } all:
                foreach (var part in all.Parts)
                {
                    if (!Assert(branch, part))
                        return false;
                }
                return true;
            case Junction any:
                branch.Choices.Add(any);
                return true;
            default:
                return true;
        }
    }

    private bool Consistent(Branch branch, Literal literal)
    {
        if (literal.Atom is null)
            return true;
        var others = branch.About(literal.Subject);
        var ids = new int[others.Count + 1];
        for (var i = 0; i < others.Count; i++)
            ids[i] = others[i].Id;
        ids[^1] = literal.Id;
        Array.Sort(ids);
        var key = string.Create(CultureInfo.InvariantCulture, $"{literal.Subject}\0{string.Join(',', ids)}");
        if (_consistent.TryGetValue(key, out var known))
            return known;
        if (!budget.Spend(1 + others.Count))
            return true;
        var all = new List<Literal>(others) { literal };
        var answer = literal.Atom is Percentage ? Consistent(all) : ValueLogic.Possible(all, mayBeArray, budget);
        return _consistent[key] = answer;
    }

    // A bucket below every positive limit and below no negative one; where there is no unit all of them are false.
    private static bool Consistent(List<Literal> shares)
    {
        var below = shares.Where(share => share.IsPositive).Select(share => ((Percentage)share.Atom!).Limit).DefaultIfEmpty(int.MaxValue).Min();
        var from = shares.Where(share => !share.IsPositive).Select(share => ((Percentage)share.Atom!).Limit).DefaultIfEmpty(0).Max();
        return below == int.MaxValue || from < below;
    }

    private sealed class Branch
    {
        private readonly Dictionary<string, List<Literal>> _bySubject = new(StringComparer.Ordinal);

        public HashSet<int> Asserted { get; private init; } = [];

        public List<Junction> Choices { get; private init; } = [];

        public List<Literal> About(string subject) => _bySubject.TryGetValue(subject, out var literals) ? literals : [];

        public void Add(Literal literal)
        {
            if (!_bySubject.TryGetValue(literal.Subject, out var literals))
                _bySubject[literal.Subject] = literals = [];
            literals.Add(literal);
        }

        public Branch Copy()
        {
            var copy = new Branch { Asserted = [.. Asserted], Choices = [.. Choices] };
            foreach (var (subject, literals) in _bySubject)
                copy._bySubject[subject] = [.. literals];
            return copy;
        }
    }
}
