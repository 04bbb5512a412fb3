using System.Globalization;
using System.Text;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Conditions;

/// <summary>
/// <c>eq</c>, <c>neq</c>, <c>in</c>, <c>not_in</c>: equality with one scalar or any of several. A text that is a JSON number equals that number; the texts <c>true</c> and <c>false</c> equal the booleans.
/// </summary>
internal sealed class EqualityClause : Clause
{
    private readonly bool _folds;
    private readonly byte[]? _onlyText;
    private readonly KeyIndex _texts;
    private readonly double[] _numbers;
    private readonly double[] _numbersOfTexts;
    private readonly bool _hasTrue;
    private readonly bool _hasFalse;
    private HashSet<string>? _scalars;

    private EqualityClause(ClauseText text, bool isNegative, Builder builder)
        : base(text, isNegative)
    {
        IsNegative = isNegative;
        _folds = builder.Folds;
        _texts = builder.Texts.Build();
        _onlyText = _texts.Count == 1 ? _texts[0].ToArray() : null;
        _numbers = Sorted(builder.Numbers);
        _numbersOfTexts = Sorted(builder.NumbersOfTexts);
        _hasTrue = builder.HasTrue;
        _hasFalse = builder.HasFalse;
    }

    public bool IsNegative { get; }

    /// <summary>How many different values it compares with.</summary>
    public int Count => _texts.Count + _numbers.Length + (_hasTrue ? 1 : 0) + (_hasFalse ? 1 : 0);

    /// <summary>For analysis: whether all values are numbers, or all booleans, texts that read as such included.</summary>
    public bool ComparesOnly(JsonKind kind) => Scalars.All(scalar => scalar[0] == (kind == JsonKind.Number ? 'n' : 'b'));

    /// <summary>For analysis: whether ASCII case is folded.</summary>
    public bool Folds => _folds;

    /// <summary>For analysis: the texts that it compares with, folded where case is.</summary>
    public KeyIndex Texts => _texts;

    /// <summary>For analysis: the numbers that it compares with, those that texts read as included.</summary>
    public IEnumerable<double> AllNumbers => _numbers.Concat(_numbersOfTexts);

    /// <summary>For analysis: the numbers that a text may spell in any way.</summary>
    public IReadOnlyList<double> Numbers => _numbers;

    /// <summary>For analysis: whether it compares with this boolean.</summary>
    public bool Has(bool value) => value ? _hasTrue : _hasFalse;

    // One spelling for values that something can equal at once: n5, btrue, tUS.
    private HashSet<string> Scalars => _scalars ??= FindScalars();

    private HashSet<string> FindScalars()
    {
        var scalars = new HashSet<string>(StringComparer.Ordinal);
        foreach (var number in _numbers.Concat(_numbersOfTexts))
            scalars.Add(string.Create(CultureInfo.InvariantCulture, $"n{number:R}"));
        for (var i = 0; i < _texts.Count; i++)
        {
            var text = Encoding.UTF8.GetString(_texts[i]);
            if (text is "true" or "false")
                scalars.Add("b" + text);
            else if (!JsonNumber.TryParse(_texts[i], out _))
                scalars.Add("t" + text);
        }
        if (_hasTrue)
            scalars.Add("btrue");
        if (_hasFalse)
            scalars.Add("bfalse");
        return scalars;
    }

    protected override bool Matches(ContextData context, in ContextValue value) => value.Kind switch
    {
        ContextKind.Text => MatchesText(context.TextOf(value)),
        ContextKind.Number => Contains(_numbers, value.Number) || Contains(_numbersOfTexts, value.Number),
        ContextKind.True => _hasTrue || ContainsText("true"u8),
        _ => _hasFalse || ContainsText("false"u8),
    };

    private bool MatchesText(ReadOnlySpan<byte> text) =>
        ContainsText(text)
        || (_numbers.Length > 0 && JsonNumber.TryParse(text, out var number) && Contains(_numbers, number))
        || (_hasTrue && IsWord(text, "true"u8))
        || (_hasFalse && IsWord(text, "false"u8));

    private bool ContainsText(ReadOnlySpan<byte> text)
    {
        if (_onlyText is not null)
            return _folds ? AsciiCase.EqualsFolded(text, _onlyText) : text.SequenceEqual(_onlyText);
        if (_texts.Count == 0)
            return false;
        return _folds ? ContainsFolded(text) : _texts.Contains(text);
    }

    private bool ContainsFolded(ReadOnlySpan<byte> text)
    {
        const int OnStack = 256;
        if (text.Length <= OnStack)
        {
            Span<byte> folded = stackalloc byte[OnStack];
            for (var i = 0; i < text.Length; i++)
                folded[i] = AsciiCase.Fold(text[i]);
            return _texts.Contains(folded[..text.Length]);
        }
        for (var i = 0; i < _texts.Count; i++)
        {
            if (AsciiCase.EqualsFolded(text, _texts[i]))
                return true;
        }
        return false;
    }

    private bool IsWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => _folds ? AsciiCase.EqualsFolded(text, word) : text.SequenceEqual(word);

    private static bool Contains(double[] sorted, double number) =>
        sorted.Length switch
        {
            0 => false,
            1 => sorted[0] == number,
            _ => Array.BinarySearch(sorted, number + 0.0) >= 0,
        };

    // Array.BinarySearch would tell negative zero from zero: adding zero makes them one.
    private static double[] Sorted(HashSet<double> numbers) => [.. numbers.Select(number => number + 0.0).Distinct().Order()];

    /// <summary>Collects the scalars.</summary>
    public sealed class Builder(bool folds)
    {
        public bool Folds => folds;

        public KeyIndex.Builder Texts { get; } = new();

        public HashSet<double> Numbers { get; } = [];

        public HashSet<double> NumbersOfTexts { get; } = [];

        public bool HasTrue { get; private set; }

        public bool HasFalse { get; private set; }

        public void Add(ReadOnlySpan<byte> text)
        {
            Texts.Add(folds ? AsciiCase.Fold(text) : text);
            if (JsonNumber.TryParse(text, out var number))
                NumbersOfTexts.Add(number);
        }

        public void Add(double number) => Numbers.Add(number);

        public void Add(bool value)
        {
            HasTrue |= value;
            HasFalse |= !value;
        }

        public EqualityClause Build(ClauseText text, bool isNegative) => new(text, isNegative, this);
    }
}
