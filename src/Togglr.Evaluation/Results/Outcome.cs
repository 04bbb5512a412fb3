using System.Text.Encodings.Web;
using System.Text.Json;

namespace Togglr.Evaluation;

/// <summary>
/// One of the finitely many answers that a flag can give: made when the snapshot is compiled and shared by every evaluation that ends there, which is why evaluating allocates
/// nothing and answers can be encoded before anybody asks.
/// </summary>
public sealed class Outcome
{
    /// <summary>How many encodings an outcome can keep, see <see cref="Encoding"/>.</summary>
    public const int EncodingCount = 4;

    private static int s_ids;

    private readonly byte[]?[] _encodings = new byte[EncodingCount][];
    private byte[]? _utf8Json;

    internal Outcome(Flag? flag, Variant? variant, EvaluationReason reason, EvaluationErrorCode errorCode = default, string? ruleId = null, string? experiment = null)
    {
        Flag = flag;
        Variant = variant;
        Reason = reason;
        ErrorCode = errorCode;
        RuleId = ruleId;
        Experiment = experiment;
        Id = Interlocked.Increment(ref s_ids);
    }

    /// <summary>The flag; null when there was none of that key.</summary>
    public Flag? Flag { get; }

    /// <summary>The variant; null when the caller's default is to be used.</summary>
    public Variant? Variant { get; }

    /// <summary>Why.</summary>
    public EvaluationReason Reason { get; }

    /// <summary>What went wrong, with <see cref="EvaluationReason.Error"/> only.</summary>
    public EvaluationErrorCode ErrorCode { get; }

    /// <summary>The rule that decided.</summary>
    public string? RuleId { get; }

    /// <summary>The experiment that assigned the variant.</summary>
    public string? Experiment { get; }

    /// <summary>The phase that the experiment was in, from 1; 0 where there is none or it is not told. What is measured in one phase is never mixed with another.</summary>
    public int ExperimentPhase { get; internal init; }

    /// <summary>With what share an algorithm served the variant; null where none did.</summary>
    public AlgorithmShare? Algorithm { get; internal init; }

    /// <summary>
    /// The answer as a JSON object <c>{"value","variant","reason","errorCode","ruleId","experiment"}</c>; members that do not apply are absent.
    /// </summary>
    public ReadOnlyMemory<byte> Utf8Json => _utf8Json ??= Encode();

    internal int Id { get; }

    /// <summary>What the experiment or the algorithm buckets by; null for the targeting key.</summary>
    internal Contexts.AttributeReference? UnitAttribute { get; init; }

    internal Outcome? TypeMismatch { get; set; }

    /// <summary>
    /// The answer in another encoding, for example another protocol's JSON. Made by the first caller and kept; should two make it at once, either one stays.
    /// </summary>
    /// <param name="slot">Which encoding, 0 to <see cref="EncodingCount"/> − 1; the meaning is the caller's.</param>
    /// <param name="encode">Makes it; must give the same bytes each time.</param>
    public byte[] Encoding(int slot, Func<Outcome, byte[]> encode)
    {
        ArgumentNullException.ThrowIfNull(encode);
        return _encodings[slot] ??= encode(this);
    }

    private byte[] Encode()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2000 }))
        {
            json.WriteStartObject();
            if (Variant is not null)
            {
                json.WritePropertyName("value"u8);
                json.WriteRawValue(Variant.Utf8Json.Span, skipInputValidation: true);
                json.WriteString("variant"u8, Variant.Key);
            }
            json.WriteString("reason"u8, Reason.WireName());
            if (ErrorCode != EvaluationErrorCode.None)
                json.WriteString("errorCode"u8, ErrorCode.WireName());
            if (RuleId is not null)
                json.WriteString("ruleId"u8, RuleId);
            if (Experiment is not null)
                json.WriteString("experiment"u8, Experiment);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
