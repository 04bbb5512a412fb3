using System.Buffers;
using System.Text.Json;
using Togglr.Store;

namespace Togglr.ControlPlane.LiveEvents;

/// <summary>One change as it is told to open pages, encoded once for all of them.</summary>
internal sealed class LiveEvent(ChangeNotice notice)
{
    private byte[]? _json;

    public Guid OrganizationId => notice.OrganizationId;

    public Guid? ProjectId => notice.ProjectId;

    /// <summary>The kind of entity.</summary>
    public string Entity => notice.Entity;

    /// <summary>Key of the environment; null when it is not about one.</summary>
    public string? Environment => notice.Environment;

    /// <summary>The people who alone are told; null for everybody who may see it.</summary>
    public IReadOnlyList<Guid>? Recipients => notice.Recipients;

    /// <summary><c>{"source","type","timestamp","project_id","environment","entity","entity_id","entity_ids"?,"action","actor","authority"?,"revision"?}</c>.</summary>
    public ReadOnlyMemory<byte> Json => _json ??= Encode(notice);

    /// <summary>The answer to a ping.</summary>
    public static ReadOnlyMemory<byte> Pong(DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "pong"u8);
            writer.WriteString("timestamp"u8, now);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static byte[] Encode(ChangeNotice notice)
    {
        var action = notice.Action[(notice.Action.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("source"u8, "togglr"u8);
            writer.WriteString("type"u8, $"{notice.Entity}_{action}");
            writer.WriteString("timestamp"u8, notice.At);
            if (notice.ProjectId is { } project)
                writer.WriteString("project_id"u8, project);
            else
                writer.WriteNull("project_id"u8);
            writer.WriteString("project"u8, notice.Project);
            writer.WriteString("environment"u8, notice.Environment);
            writer.WriteString("entity"u8, notice.Entity);
            writer.WriteString("entity_id"u8, notice.EntityKey);
            if (notice.EntityKeys is { } keys)
            {
                writer.WriteStartArray("entity_ids"u8);
                foreach (var key in keys)
                    writer.WriteStringValue(key);
                writer.WriteEndArray();
            }
            writer.WriteString("action"u8, action);
            writer.WriteStartObject("actor"u8);
            if (notice.ActorId is { } actor)
                writer.WriteString("id"u8, actor);
            else
                writer.WriteNull("id"u8);
            writer.WriteString("name"u8, notice.ActorName);
            writer.WriteEndObject();
            if (notice.Authority is { } authority)
                writer.WriteString("authority"u8, authority);
            // A change of several environments has several.
            if (notice.Environments.Count == 1)
                writer.WriteNumber("revision"u8, notice.Environments[0].Revision);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
