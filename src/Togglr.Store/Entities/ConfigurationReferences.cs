using System.Text.Json;

namespace Togglr.Store;

/// <summary>What a configuration or a condition names. Unknown and malformed parts are passed over: judging them is the validation's work.</summary>
internal sealed class ConfigurationReferences
{
    private const int MaximumDepth = 256;

    internal SortedSet<string> Segments { get; } = new(StringComparer.Ordinal);

    internal SortedSet<string> Flags { get; } = new(StringComparer.Ordinal);

    internal SortedSet<string> Experiments { get; } = new(StringComparer.Ordinal);

    internal SortedSet<string> Variants { get; } = new(StringComparer.Ordinal);

    internal static ConfigurationReferences Of(FlagConfiguration configuration)
    {
        var references = new ConfigurationReferences();
        foreach (var prerequisite in Items(configuration.Prerequisites))
            Add(references.Flags, prerequisite, "flag");
        foreach (var target in Items(configuration.Targets))
            Add(references.Variants, target, "variant");
        foreach (var rule in Items(configuration.Rules))
        {
            if (rule.ValueKind != JsonValueKind.Object)
                continue;
            if (rule.TryGetProperty("if", out var condition))
                references.AddCondition(condition, 0);
            if (rule.TryGetProperty("then", out var serve))
                references.AddServe(serve);
        }

        references.AddServe(configuration.Default);
        if (configuration.OffVariant is { } off)
            references.Variants.Add(off);
        return references;
    }

    internal static ConfigurationReferences Of(JsonElement? condition)
    {
        var references = new ConfigurationReferences();
        if (condition is { } present)
            references.AddCondition(present, 0);
        return references;
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : default;

    private static void Add(SortedSet<string> set, JsonElement owner, string name)
    {
        if (owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
            set.Add(value.GetString()!);
    }

    private void AddServe(JsonElement serve)
    {
        Add(Variants, serve, "variant");
        Add(Experiments, serve, "experiment");
        if (serve.ValueKind == JsonValueKind.Object && serve.TryGetProperty("rollout", out var rollout)
            && rollout.ValueKind == JsonValueKind.Object && rollout.TryGetProperty("variations", out var variations))
        {
            foreach (var variation in Items(variations))
                Add(Variants, variation, "key");
        }
    }

    private void AddCondition(JsonElement condition, int depth)
    {
        if (condition.ValueKind != JsonValueKind.Object || depth > MaximumDepth)
            return;
        Add(Segments, condition, "segment");
        if (condition.TryGetProperty("not", out var negated))
            AddCondition(negated, depth + 1);
        foreach (var name in (ReadOnlySpan<string>)["and", "or"])
        {
            if (!condition.TryGetProperty(name, out var parts))
                continue;
            foreach (var part in Items(parts))
                AddCondition(part, depth + 1);
        }
    }
}
