using System.Text.Json;

namespace Togglr.Sdk.Snapshots;

/// <summary>The revisions that a patch leads from and to.</summary>
internal readonly record struct PatchRange(long From, long Revision)
{
    /// <summary>Reads them; null where the text is not that of a patch.</summary>
    public static PatchRange? Read(ReadOnlySpan<byte> patch)
    {
        long? from = null;
        long? revision = null;
        try
        {
            var reader = new Utf8JsonReader(patch);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && (from is null || revision is null))
            {
                var isFrom = reader.ValueTextEquals("from"u8);
                var isRevision = reader.ValueTextEquals("revision"u8);
                reader.Read();
                if (isFrom && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var first))
                    from = first;
                else if (isRevision && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var last))
                    revision = last;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return from is { } begin && revision is { } end ? new PatchRange(begin, end) : null;
    }
}
