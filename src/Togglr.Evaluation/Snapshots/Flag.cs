using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation;

/// <summary>A compiled flag of a snapshot. Immutable.</summary>
public sealed class Flag
{
    private static readonly Dictionary<string, Variant> s_noVariants = [];

    private readonly Dictionary<string, Variant> _byKey;
    private Outcome? _fixed;
    private UserSketch? _users;

    internal Flag(string key, ReadOnlyMemory<byte> raw, FlagType type = FlagType.Unknown, IReadOnlyList<Variant>? variants = null)
    {
        Key = key;
        Utf8Json = raw;
        Type = type;
        Variants = variants ?? [];
        _byKey = Variants.Count == 0 ? s_noVariants : Variants.ToDictionary(variant => variant.Key, StringComparer.Ordinal);
        ParseError = new Outcome(this, null, EvaluationReason.Error, EvaluationErrorCode.ParseError);
        TypeMismatch = new Outcome(this, null, EvaluationReason.Error, EvaluationErrorCode.TypeMismatch);
    }

    /// <summary>The flag's key.</summary>
    public string Key { get; }

    /// <summary>The type of its values.</summary>
    public FlagType Type { get; }

    /// <summary>Whether it is on. A killed flag may be enabled and is off all the same.</summary>
    public bool Enabled { get; internal init; }

    /// <summary>Whether the kill switch was used.</summary>
    public bool Killed { get; internal init; }

    /// <summary>Whether browsers and other clients with a client key may see it.</summary>
    public bool ClientVisible { get; internal init; }

    /// <summary>The version of the flag's configuration; 0 when the snapshot does not say.</summary>
    public long Version { get; internal init; }

    /// <summary>The variants in the order of the snapshot.</summary>
    public IReadOnlyList<Variant> Variants { get; }

    /// <summary>The variant that is served while the flag is off; null when there is none.</summary>
    public Variant? OffVariant { get; internal init; }

    /// <summary>Whether the flag, or something that it needs, cannot be evaluated by this reader.</summary>
    public bool Malformed => Problem is not null;

    /// <summary>Why the flag is malformed, or null.</summary>
    public string? Problem { get; internal set; }

    /// <summary>The flag's JSON document as it stands in the snapshot, without line breaks.</summary>
    public ReadOnlyMemory<byte> Utf8Json { get; }

    /// <summary>Notes whom it was evaluated for. Kept here, because the flag is at hand where that happens.</summary>
    internal void AddUser(ulong user) => (_users ?? Interlocked.CompareExchange(ref _users, new UserSketch(), null) ?? _users).Add(user);

    /// <summary>Hands over whom it was evaluated for since the last time.</summary>
    internal void MoveUsersTo(IDictionary<string, UserSketch> users)
    {
        if (_users is not { IsEmpty: false } mine)
            return;
        if (!users.TryGetValue(Key, out var all))
            users.Add(Key, all = new UserSketch());
        mine.MoveTo(all);
    }

    internal bool IsOff => Killed || !Enabled;

    internal Outcome ParseError { get; }

    internal Outcome TypeMismatch { get; }

    internal Outcome? Disabled { get; private set; }

    internal Outcome? PrerequisiteFailed { get; private set; }

    internal Prerequisite[] Prerequisites { get; init; } = [];

    /// <summary>The keys of all target lists; the first list that has a key wins.</summary>
    internal KeyIndex TargetKeys { get; init; } = KeyIndex.Empty;

    /// <summary>The outcome for each of <see cref="TargetKeys"/>.</summary>
    internal Outcome[] TargetOutcomes { get; private set; } = [];

    internal Rule[] Rules { get; private set; } = [];

    internal Serve? Default { get; private set; }

    /// <summary>The answer when the default does not apply.</summary>
    internal Outcome? DefaultMissed { get; private set; }

    internal IReadOnlyList<InSegment> SegmentReferences { get; init; } = [];

    internal IReadOnlyList<ExperimentServe> ExperimentReferences { get; init; } = [];

    internal int Ordinal { get; set; }

    /// <summary>How many prerequisites deep it nests, itself included.</summary>
    internal int Height { get; set; }

    /// <summary>Whether something may be asked twice in one evaluation.</summary>
    internal bool NeedsMemo { get; set; }

    /// <summary>How many ordinals of segments and flags a memo must have room for.</summary>
    internal int MemoSegments { get; set; }

    internal int MemoFlags { get; set; }

    internal Variant? FindVariant(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Adds what refers back to the flag itself.</summary>
    internal void Complete(Outcome disabled, Outcome prerequisiteFailed, Outcome[] targetOutcomes, Rule[] rules, Serve? serve, Outcome missed)
    {
        Disabled = disabled;
        PrerequisiteFailed = prerequisiteFailed;
        TargetOutcomes = targetOutcomes;
        Rules = rules;
        Default = serve;
        DefaultMissed = missed;
    }

    /// <summary>Settles what does not depend on the context, once everything that the flag needs is known.</summary>
    internal void Settle()
    {
        if (IsOff)
            _fixed = Disabled ?? ParseError;
        else if (Malformed)
            _fixed = ParseError;
        else if (Prerequisites.Length == 0 && TargetKeys.Count == 0 && Rules.Length == 0 && Default is FixedServe serve)
            _fixed = serve.Outcome;
    }

    internal Outcome Decide(in Inquiry inquiry) => _fixed ?? Walk(inquiry);

    internal Outcome? Fixed => _fixed;

    private Outcome Walk(in Inquiry inquiry)
    {
        foreach (var prerequisite in Prerequisites)
        {
            if (!prerequisite.Accepts(prerequisite.Evaluate(inquiry)))
                return PrerequisiteFailed!;
        }
        if (TargetKeys.Count > 0 && TargetOutcome(inquiry) is { } target)
            return target;
        foreach (var rule in Rules)
        {
            if (rule.Condition.Holds(inquiry) && rule.Serve.Choose(inquiry) is { } outcome)
                return outcome;
        }
        return Default!.Choose(inquiry) ?? DefaultMissed!;
    }

    internal Outcome? TargetOutcome(in Inquiry inquiry)
    {
        var key = inquiry.Context.TextOf(inquiry.Context.TargetingKey);
        return !key.IsEmpty && TargetKeys.Find(key) is var index and >= 0 ? TargetOutcomes[index] : null;
    }
}
