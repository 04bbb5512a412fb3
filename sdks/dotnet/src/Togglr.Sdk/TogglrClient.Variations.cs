using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Togglr.Evaluation;

namespace Togglr.Sdk;

public sealed partial class TogglrClient
{
    // Variants are immutable and so are parsed elements: each is parsed once for all callers.
    private readonly ConditionalWeakTable<Variant, object> _parsed = [];

    /// <summary>The value of a boolean flag.</summary>
    /// <param name="key">The flag.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="defaultValue">What to use when there is no value.</param>
    public bool BooleanVariation(string key, EvaluationContext context, bool defaultValue) =>
        Ask(key, context, FlagType.Boolean).Variant is { } variant ? variant.Boolean : defaultValue;

    /// <inheritdoc cref="BooleanVariation" />
    public EvaluationDetail<bool> BooleanVariationDetail(string key, EvaluationContext context, bool defaultValue)
    {
        var answer = Ask(key, context, FlagType.Boolean);
        return answer.Detail(key, answer.Variant is { } variant ? variant.Boolean : defaultValue);
    }

    /// <summary>The value of a string flag.</summary>
    /// <inheritdoc cref="BooleanVariation" />
    public string StringVariation(string key, EvaluationContext context, string defaultValue) =>
        Ask(key, context, FlagType.Text).Variant?.Text ?? defaultValue;

    /// <inheritdoc cref="StringVariation" />
    public EvaluationDetail<string> StringVariationDetail(string key, EvaluationContext context, string defaultValue)
    {
        var answer = Ask(key, context, FlagType.Text);
        return answer.Detail(key, answer.Variant?.Text ?? defaultValue);
    }

    /// <summary>The value of a number flag.</summary>
    /// <inheritdoc cref="BooleanVariation" />
    public double DoubleVariation(string key, EvaluationContext context, double defaultValue) =>
        Ask(key, context, FlagType.Number).Variant is { } variant ? variant.Number : defaultValue;

    /// <inheritdoc cref="DoubleVariation" />
    public EvaluationDetail<double> DoubleVariationDetail(string key, EvaluationContext context, double defaultValue)
    {
        var answer = Ask(key, context, FlagType.Number);
        return answer.Detail(key, answer.Variant is { } variant ? variant.Number : defaultValue);
    }

    /// <summary>The value of a number flag that is integral; any other number is a type mismatch.</summary>
    /// <inheritdoc cref="BooleanVariation" />
    public long IntegerVariation(string key, EvaluationContext context, long defaultValue) =>
        AskInteger(key, context).Variant is { } variant ? (long)variant.Number : defaultValue;

    /// <inheritdoc cref="IntegerVariation" />
    public EvaluationDetail<long> IntegerVariationDetail(string key, EvaluationContext context, long defaultValue)
    {
        var answer = AskInteger(key, context);
        return answer.Detail(key, answer.Variant is { } variant ? (long)variant.Number : defaultValue);
    }

    /// <summary>The value of a JSON flag, parsed once and shared.</summary>
    /// <inheritdoc cref="BooleanVariation" />
    public JsonElement JsonVariation(string key, EvaluationContext context, JsonElement defaultValue) =>
        Ask(key, context, FlagType.Json).Variant is { } variant ? Parsed(variant) : defaultValue;

    /// <inheritdoc cref="JsonVariation(string, EvaluationContext, JsonElement)" />
    public EvaluationDetail<JsonElement> JsonVariationDetail(string key, EvaluationContext context, JsonElement defaultValue)
    {
        var answer = Ask(key, context, FlagType.Json);
        return answer.Detail(key, answer.Variant is { } variant ? Parsed(variant) : defaultValue);
    }

    /// <summary>The value of a JSON flag as an object, new for every call. A value that does not fit the type is a type mismatch.</summary>
    /// <param name="key">The flag.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="defaultValue">What to use when there is no value.</param>
    /// <param name="options">How to deserialize; the serializer's defaults if null.</param>
    /// <typeparam name="T">Type of the object.</typeparam>
    [RequiresUnreferencedCode("Deserializes by reflection; trimmed applications use the overload with JsonTypeInfo.")]
    [RequiresDynamicCode("Deserializes by reflection; applications compiled ahead of time use the overload with JsonTypeInfo.")]
    public T JsonVariation<T>(string key, EvaluationContext context, T defaultValue, JsonSerializerOptions? options = null) =>
        JsonVariationDetail(key, context, defaultValue, options).Value;

    /// <inheritdoc cref="JsonVariation{T}(string, EvaluationContext, T, JsonSerializerOptions)" />
    [RequiresUnreferencedCode("Deserializes by reflection; trimmed applications use the overload with JsonTypeInfo.")]
    [RequiresDynamicCode("Deserializes by reflection; applications compiled ahead of time use the overload with JsonTypeInfo.")]
    public EvaluationDetail<T> JsonVariationDetail<T>(string key, EvaluationContext context, T defaultValue, JsonSerializerOptions? options = null)
    {
        var answer = Ask(key, context, FlagType.Json);
        if (answer.Variant is not { } variant)
            return answer.Detail(key, defaultValue);
        try
        {
            return answer.Detail(key, JsonSerializer.Deserialize<T>(variant.Utf8Json.Span, options)!);
        }
        catch (Exception exception)
        {
            return Answer.Error(EvaluationErrorCode.TypeMismatch, exception.Message, answer.Revision).Detail(key, defaultValue);
        }
    }

    /// <summary>As the overloads by reflection, for trimmed applications.</summary>
    /// <param name="key">The flag.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="defaultValue">What to use when there is no value.</param>
    /// <param name="type">How to deserialize.</param>
    /// <typeparam name="T">Type of the object.</typeparam>
    public EvaluationDetail<T> JsonVariationDetail<T>(string key, EvaluationContext context, T defaultValue, JsonTypeInfo<T> type)
    {
        var answer = Ask(key, context, FlagType.Json);
        if (answer.Variant is not { } variant)
            return answer.Detail(key, defaultValue);
        try
        {
            return answer.Detail(key, JsonSerializer.Deserialize(variant.Utf8Json.Span, type)!);
        }
        catch (Exception exception)
        {
            return Answer.Error(EvaluationErrorCode.TypeMismatch, exception.Message, answer.Revision).Detail(key, defaultValue);
        }
    }

    /// <summary>
    /// Every flag for one context, for example to hand to a page. The evaluations are not counted: nobody has been shown anything yet.
    /// </summary>
    /// <param name="context">Who asks.</param>
    /// <param name="clientVisibleOnly">Leave out flags that clients must not see. Set it whenever the result leaves the server.</param>
    public FlagsState AllFlags(EvaluationContext context, bool clientVisibleOnly = false)
    {
        if (Snapshot is not { } snapshot || context is null)
            return FlagsState.Empty;
        var now = Now.ToUnixTimeMilliseconds();
        return new FlagsState(snapshot.Revision, snapshot.Flags
            .Where(flag => flag.ClientVisible || !clientVisibleOnly)
            .Select(flag => snapshot.Evaluate(flag, context, now).Outcome)
            .ToList());
    }

    private JsonElement Parsed(Variant variant) => (JsonElement)_parsed.GetValue(variant, static variant => JsonElement.Parse(variant.Utf8Json.Span));

    private Answer AskInteger(string key, EvaluationContext context)
    {
        var answer = Ask(key, context, FlagType.Number);
        // The bounds of a long, as the doubles next to them.
        return answer.Variant is { Number: var number } && (Math.Floor(number) != number || number is < -9223372036854775808d or >= 9223372036854775808d)
            ? Answer.Error(EvaluationErrorCode.TypeMismatch, "The value is no 64-bit integer.", answer.Revision)
            : answer;
    }
}
