using System.Buffers;
using System.Text.Json;

namespace Togglr.Messaging.Health;

/// <summary>Delivers to a control plane that is reached over the network.</summary>
/// <param name="client">A client whose base address is the control plane's.</param>
/// <param name="token">The secret that edges and control planes share.</param>
public sealed class HttpHealthLog(HttpClient client, string token) : IHealthLog
{
    /// <summary>The path that takes deliveries.</summary>
    public const string Path = "/internal/v1/health-counts";

    /// <summary>The most bytes of a delivery.</summary>
    public const int MaximumBytes = IHealthLog.MaximumRows * 600;

    private const long CountLimit = 1_000_000_000_000;

    /// <inheritdoc />
    public Task AddAsync(Guid node, long sequence, IReadOnlyList<HealthDelta> rows, CancellationToken cancellationToken = default) =>
        client.PostReportAsync(Path, token, Write(node, sequence, rows), cancellationToken);

    /// <summary>Reads a delivery.</summary>
    /// <returns>Null when it is none.</returns>
    public static (Guid Node, long Sequence, IReadOnlyList<HealthDelta> Rows)? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
            var root = document.RootElement;
            var rows = new List<HealthDelta>();
            foreach (var item in root.GetProperty("rows").EnumerateArray())
            {
                if (rows.Count == IHealthLog.MaximumRows || item.GetProperty("flag").GetString() is not { Length: > 0 and <= 100 } flag || flag.Contains('\0')
                    || item.GetProperty("variant").GetString() is not { Length: <= 100 } variant || variant.Contains('\0'))
                    return null;
                var row = new HealthDelta(item.GetProperty("environment").GetGuid(), flag, variant, Count(item, "evaluations"), Count(item, "errors"), Count(item, "clientEvaluations"), Count(item, "clientErrors"));
                if (row is { Evaluations: < 0 } or { Errors: < 0 } or { ClientEvaluations: < 0 } or { ClientErrors: < 0 })
                    return null;
                rows.Add(row);
            }

            return (root.GetProperty("node").GetGuid(), root.GetProperty("sequence").GetInt64(), rows);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static long Count(JsonElement item, string name) => !item.TryGetProperty(name, out var value) ? 0 : value.TryGetInt64(out var count) && count is >= 0 and <= CountLimit ? count : -1;

    private static ReadOnlyMemory<byte> Write(Guid node, long sequence, IReadOnlyList<HealthDelta> rows)
    {
        var buffer = new ArrayBufferWriter<byte>(200 * rows.Count);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("node"u8, node);
            writer.WriteNumber("sequence"u8, sequence);
            writer.WriteStartArray("rows"u8);
            foreach (var row in rows)
            {
                writer.WriteStartObject();
                writer.WriteString("environment"u8, row.EnvironmentId);
                writer.WriteString("flag"u8, row.Flag);
                writer.WriteString("variant"u8, row.Variant);
                writer.WriteNumber("evaluations"u8, row.Evaluations);
                writer.WriteNumber("errors"u8, row.Errors);
                writer.WriteNumber("clientEvaluations"u8, row.ClientEvaluations);
                writer.WriteNumber("clientErrors"u8, row.ClientErrors);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
