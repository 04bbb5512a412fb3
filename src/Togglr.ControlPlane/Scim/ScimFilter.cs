using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Togglr.ControlPlane.Scim;

/// <summary>A condition about a resource or about one value of an attribute (RFC 7644, 3.4.2.2).</summary>
internal abstract record ScimFilter
{
    /// <summary>The longest text of a filter or path.</summary>
    public const int LongestText = 4000;

    /// <summary>Whether an object fulfils it.</summary>
    public abstract bool Matches(JsonObject resource);

    /// <summary>Reads a filter about resources.</summary>
    /// <exception cref="ScimFaultException">It is not one.</exception>
    public static ScimFilter Parse(string text, ScimSchema schema) => new ScimFilterReader(text, name => ScimPath.Resolve(name, schema), schema).ReadAll();

    /// <summary>Reads a filter about the values of one attribute.</summary>
    public static ScimFilter ParseWithin(string text, ScimAttribute attribute) =>
        new ScimFilterReader(text, name => attribute.Find(name) is { } sub ? new ScimPath(sub, null, null, null) : null, null).ReadAll();

    /// <summary>What every object that fulfils the filter has: an attribute that equals a text. Null when nothing is that simple.</summary>
    public virtual (string Attribute, string Value)? Key => null;

    internal sealed record And(ScimFilter Left, ScimFilter Right) : ScimFilter
    {
        public override (string Attribute, string Value)? Key => Left.Key ?? Right.Key;

        public override bool Matches(JsonObject resource) => Left.Matches(resource) && Right.Matches(resource);
    }

    internal sealed record Or(ScimFilter Left, ScimFilter Right) : ScimFilter
    {
        public override bool Matches(JsonObject resource) => Left.Matches(resource) || Right.Matches(resource);
    }

    internal sealed record Not(ScimFilter Inner) : ScimFilter
    {
        public override bool Matches(JsonObject resource) => !Inner.Matches(resource);
    }

    /// <summary>One value of an attribute fulfils all of a filter: <c>emails[type eq "work" and value co "@"]</c>.</summary>
    internal sealed record Values(ScimPath Path, ScimFilter Inner) : ScimFilter
    {
        public override bool Matches(JsonObject resource) => Path.NodesOf(resource).OfType<JsonObject>().Any(Inner.Matches);
    }

    /// <summary>An attribute compared with a value.</summary>
    internal sealed record Comparison(ScimPath Path, string Operator, object? Operand) : ScimFilter
    {
        public override (string Attribute, string Value)? Key =>
            Operator == "eq" && Operand is string text && Path.Extension is null ? (Path.Sub is null ? Path.Attribute.Name : $"{Path.Attribute.Name}.{Path.Sub.Name}", text) : null;

        /// <summary>What the comparison is about: of a value with parts its <c>value</c>.</summary>
        private ScimAttribute Leaf => Path.Sub ?? (Path.Attribute.Type == ScimType.Complex ? Path.Attribute.Find("value") ?? Path.Attribute : Path.Attribute);

        public override bool Matches(JsonObject resource)
        {
            var leaves = LeavesOf(resource);
            return Operator switch
            {
                "pr" => leaves.Any(static leaf => leaf is not JsonValue value || !value.TryGetValue<string>(out var text) || text.Length > 0),
                "ne" => Operand is null ? leaves.Any() : !leaves.Any(leaf => Compare(leaf, "eq")),
                "eq" when Operand is null => !leaves.Any(),
                _ => leaves.Any(leaf => Compare(leaf, Operator)),
            };
        }

        private IEnumerable<JsonNode> LeavesOf(JsonObject resource)
        {
            foreach (var node in Path.NodesOf(resource))
            {
                var leaf = Path.Sub is { } sub ? (node as JsonObject)?[sub.Name] : node is JsonObject complex && Operator != "pr" ? complex["value"] : node;
                if (leaf is not null)
                    yield return leaf;
            }
        }

        private bool Compare(JsonNode leaf, string @operator)
        {
            if (leaf is not JsonValue value)
                return false;
            if (value.TryGetValue<bool>(out var flag))
                return @operator == "eq" && (Operand is bool other ? other == flag : Operand is string text && bool.TryParse(text, out var parsed) && parsed == flag);
            if (!value.TryGetValue<string>(out var left) || Operand is not string right)
                return false;
            if (Leaf.Type == ScimType.DateTime)
                return DateTimeOffset.TryParse(left, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                    && DateTimeOffset.TryParse(right, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var than) && Ordered(at.CompareTo(than), @operator);
            var comparison = Leaf.IsCaseExact ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
            return @operator switch
            {
                "co" => left.Contains(right, comparison),
                "sw" => left.StartsWith(right, comparison),
                "ew" => left.EndsWith(right, comparison),
                _ => Ordered(string.Compare(left, right, comparison), @operator),
            };
        }

        private static bool Ordered(int order, string @operator) => @operator switch
        {
            "eq" => order == 0,
            "gt" => order > 0,
            "ge" => order >= 0,
            "lt" => order < 0,
            "le" => order <= 0,
            _ => false,
        };
    }
}

/// <summary>Reads filters: recursive descent, with the precedence not, and, or.</summary>
internal sealed class ScimFilterReader(string text, Func<string, ScimPath?> resolve, ScimSchema? schema)
{
    private const int Deepest = 30;
    private const int MostComparisons = 200;
    private static readonly string[] Operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"];

    private int _at;
    private int _depth;
    private int _comparisons;

    public ScimFilter ReadAll()
    {
        if (text.Length > ScimFilter.LongestText)
            throw ScimFaultException.Filter($"A filter has at most {ScimFilter.LongestText} characters.");
        var filter = ReadOr();
        SkipSpaces();
        return _at == text.Length ? filter : throw Bad("nothing more");
    }

    private ScimFilter ReadOr()
    {
        if (++_depth > Deepest)
            throw ScimFaultException.Filter($"A filter is at most {Deepest} levels deep.");
        var left = ReadAnd();
        while (TakeWord("or"))
            left = new ScimFilter.Or(left, ReadAnd());
        _depth--;
        return left;
    }

    private ScimFilter ReadAnd()
    {
        var left = ReadTerm();
        while (TakeWord("and"))
            left = new ScimFilter.And(left, ReadTerm());
        return left;
    }

    private ScimFilter ReadTerm()
    {
        SkipSpaces();
        if (Take('('))
            return ReadGroup();
        var start = _at;
        if (TakeWord("not"))
        {
            SkipSpaces();
            if (Take('('))
                return new ScimFilter.Not(ReadGroup());
            _at = start;
        }
        return ReadComparison();
    }

    private ScimFilter ReadGroup()
    {
        var inner = ReadOr();
        SkipSpaces();
        return Take(')') ? inner : throw Bad("a closing parenthesis");
    }

    private ScimFilter ReadComparison()
    {
        if (++_comparisons > MostComparisons)
            throw ScimFaultException.Filter($"A filter has at most {MostComparisons} comparisons.");
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is ':' or '.' or '-' or '_' or '$'))
            _at++;
        var name = text[start.._at];
        if (name.Length == 0)
            throw Bad("the name of an attribute");
        if (_at < text.Length && text[_at] == '[')
            return ReadValues(name);
        var path = resolve(name) ?? throw ScimFaultException.Filter($"There is no attribute {name}.");
        SkipSpaces();
        var @operator = ReadWord().ToLowerInvariant();
        if (!Operators.Contains(@operator, StringComparer.Ordinal))
            throw Bad("one of eq, ne, co, sw, ew, gt, ge, lt, le, pr");
        if (@operator == "pr")
            return new ScimFilter.Comparison(path, @operator, null);
        SkipSpaces();
        var operand = ReadValue();
        var leaf = path.Sub ?? path.Attribute;
        if ((leaf.Type == ScimType.Boolean || operand is bool or null) && @operator is not ("eq" or "ne"))
            throw ScimFaultException.Filter($"{name} can not be compared by {@operator} with this.");
        return new ScimFilter.Comparison(path, @operator, operand);
    }

    private ScimFilter.Values ReadValues(string name)
    {
        var close = ScimPath.ClosingBracket(text, _at);
        if (schema is null || close < 0 || resolve(name) is not { Sub: null, Attribute.Type: ScimType.Complex } path)
            throw ScimFaultException.Filter($"{name} has no values to choose from.");
        var inner = ScimFilter.ParseWithin(text[(_at + 1)..close], path.Attribute);
        _at = close + 1;
        // emails[type eq "work"].value eq "…", as some clients ask.
        if (_at < text.Length && text[_at] == '.')
            return new ScimFilter.Values(path, new ScimFilter.And(inner, ReadSub(path.Attribute)));
        return new ScimFilter.Values(path, inner);
    }

    private ScimFilter ReadSub(ScimAttribute attribute)
    {
        _at++;
        var within = new ScimFilterReader(text[_at..], sub => attribute.Find(sub) is { } found ? new ScimPath(found, null, null, null) : null, null);
        var comparison = within.ReadComparison();
        _at += within._at;
        return comparison;
    }

    private object? ReadValue()
    {
        var start = _at;
        if (_at < text.Length && text[_at] == '"')
        {
            for (_at++; _at < text.Length && text[_at] != '"'; _at++)
            {
                if (text[_at] == '\\')
                    _at++;
            }
            if (_at >= text.Length)
                throw Bad("a closing quote");
            _at++;
        }
        else
        {
            while (_at < text.Length && text[_at] is not (' ' or ')'))
                _at++;
        }
        try
        {
            using var value = JsonDocument.Parse(text[start.._at]);
            return value.RootElement.ValueKind switch
            {
                JsonValueKind.String => value.RootElement.GetString(),
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Null => null,
                JsonValueKind.Number => value.RootElement.GetRawText(),
                _ => throw Bad("a value"),
            };
        }
        catch (Exception failed) when (failed is JsonException or InvalidOperationException)
        {
            throw Bad("a text in quotes, a number, true, false or null");
        }
    }

    private bool TakeWord(string word)
    {
        var start = _at;
        SkipSpaces();
        if (_at + word.Length <= text.Length && string.Compare(text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0
            && (_at + word.Length == text.Length || text[_at + word.Length] is ' ' or '('))
        {
            _at += word.Length;
            return true;
        }
        _at = start;
        return false;
    }

    private string ReadWord()
    {
        var start = _at;
        while (_at < text.Length && char.IsAsciiLetter(text[_at]))
            _at++;
        return text[start.._at];
    }

    private bool Take(char letter)
    {
        if (_at >= text.Length || text[_at] != letter)
            return false;
        _at++;
        return true;
    }

    private void SkipSpaces()
    {
        while (_at < text.Length && text[_at] == ' ')
            _at++;
    }

    private ScimFaultException Bad(string expected) => ScimFaultException.Filter($"At character {_at + 1} of the filter {expected} is expected.");
}
