using System.Globalization;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>
/// How an experiment stands in the configuration of its flag: one rule for its audience, and before all others a rule per variant for its testers. The ids tell which rules are the experiment's.
/// </summary>
internal static class ExperimentRules
{
    private static readonly JsonElement Everybody = JsonColumn.Parse("""{"and":[]}""");

    /// <summary>The id of the rule that serves an experiment.</summary>
    internal static string IdOf(string experiment) => $"experiment:{experiment}";

    /// <summary>The condition of the rule.</summary>
    internal static JsonElement ConditionOf(Experiment experiment) => experiment.Audience ?? Everybody;

    /// <summary>The configuration that serves an experiment before a rule, or after all of them; null where there is no such rule.</summary>
    internal static FlagConfiguration? Insert(FlagConfiguration configuration, Experiment experiment, string? before)
    {
        var rules = configuration.Rules.EnumerateArray().ToList();
        var at = before is null ? rules.Count : rules.FindIndex(rule => Id(rule) == before);
        if (at < 0)
            return null;
        rules.Insert(at, Rule(IdOf(experiment.Key), experiment.Name, ConditionOf(experiment), new { experiment = experiment.Key }));
        rules.InsertRange(0, Testers(experiment));
        return configuration with { Rules = Write(rules) };
    }

    /// <summary>The configuration with the testers of an experiment as they are now.</summary>
    internal static FlagConfiguration WithTesters(FlagConfiguration configuration, Experiment experiment)
    {
        var rules = configuration.Rules.EnumerateArray().Where(rule => !IsTester(rule, experiment.Key)).ToList();
        rules.InsertRange(0, Testers(experiment));
        return configuration with { Rules = Write(rules) };
    }

    /// <summary>The configuration without an experiment: what was served without it is served again.</summary>
    internal static FlagConfiguration Remove(FlagConfiguration configuration, string experiment) =>
        configuration with { Rules = Write([.. configuration.Rules.EnumerateArray().Where(rule => !IsTester(rule, experiment) && Id(rule) != IdOf(experiment))]) };

    /// <summary>The configuration without any experiment: they belong to one environment, and stay there.</summary>
    internal static FlagConfiguration RemoveAll(FlagConfiguration configuration)
    {
        var running = configuration.Rules.EnumerateArray()
            .Select(rule => rule.GetProperty("then").TryGetProperty("experiment", out var named) ? named.GetString() : null).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return running.Aggregate(configuration, Remove);
    }

    /// <summary>
    /// The configuration that serves a variant to the audience of an experiment. For everybody and behind all other rules that is the default; else it is a rule, in the place of the experiment's.
    /// </summary>
    internal static FlagConfiguration Ship(FlagConfiguration configuration, Experiment experiment, string variant, bool keepsHoldout)
    {
        var rules = configuration.Rules.EnumerateArray().Where(rule => !IsTester(rule, experiment.Key)).ToList();
        var at = rules.FindIndex(rule => Id(rule) == IdOf(experiment.Key));
        if (at >= 0)
            rules.RemoveAt(at);
        else
            at = rules.Count;
        var condition = keepsHoldout && experiment.HoldoutKey is not null ? OutsideHoldout(experiment) : experiment.Audience;
        var serve = new { variant };
        if (condition is null && at == rules.Count)
            return configuration with { Rules = Write(rules), Default = JsonSerializer.SerializeToElement(serve) };
        rules.Insert(at, Rule(IdOf(experiment.Key), experiment.Name, condition ?? Everybody, serve));
        return configuration with { Rules = Write(rules) };
    }

    /// <summary>Whether a configuration serves an experiment to its audience and to nobody else: once, by its own rule.</summary>
    internal static bool IsIntact(FlagConfiguration configuration, string experiment, JsonElement? audience)
    {
        var own = configuration.Rules.EnumerateArray().Where(rule => Serves(rule.GetProperty("then"), experiment)).ToList();
        return own.Count == 1 && !Serves(configuration.Default, experiment) && Id(own[0]) == IdOf(experiment) && JsonElement.DeepEquals(own[0].GetProperty("if"), audience ?? Everybody);
    }

    private static bool Serves(JsonElement serve, string experiment) =>
        serve.ValueKind == JsonValueKind.Object && serve.TryGetProperty("experiment", out var named) && named.ValueKind == JsonValueKind.String && named.GetString() == experiment;

    /// <summary>Its bucket decides who is held out, with the very seed that the experiment has asked.</summary>
    private static JsonElement OutsideHoldout(Experiment experiment)
    {
        var held = new Dictionary<string, object> { ["percentage"] = experiment.HoldoutShare!.Value / 100.0, ["seed"] = $"holdout:{experiment.HoldoutKey}:" };
        if (experiment.BucketBy is { } unit)
            held["bucketBy"] = unit;
        object outside = new { not = held };
        return JsonSerializer.SerializeToElement(experiment.Audience is { } audience ? new { and = new object[] { audience, outside } } : outside);
    }

    private static IEnumerable<JsonElement> Testers(Experiment experiment) => experiment.OverrideList.Select((item, i) => Rule(
        $"{IdOf(experiment.Key)}:testers:{i.ToString(CultureInfo.InvariantCulture)}", experiment.Name, JsonSerializer.SerializeToElement(new { attribute = "targetingKey", @operator = "in", value = item.Keys }),
        new { variant = item.Variant }));

    private static bool IsTester(JsonElement rule, string experiment) => Id(rule)?.StartsWith($"{IdOf(experiment)}:testers:", StringComparison.Ordinal) == true;

    private static string? Id(JsonElement rule) => rule.TryGetProperty("id", out var id) ? id.GetString() : null;

    private static JsonElement Rule(string id, string name, JsonElement condition, object serve) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["id"] = id, ["name"] = name, ["if"] = condition, ["then"] = serve });

    private static JsonElement Write(List<JsonElement> rules) => JsonSerializer.SerializeToElement(rules);
}
