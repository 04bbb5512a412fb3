using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Togglr.Messaging.Sampling;

/// <summary>Reports sampled contexts to a control plane that is reached over the network.</summary>
/// <param name="client">A client whose base address is the control plane's.</param>
/// <param name="token">The secret that edges and control planes share.</param>
public sealed class HttpContextSamples(HttpClient client, string token) : IContextSamples
{
    /// <summary>The path that takes reports.</summary>
    public const string Path = "/internal/v1/context-samples";

    /// <summary>The most bytes of a report.</summary>
    public const int MaximumBytes = 8 * 1024 * 1024;

    /// <summary>The most bytes of a context.</summary>
    public const int MaximumContext = 2048;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public Task ReportAsync(IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken) =>
        client.PostReportAsync(Path, token, Write(batches), Patience, cancellationToken);

    /// <summary>Reads a report.</summary>
    /// <returns>Null when it is none.</returns>
    public static IReadOnlyList<SampleBatch>? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            var batches = new List<SampleBatch>();
            foreach (var batch in document.RootElement.GetProperty("batches").EnumerateArray())
            {
                var contexts = new List<SampledContext>();
                foreach (var item in batch.GetProperty("contexts").EnumerateArray())
                {
                    var context = item.GetProperty("context");
                    var text = System.Text.Encoding.UTF8.GetBytes(context.GetRawText());
                    if (context.ValueKind != JsonValueKind.Object || text.Length > MaximumContext || Rank(item.GetProperty("rank")) is not { } rank)
                        return null;
                    contexts.Add(new SampledContext(rank, item.GetProperty("at").GetDateTimeOffset(), text));
                }
                if (Rank(batch.GetProperty("limit")) is not { } limit || batch.GetProperty("stamp").GetString() is not { Length: 16 } stamp)
                    return null;
                batches.Add(new SampleBatch(batch.GetProperty("environment").GetGuid(), stamp, limit, contexts));
            }
            return batches;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static long? Rank(JsonElement value) =>
        long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var rank) ? rank : null;

    private static ReadOnlyMemory<byte> Write(IReadOnlyList<SampleBatch> batches)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("batches"u8);
            foreach (var batch in batches)
            {
                writer.WriteStartObject();
                writer.WriteString("environment"u8, batch.EnvironmentId);
                writer.WriteString("stamp"u8, batch.Stamp);
                writer.WriteString("limit"u8, batch.RankLimit.ToString(CultureInfo.InvariantCulture));
                writer.WriteStartArray("contexts"u8);
                foreach (var context in batch.Contexts)
                {
                    writer.WriteStartObject();
                    writer.WriteString("rank"u8, context.Rank.ToString(CultureInfo.InvariantCulture));
                    writer.WriteString("at"u8, context.SeenAt);
                    writer.WritePropertyName("context"u8);
                    writer.WriteRawValue(context.Utf8Context.Span, skipInputValidation: true);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
