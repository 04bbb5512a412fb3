using System.Globalization;
using System.Text.Json.Nodes;
using Togglr.Evaluation.Validation;

namespace Togglr.UnitTests.Evaluation.Analysis;

/// <summary>Flags and contexts made up from few values, so that conditions meet and exclude each other often. The same seed makes the same.</summary>
internal sealed class RandomTargeting(int seed)
{
    private static readonly string[] s_words = ["US", "us", "Us", "CA", "ca-1", "", "true", "False", "5", "5.0", "-1", "1e1", "beta", "be", "a@b.c", "1.2.3", "1.2", "v2.0.0-rc.1", "2024-01-01", "2024-01-01T00:00:00Z", "10.0.0.1", "::ffff:10.0.0.1", "::1"];
    private static readonly double[] s_numbers = [0, 1, 4.5, 5, 6, 18, 1_704_067_200_000, 1_704_067_200_000.5, -1];
    private static readonly string[] s_versions = ["1.2.3", "1.2", "2.0.0-rc.1", "2", "v2.0.0-rc.1", "3.1.4"];
    private static readonly string[] s_ranges = ["10.0.0.0/8", "10.0.0.1", "10.0.0.0/31", "::/0", "::1", "192.168.0.0/16", "::ffff:10.0.0.0/104", "0.0.0.0/0"];
    private static readonly string[] s_patterns = ["^U", "S$", "a", "^[0-9]+$", "", "x{3}", "."];
    private static readonly string[] s_parts = ["U", "US", "u", "be", "beta", "a@", ".c", "", "1.2", "S", "5"];
    private static readonly string[] s_operators =
    [
        "eq", "eq", "neq", "in", "in", "not_in", "gt", "gte", "lt", "lte", "contains", "starts_with", "starts_with", "ends_with", "not_contains", "not_starts_with", "not_ends_with", "matches", "not_matches",
        "exists", "not_exists", "before", "after", "semver_eq", "semver_gt", "semver_gte", "semver_lt", "semver_lte", "ip_in", "not_ip_in",
    ];

    private static readonly string[] s_attributes = ["country", "country", "age", "tags", "plan", "user.plan", "$now"];

    private readonly Random _random = new(seed);

    /// <summary>Attributes of the catalogue: only <c>tags</c> has several values; <c>plan</c> is not in it.</summary>
    public static readonly IReadOnlyDictionary<string, AttributeType> Catalogue =
        new Dictionary<string, AttributeType> { ["country"] = AttributeType.Text, ["age"] = AttributeType.Number, ["tags"] = AttributeType.Array };

    public JsonObject Flag(string key, string? needs)
    {
        var rules = new JsonArray();
        var few = _random.Next(3) == 0;
        var subject = Pick(s_attributes);
        for (var i = 0; i < _random.Next(1, 5); i++)
            rules.Add(new JsonObject { ["id"] = $"r{i}", ["if"] = few ? Clause(subject) : Condition(subject, 3), ["then"] = _random.Next(5) == 0 ? Split() : new JsonObject { ["variant"] = Pick(["a", "b"]) } });
        var flag = new JsonObject
        {
            ["key"] = key, ["type"] = "string", ["enabled"] = _random.Next(6) != 0, ["variants"] = new JsonObject { ["a"] = "A", ["b"] = "B", ["c"] = "C" }, ["offVariant"] = "c", ["rules"] = rules,
            ["default"] = _random.Next(4) == 0 ? Split() : new JsonObject { ["variant"] = "c" },
        };
        if (needs is not null)
            flag["prerequisites"] = new JsonArray(new JsonObject { ["flag"] = needs, ["variants"] = Pick<JsonNode>([new JsonArray("a"), new JsonArray("a", "b"), new JsonArray("c"), new JsonArray("a", "b", "c")]) });
        return flag;
    }

    public JsonObject Segment() => new()
    {
        ["included"] = _random.Next(3) == 0 ? new JsonArray("u1") : new JsonArray(),
        ["excluded"] = _random.Next(3) == 0 ? new JsonArray("u2") : new JsonArray(),
        ["if"] = _random.Next(5) == 0 ? null : Condition(Pick(s_attributes), 2),
    };

    public JsonNode Context(bool arraysEverywhere)
    {
        var context = new JsonObject();
        if (_random.Next(5) != 0)
            context["targetingKey"] = Pick(["u1", "u2", "u3", "u4", "u5", "u6"]);
        if (_random.Next(5) != 0)
            context["country"] = Scalar();
        if (_random.Next(5) != 0)
            context["age"] = Scalar();
        if (_random.Next(5) != 0)
            context["tags"] = _random.Next(3) == 0 ? Scalar() : Array();
        if (_random.Next(5) != 0)
            context["plan"] = arraysEverywhere && _random.Next(2) == 0 ? Array() : Scalar();
        if (_random.Next(3) != 0)
            context["user"] = _random.Next(4) == 0 ? Scalar() : new JsonObject { ["plan"] = arraysEverywhere && _random.Next(2) == 0 ? Array() : Scalar() };
        return context;
    }

    public long Now() => Pick<long>([1_704_067_200_000, 1_704_067_199_999, 1_704_067_200_001, 0, 5, 6]);

    private JsonNode? Scalar() => _random.Next(10) switch
    {
        0 => JsonValue.Create(true),
        1 => JsonValue.Create(false),
        2 => null,
        3 => new JsonObject { ["x"] = 1 },
        < 6 => JsonValue.Create(Pick(s_numbers) + Pick<double>([0, 0, 0, 1, -1, 0.5])),
        6 => JsonValue.Create(Pick(s_versions)),
        _ => JsonValue.Create(Pick(s_words)),
    };

    private JsonArray Array()
    {
        var array = new JsonArray();
        for (var i = 0; i < _random.Next(0, 4); i++)
            array.Add(Scalar());
        return array;
    }

    private JsonObject Split() => new()
    {
        ["rollout"] = new JsonObject { ["variations"] = new JsonArray(new JsonObject { ["key"] = "a", ["weight"] = _random.Next(3) }, new JsonObject { ["key"] = "b", ["weight"] = _random.Next(1, 100) }) },
    };

    private JsonObject Condition(string subject, int depth)
    {
        // Mostly about one attribute: conditions about different ones never exclude each other.
        var about = _random.Next(4) == 0 ? Pick(s_attributes) : subject;
        return (depth <= 0 ? 9 : _random.Next(10)) switch
        {
            < 3 => new JsonObject { ["and"] = Parts(about, depth) },
            3 or 4 => new JsonObject { ["or"] = Parts(about, depth) },
            5 => new JsonObject { ["not"] = Condition(about, depth - 1) },
            6 when _random.Next(2) == 0 => new JsonObject { ["segment"] = Pick(["s1", "s2"]) },
            6 => new JsonObject { ["percentage"] = Pick([0, 10, 50, 99.99, 100]) },
            _ => Clause(about),
        };
    }

    private JsonArray Parts(string about, int depth)
    {
        var parts = new JsonArray();
        for (var i = 0; i < _random.Next(0, 4) + (_random.Next(10) == 0 ? 0 : 1); i++)
            parts.Add(Condition(about, depth - 1));
        return parts;
    }

    private JsonObject Clause(string attribute)
    {
        var name = Pick(s_operators);
        var clause = new JsonObject { ["attribute"] = attribute, ["operator"] = name };
        JsonNode? value = name switch
        {
            "exists" or "not_exists" => null,
            "eq" or "neq" => Comparable(),
            "in" or "not_in" => List(Comparable),
            "gt" or "gte" or "lt" or "lte" => JsonValue.Create(Pick(s_numbers)),
            "before" or "after" => Pick<Func<JsonNode>>([() => "2024-01-01", () => 1_704_067_200_001, () => 5, () => "0001-01-01"])(),
            "matches" or "not_matches" => Pick(s_patterns),
            "ip_in" or "not_ip_in" => List(() => Pick(s_ranges)),
            _ when name.StartsWith("semver", StringComparison.Ordinal) => Pick(s_versions),
            _ => _random.Next(2) == 0 ? Pick(s_parts) : List(() => Pick(s_parts)),
        };
        if (value is not null)
            clause["value"] = value;
        if ((name is "eq" or "neq" or "in" or "not_in" || name.Contains("with", StringComparison.Ordinal) || name.Contains("contains", StringComparison.Ordinal)) && _random.Next(4) == 0)
            clause["ignoreCase"] = true;
        return clause;
    }

    private JsonNode Comparable() => _random.Next(6) switch
    {
        0 => JsonValue.Create(_random.Next(2) == 0),
        1 or 2 => JsonValue.Create(Pick(s_numbers)),
        _ => JsonValue.Create(Pick(s_words)),
    };

    private JsonArray List(Func<JsonNode> item)
    {
        var list = new JsonArray();
        for (var i = 0; i < _random.Next(0, 4); i++)
            list.Add(item());
        return list;
    }

    private T Pick<T>(T[] items) => items[_random.Next(items.Length)];

    public override string ToString() => seed.ToString(CultureInfo.InvariantCulture);
}
