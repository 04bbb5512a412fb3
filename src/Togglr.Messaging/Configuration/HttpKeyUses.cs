using System.Buffers;
using System.Text.Json;

namespace Togglr.Messaging.Configuration;

/// <summary>Reports uses of keys to a control plane that is reached over the network.</summary>
/// <param name="client">A client whose base address is the control plane's.</param>
/// <param name="token">The secret that edges and control planes share.</param>
public sealed class HttpKeyUses(HttpClient client, string token) : IKeyUses
{
    /// <summary>The path that takes reports.</summary>
    public const string Path = "/internal/v1/key-uses";

    /// <summary>The most bytes of a report.</summary>
    public const int MaximumBytes = KeyUseReporter.MaximumInReport * 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public Task ReportAsync(IReadOnlyList<KeyUse> uses, CancellationToken cancellationToken) =>
        client.PostReportAsync(Path, token, Write(uses), Patience, cancellationToken);

    /// <summary>Reads a report.</summary>
    /// <returns>Null when it is none.</returns>
    public static IReadOnlyList<KeyUse>? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
            var uses = new List<KeyUse>();
            foreach (var item in document.RootElement.GetProperty("uses").EnumerateArray())
            {
                var address = item.TryGetProperty("address", out var text) ? text.GetString() : null;
                if (uses.Count == KeyUseReporter.MaximumInReport || !SdkKeyHash.TryParse(item.GetProperty("hash").GetString(), out var hash)
                    || (address is not null && !System.Net.IPAddress.TryParse(address, out _)))
                    return null;
                uses.Add(new KeyUse(hash, item.GetProperty("at").GetDateTimeOffset(), address));
            }
            return uses;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Write(IReadOnlyList<KeyUse> uses)
    {
        var buffer = new ArrayBufferWriter<byte>(256 * uses.Count);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("uses"u8);
            foreach (var use in uses)
            {
                writer.WriteStartObject();
                writer.WriteString("hash"u8, use.Hash.ToString());
                writer.WriteString("at"u8, use.At);
                if (use.Address is not null)
                    writer.WriteString("address"u8, use.Address);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
