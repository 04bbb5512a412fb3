using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>
/// The rule that opens a flag for a few: it stands before all others and leaves everybody else where the flag is off. People in the lists of targets come before rules, and prerequisites too.
/// </summary>
internal static class HealthTrialRule
{
    public const string Id = "health-trial";

    public static bool IsIn(FlagConfiguration configuration) => configuration.Rules.EnumerateArray().Any(IsTrial);

    public static FlagConfiguration Add(FlagConfiguration configuration, int share)
    {
        var percentage = (share / 100m).ToString(CultureInfo.InvariantCulture);
        // Another seed than the one of the flag's own percentages: the few are a sample of everybody who gets something.
        var rule = JsonNode.Parse($$$"""{"id":"{{{Id}}}","name":"Trial after errors","if":{"not":{"percentage":{{{percentage}}},"seed":"{{{Id}}}:"}},"then":{"off":true}}""");
        var rules = new JsonArray(rule);
        foreach (var item in Remove(configuration).Rules.EnumerateArray())
            rules.Add(JsonNode.Parse(item.GetRawText()));
        return configuration with { Rules = JsonSerializer.SerializeToElement(rules) };
    }

    public static FlagConfiguration Remove(FlagConfiguration configuration) =>
        IsIn(configuration) ? configuration with { Rules = JsonSerializer.SerializeToElement(configuration.Rules.EnumerateArray().Where(rule => !IsTrial(rule)).ToArray()) } : configuration;

    private static bool IsTrial(JsonElement rule) => rule.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.ValueEquals(Id);
}
