using System.Text;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>
/// A change of how a flag decides, to be made later on whatever the configuration is then:
/// <c>{"enabled"?: bool, "default"?: serve, "offVariant"?: text, "rules"?: [{"id", "then"}]}</c>.
/// </summary>
public static class ConfigurationPatch
{
    /// <summary>Most rules that one patch changes.</summary>
    public const int MaximumRules = 100;

    private static readonly HashSet<string> Members = new(["enabled", "default", "offVariant", "rules"], StringComparer.Ordinal);

    /// <summary>What is wrong with the shape of a patch; whether it means something depends on the flag.</summary>
    internal static StoreError? Fault(JsonElement? patch)
    {
        if (patch is not { ValueKind: JsonValueKind.Object } given)
            return Result.Invalid("change", "Say what changes.");
        if (Encoding.UTF8.GetByteCount(given.GetRawText()) > Schedule.MaximumPatchBytes)
            return Result.Invalid("change", $"A change has at most {Schedule.MaximumPatchBytes} bytes.");
        var count = 0;
        foreach (var member in given.EnumerateObject())
        {
            count++;
            if (!Members.Contains(member.Name))
                return Result.Invalid($"change/{member.Name}", "A change has the members enabled, default, offVariant and rules.");
            if (Fault(member) is { } fault)
                return fault;
        }

        return count == 0 ? Result.Invalid("change", "Say what changes.") : null;
    }

    /// <summary>Whether the patch switches the flag on or off; null where it does neither.</summary>
    public static bool? Enabled(JsonElement patch) => patch.TryGetProperty("enabled", out var enabled) ? enabled.GetBoolean() : null;

    /// <summary>Whether the patch changes anything besides on and off.</summary>
    public static bool Configures(JsonElement patch) => patch.EnumerateObject().Any(member => member.Name != "enabled");

    /// <summary>A configuration with the change made.</summary>
    public static Result<FlagConfiguration> Apply(FlagConfiguration configuration, JsonElement patch)
    {
        if (patch.TryGetProperty("default", out var serve))
            configuration = configuration with { Default = serve };
        if (patch.TryGetProperty("offVariant", out var off))
            configuration = configuration with { OffVariant = off.GetString() };
        if (patch.TryGetProperty("rules", out var rules))
        {
            var index = 0;
            foreach (var rule in rules.EnumerateArray())
            {
                if (WithRule(configuration, rule.GetProperty("id").GetString()!, rule.GetProperty("then")) is not { } changed)
                    return Result.Invalid($"change/rules/{index}/id", $"There is no rule {rule.GetProperty("id").GetString()}.");
                configuration = changed;
                index++;
            }
        }

        return configuration;
    }

    /// <summary>A configuration in which a rule serves something else; null where there is no such rule.</summary>
    public static FlagConfiguration? WithRule(FlagConfiguration configuration, string id, JsonElement then)
    {
        var found = false;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { MaxDepth = 1000 }))
        {
            writer.WriteStartArray();
            foreach (var rule in configuration.Rules.EnumerateArray())
            {
                if (rule.TryGetProperty("id", out var own) && own.GetString() == id)
                {
                    found = true;
                    writer.WriteStartObject();
                    foreach (var member in rule.EnumerateObject())
                    {
                        writer.WritePropertyName(member.Name);
                        writer.WriteRawValue((member.Name == "then" ? then : member.Value).GetRawText(), skipInputValidation: true);
                    }

                    writer.WriteEndObject();
                }
                else
                    writer.WriteRawValue(rule.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndArray();
        }

        return found ? configuration with { Rules = JsonColumn.Parse(Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length))) } : null;
    }

    private static StoreError? Fault(JsonProperty member)
    {
        var path = $"change/{member.Name}";
        switch (member.Name)
        {
            case "enabled":
                return member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : Result.Invalid(path, "True or false is needed.");
            case "default":
                return member.Value.ValueKind == JsonValueKind.Object ? null : Result.Invalid(path, "A serve is needed.");
            case "offVariant":
                return member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null ? null : Result.Invalid(path, "A variant is needed.");
            default:
                if (member.Value.ValueKind != JsonValueKind.Array || member.Value.GetArrayLength() is 0 or > MaximumRules)
                    return Result.Invalid(path, $"A list of 1 to {MaximumRules} rules is needed.");
                foreach (var rule in member.Value.EnumerateArray())
                {
                    if (rule.ValueKind != JsonValueKind.Object || !rule.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String
                        || !rule.TryGetProperty("then", out var then) || then.ValueKind != JsonValueKind.Object || rule.EnumerateObject().Count() != 2)
                        return Result.Invalid(path, "Each rule has an id and what it then serves.");
                }

                return null;
        }
    }
}
