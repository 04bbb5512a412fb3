using Togglr.Evaluation.Conditions;

namespace Togglr.Evaluation.Snapshots;

/// <summary>If the condition holds and the serve applies, the rule decides.</summary>
internal sealed record Rule(string? Id, Condition Condition, Serve Serve);

/// <summary>Another flag that must have one of some variants.</summary>
internal sealed class Prerequisite(string flagKey, string[] variants)
{
    private bool[] _accepted = [];

    public string FlagKey => flagKey;

    public IReadOnlyList<string> Variants => variants;

    public Flag? Flag { get; private set; }

    public void Link(Flag flag)
    {
        Flag = flag;
        _accepted = [.. flag.Variants.Select(variant => variants.Contains(variant.Key, StringComparer.Ordinal))];
    }

    public Outcome Evaluate(in Inquiry inquiry) => inquiry.Memo is { } memo ? memo.Evaluate(Flag!, inquiry) : Flag!.Decide(inquiry);

    public bool Accepts(Outcome outcome) => outcome.Variant is { } variant && _accepted[variant.Index];
}
