using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Togglr.Messaging.Events;
using Togglr.Messaging.Sampling;

namespace Togglr.Messaging.Configuration;

/// <summary>The feed's messages as lines of JSON, see <c>spec/streaming.md</c>.</summary>
public static class FeedCodec
{
    /// <summary>The version of the feed that this build speaks.</summary>
    public const int SchemaVersion = 1;

    /// <summary>Writes the line that starts every feed.</summary>
    public static void WriteHello(IBufferWriter<byte> output, string server)
    {
        output.Write("{\"type\":\"hello\",\"schemaVersion\":1,\"server\":"u8);
        JsonText.WriteString(output, server);
        output.Write("}\n"u8);
    }

    /// <summary>Writes one message as one line.</summary>
    public static void Write(IBufferWriter<byte> output, FeedMessage message)
    {
        switch (message)
        {
            case EnvironmentMessage environment:
                WriteEnvironment(output, environment);
                break;
            case PatchMessage patch:
                output.Write("{\"type\":\"patch\",\"id\":"u8);
                WriteGuid(output, patch.EnvironmentId);
                WriteTime(output, patch.CommittedAt);
                output.Write(","u8);
                output.Write(patch.Patch.ToUtf8().Span[1..]);
                break;
            case RemovedMessage removed:
                output.Write("{\"type\":\"removed\",\"id\":"u8);
                WriteGuid(output, removed.EnvironmentId);
                output.Write("}"u8);
                break;
            case KeysMessage keys:
                WriteKeys(output, keys);
                break;
            case SamplingMessage sampling:
                WriteSampling(output, sampling);
                break;
            case UnitKeysMessage units:
                WriteUnitKeys(output, units);
                break;
            case SyncedMessage:
                output.Write("{\"type\":\"synced\"}"u8);
                break;
            case HeartbeatMessage:
                output.Write("{\"type\":\"heartbeat\"}"u8);
                break;
            default:
                throw new ArgumentException($"No line for {message.GetType().Name}.", nameof(message));
        }
        output.Write("\n"u8);
    }

    /// <summary>Reads one line. The memory is kept.</summary>
    /// <returns>The message; null for <c>hello</c> and for types that this build does not know.</returns>
    /// <exception cref="JsonException">The line is no message, or of a newer version of the feed than this build understands.</exception>
    public static FeedMessage? Read(ReadOnlyMemory<byte> line)
    {
        var envelope = Envelope.Read(line);
        switch (envelope.Type)
        {
            case "hello":
                return envelope.SchemaVersion == SchemaVersion ? null : throw new JsonException($"The feed has version {envelope.SchemaVersion}, this edge understands {SchemaVersion}.");
            case "environment":
                var document = EnvironmentDocument.Parse(envelope.Snapshot ?? throw new JsonException("An environment has a snapshot."));
                return new EnvironmentMessage(new EnvironmentIdentity(envelope.RequiredId, envelope.Organization ?? "", envelope.Project ?? "",
                    envelope.ProjectId ?? Guid.Empty, envelope.Environment ?? ""), document, envelope.At);
            case "patch":
                return new PatchMessage(envelope.RequiredId, EnvironmentPatch.Parse(line), envelope.At);
            case "removed":
                return new RemovedMessage(envelope.RequiredId);
            case "keys":
                return new KeysMessage(envelope.Keys ?? throw new JsonException("Keys list their environments."));
            case "sampling":
                return new SamplingMessage(envelope.Terms ?? throw new JsonException("Sampling lists its environments."));
            case "units":
                return new UnitKeysMessage(envelope.Units ?? throw new JsonException("Units list the keys of environments."));
            case "synced":
                return SyncedMessage.Instance;
            case "heartbeat":
                return HeartbeatMessage.Instance;
            case null:
                throw new JsonException("A message has a type.");
            default:
                return null;
        }
    }

    private static void WriteEnvironment(IBufferWriter<byte> output, EnvironmentMessage message)
    {
        var environment = message.Environment;
        output.Write("{\"type\":\"environment\",\"id\":"u8);
        WriteGuid(output, environment.Id);
        output.Write(",\"organization\":"u8);
        JsonText.WriteString(output, environment.Organization);
        output.Write(",\"project\":"u8);
        JsonText.WriteString(output, environment.Project);
        output.Write(",\"projectId\":"u8);
        WriteGuid(output, environment.ProjectId);
        output.Write(",\"environment\":"u8);
        JsonText.WriteString(output, environment.Key);
        output.Write(",\"revision\":"u8);
        JsonText.WriteNumber(output, message.Document.Revision);
        WriteTime(output, message.CommittedAt);
        output.Write(",\"snapshot\":"u8);
        output.Write(message.Document.ToUtf8().Span);
        output.Write("}"u8);
    }

    private static void WriteKeys(IBufferWriter<byte> output, KeysMessage message)
    {
        output.Write("{\"type\":\"keys\",\"environments\":{"u8);
        var firstEnvironment = true;
        foreach (var (id, keys) in message.Environments)
        {
            if (!firstEnvironment)
                output.Write(","u8);
            firstEnvironment = false;
            WriteGuid(output, id);
            output.Write(":["u8);
            for (var i = 0; i < keys.Length; i++)
            {
                output.Write(i == 0 ? "{\"hash\":"u8 : ",{\"hash\":"u8);
                JsonText.WriteString(output, keys[i].Hash.ToString());
                output.Write(keys[i].Kind == SdkKeyKind.Server ? ",\"kind\":\"server\",\"expiresAt\":"u8 : ",\"kind\":\"client\",\"expiresAt\":"u8);
                if (keys[i].ExpiresAt is { } expiry)
                    JsonText.WriteString(output, Format(expiry));
                else
                    output.Write("null"u8);
                if (keys[i].RateLimit is { } limit)
                {
                    output.Write(",\"rateLimit\":"u8);
                    JsonText.WriteNumber(output, limit);
                }
                WriteOrigins(output, keys[i].Origins);
                output.Write("}"u8);
            }
            output.Write("]"u8);
        }
        output.Write("}}"u8);
    }

    private static void WriteSampling(IBufferWriter<byte> output, SamplingMessage message)
    {
        output.Write("{\"type\":\"sampling\",\"terms\":{"u8);
        var first = true;
        foreach (var (id, terms) in message.Environments)
        {
            if (!first)
                output.Write(","u8);
            first = false;
            WriteGuid(output, id);
            output.Write(":{\"secret\":"u8);
            JsonText.WriteString(output, Convert.ToBase64String(terms.Secret));
            output.Write(",\"minutes\":"u8);
            JsonText.WriteNumber(output, terms.Minutes);
            output.Write(",\"size\":"u8);
            JsonText.WriteNumber(output, terms.Size);
            output.Write(",\"attributes\":["u8);
            for (var i = 0; i < terms.Attributes.Count; i++)
            {
                if (i > 0)
                    output.Write(","u8);
                JsonText.WriteString(output, terms.Attributes[i]);
            }
            output.Write("]}"u8);
        }
        output.Write("}}"u8);
    }

    private static void WriteUnitKeys(IBufferWriter<byte> output, UnitKeysMessage message)
    {
        output.Write("{\"type\":\"units\",\"units\":{"u8);
        var first = true;
        foreach (var (id, key) in message.Environments)
        {
            if (!first)
                output.Write(","u8);
            first = false;
            WriteGuid(output, id);
            output.Write(":"u8);
            JsonText.WriteString(output, Convert.ToBase64String(key.Secret));
        }
        output.Write("}}"u8);
    }

    private static void WriteOrigins(IBufferWriter<byte> output, string? origins)
    {
        if (origins is null)
            return;
        output.Write(",\"origins\":["u8);
        var first = true;
        foreach (var origin in origins.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!first)
                output.Write(","u8);
            first = false;
            JsonText.WriteString(output, origin);
        }
        output.Write("]"u8);
    }

    private static void WriteGuid(IBufferWriter<byte> output, Guid id)
    {
        var span = output.GetSpan(38);
        span[0] = (byte)'"';
        id.TryFormat(span[1..], out var written);
        span[written + 1] = (byte)'"';
        output.Advance(written + 2);
    }

    private static void WriteTime(IBufferWriter<byte> output, DateTimeOffset? at)
    {
        if (at is not { } time)
            return;
        output.Write(",\"at\":"u8);
        JsonText.WriteString(output, Format(time));
    }

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private ref struct Envelope
    {
        public string? Type;
        public int SchemaVersion;
        public Guid? Id;
        public Guid? ProjectId;
        public string? Organization;
        public string? Project;
        public string? Environment;
        public DateTimeOffset? At;
        public ReadOnlyMemory<byte>? Snapshot;
        public FrozenDictionary<Guid, SdkKey[]>? Keys;
        public FrozenDictionary<Guid, SamplingTerms>? Terms;
        public FrozenDictionary<Guid, UnitKey>? Units;

        public readonly Guid RequiredId => Id ?? throw new JsonException("The message has no id.");

        public static Envelope Read(ReadOnlyMemory<byte> line)
        {
            var reader = new Utf8JsonReader(line.Span, EnvironmentDocument.ReaderOptions);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("A message is an object.");
            var envelope = default(Envelope);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "type":
                        envelope.Type = Text(ref reader);
                        break;
                    case "schemaVersion":
                        envelope.SchemaVersion = (int)JsonText.ReadRevision(ref reader);
                        break;
                    case "id":
                        envelope.Id = ReadId(ref reader);
                        break;
                    case "projectId":
                        envelope.ProjectId = ReadId(ref reader);
                        break;
                    case "organization":
                        envelope.Organization = Text(ref reader);
                        break;
                    case "project":
                        envelope.Project = Text(ref reader);
                        break;
                    case "environment":
                        envelope.Environment = Text(ref reader);
                        break;
                    case "at":
                        envelope.At = Time(ref reader);
                        break;
                    case "snapshot":
                        envelope.Snapshot = JsonText.Raw(ref reader, line);
                        break;
                    case "environments":
                        envelope.Keys = ReadKeys(ref reader);
                        break;
                    case "units":
                        envelope.Units = ReadUnitKeys(ref reader);
                        break;
                    case "terms":
                        envelope.Terms = ReadTerms(ref reader);
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
            return envelope;
        }

        private static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Null => null,
            _ => throw new JsonException("A text was expected."),
        };

        private static Guid ReadId(ref Utf8JsonReader reader) =>
            reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var id) ? id : throw new JsonException("An id was expected.");

        private static DateTimeOffset? Time(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.Null)
                return null;
            return reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) ? time : throw new JsonException("A time was expected.");
        }

        private static FrozenDictionary<Guid, SdkKey[]> ReadKeys(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("Keys are listed by environment.");
            var environments = new Dictionary<Guid, SdkKey[]>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!Guid.TryParse(reader.GetString(), out var id) || !reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                    throw new JsonException("An environment's keys are a list.");
                var keys = new List<SdkKey>();
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                    keys.Add(ReadKey(ref reader));
                environments[id] = [.. keys];
            }
            return environments.ToFrozenDictionary();
        }

        private static FrozenDictionary<Guid, SamplingTerms> ReadTerms(ref Utf8JsonReader reader)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            try
            {
                return document.RootElement.EnumerateObject().ToFrozenDictionary(static member => Guid.Parse(member.Name), static member => new SamplingTerms(
                    member.Value.GetProperty("secret").GetBytesFromBase64(), [.. member.Value.GetProperty("attributes").EnumerateArray().Select(static name => name.GetString()!)],
                    member.Value.GetProperty("minutes").GetInt32(), member.Value.GetProperty("size").GetInt32()));
            }
            catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
            {
                throw new JsonException("Terms are a secret, names of attributes, minutes and a size.", exception);
            }
        }

        private static FrozenDictionary<Guid, UnitKey> ReadUnitKeys(ref Utf8JsonReader reader)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            try
            {
                return document.RootElement.EnumerateObject().ToFrozenDictionary(static member => Guid.Parse(member.Name), static member => new UnitKey(member.Value.GetBytesFromBase64()));
            }
            catch (Exception exception) when (exception is InvalidOperationException or FormatException or ArgumentException)
            {
                throw new JsonException("Units are keys of 32 bytes by environment.", exception);
            }
        }

        private static SdkKey ReadKey(ref Utf8JsonReader reader)
        {
            SdkKeyHash? hash = null;
            SdkKeyKind? kind = null;
            DateTimeOffset? expiresAt = null;
            int? rateLimit = null;
            string? origins = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "hash":
                        hash = SdkKeyHash.TryParse(Text(ref reader), out var parsed) ? parsed : throw new JsonException("A key has the hash of 64 hexadecimal digits.");
                        break;
                    case "kind":
                        kind = Text(ref reader) switch
                        {
                            "server" => SdkKeyKind.Server,
                            "client" => SdkKeyKind.Client,
                            _ => throw new JsonException("A key is for servers or for clients."),
                        };
                        break;
                    case "expiresAt":
                        expiresAt = Time(ref reader);
                        break;
                    case "rateLimit":
                        rateLimit = ReadLimit(ref reader);
                        break;
                    case "origins":
                        origins = ReadOrigins(ref reader);
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
            return new SdkKey(hash ?? throw new JsonException("A key has a hash."), kind ?? throw new JsonException("A key has a kind."), expiresAt)
            {
                RateLimit = rateLimit,
                Origins = origins,
            };
        }

        private static int? ReadLimit(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.Null)
                return null;
            return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var limit) && limit >= 0 ? limit : throw new JsonException("A rate limit is a number of requests.");
        }

        private static string? ReadOrigins(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.Null)
                return null;
            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("Origins are a list.");
            var origins = new List<string>();
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
                origins.Add(reader.GetString()!);
            return string.Join(' ', origins);
        }
    }
}
