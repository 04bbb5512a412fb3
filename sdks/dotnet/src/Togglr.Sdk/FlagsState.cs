using System.Text;
using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.Sdk;

/// <summary>All flags for one context at one moment.</summary>
public sealed class FlagsState
{
    private readonly IReadOnlyList<Outcome> _outcomes;
    private readonly Lazy<IReadOnlyDictionary<string, EvaluationDetail<JsonElement>>> _flags;

    internal FlagsState(long revision, IReadOnlyList<Outcome> outcomes)
    {
        Revision = revision;
        _outcomes = outcomes;
        _flags = new(() => _outcomes.ToDictionary(outcome => outcome.Flag!.Key, Detail, StringComparer.Ordinal));
    }

    internal static FlagsState Empty { get; } = new(0, []);

    /// <summary>Revision of the snapshot that was asked; 0 without one.</summary>
    public long Revision { get; }

    /// <summary>What each flag serves; the value of a flag that serves nothing is undefined.</summary>
    public IReadOnlyDictionary<string, EvaluationDetail<JsonElement>> Flags => _flags.Value;

    /// <summary>The answer that <c>POST /sdk/v1/evaluate</c> would give, for browser SDKs to start from.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("revision"u8, Revision);
            json.WriteStartObject("flags"u8);
            foreach (var outcome in _outcomes)
            {
                json.WritePropertyName(outcome.Flag!.Key);
                json.WriteRawValue(outcome.Utf8Json.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private EvaluationDetail<JsonElement> Detail(Outcome outcome) =>
        new Answer(outcome, Revision).Detail(outcome.Flag!.Key, outcome.Variant is { } variant ? JsonElement.Parse(variant.Utf8Json.Span) : default);
}
