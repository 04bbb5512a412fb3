using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Evaluation.Contexts;

namespace Togglr.Sdk.Reporting;

/// <summary>A context as the attribute map of the Togglr SDK protocol, whose <c>user.id</c> is the targeting key.</summary>
internal static class ContextJson
{
    public static void Write(Utf8JsonWriter json, EvaluationContext context)
    {
        var data = context.Data;
        json.WriteStartObject();
        if (data.TargetingKey.Kind != ContextKind.Missing)
            json.WriteString("user.id"u8, data.TextOf(data.TargetingKey));
        foreach (ref readonly var member in data.Members.AsSpan(0, data.TopLevel))
        {
            var name = data.Text.AsSpan(member.NameStart, member.NameLength);
            if (name.SequenceEqual("targetingKey"u8) || name.SequenceEqual("user.id"u8))
                continue;
            json.WritePropertyName(name);
            Write(json, data, member.Value);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ContextData data, in ContextValue value)
    {
        switch (value.Kind)
        {
            case ContextKind.Text:
                json.WriteStringValue(data.TextOf(value));
                break;
            case ContextKind.Number:
                json.WriteNumberValue(value.Number);
                break;
            case ContextKind.True or ContextKind.False:
                json.WriteBooleanValue(value.Kind == ContextKind.True);
                break;
            case ContextKind.Array:
                json.WriteStartArray();
                foreach (ref readonly var element in data.Elements.AsSpan(value.Start, value.Length))
                    Write(json, data, element);
                json.WriteEndArray();
                break;
            case ContextKind.Object:
                json.WriteStartObject();
                foreach (ref readonly var member in data.Members.AsSpan(value.Start, value.Length))
                {
                    json.WritePropertyName(data.Text.AsSpan(member.NameStart, member.NameLength));
                    Write(json, data, member.Value);
                }

                json.WriteEndObject();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }
}
