using System.Text.Json;

namespace Togglr.Store;

/// <summary>What the variants of a flag must be.</summary>
internal static class VariantRules
{
    private const int Maximum = 100;

    /// <summary>The variants that boolean flags have by themselves.</summary>
    internal static IReadOnlyList<Variant> OnOff { get; } = [new("on", JsonColumn.Parse("true")), new("off", JsonColumn.Parse("false"))];

    internal static StoreError? Check(FlagType type, IReadOnlyList<Variant> variants)
    {
        if (variants.Count is < 2 or > Maximum)
            return Result.Invalid("variants", $"A flag has 2 to {Maximum} variants.");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < variants.Count; i++)
        {
            var variant = variants[i];
            if (!KeyFormat.IsFlagKey(variant.Key))
                return Result.Invalid($"variants/{i}/key", "A key is 1 to 100 letters, digits and . _ : - and begins with a letter or digit.");
            if (!keys.Add(variant.Key))
                return Result.Invalid($"variants/{i}/key", $"There are two variants {variant.Key}.");
            if (!Fits(type, variant.Value))
                return Result.Invalid($"variants/{i}/value", $"The value is not of the flag's type, {EnumText.Of(type)}.");
            if (variant.Name.Length > 0 && KeyFormat.Name(variant.Name, $"variants/{i}/name") is { } badName)
                return badName;
            if (KeyFormat.Description(variant.Description, $"variants/{i}/description") is { } badDescription)
                return badDescription;
        }

        return null;
    }

    internal static StoreError? CheckMember(IReadOnlyList<Variant> variants, string key, string path) =>
        variants.Any(variant => variant.Key == key) ? null : Result.Invalid(path, $"The flag has no variant {key}.");

    private static bool Fits(FlagType type, JsonElement value) => type switch
    {
        FlagType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        FlagType.String => value.ValueKind == JsonValueKind.String,
        FlagType.Number => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number),
        _ => value.ValueKind != JsonValueKind.Undefined,
    };
}
