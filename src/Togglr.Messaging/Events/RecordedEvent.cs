using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Togglr.Messaging.Events;

/// <summary>What kind of event was recorded.</summary>
public enum RecordedKind : byte
{
    /// <summary>A unit was given a variant of an experiment. Name: the experiment; detail: the variant; value: the propensity; content: attributes.</summary>
    Exposure = 1,

    /// <summary>A unit did something. Name: the event; value: its value; content: properties.</summary>
    Metric = 2,

    /// <summary>Feedback on a served variant. Name: the flag; detail: the variant; content: what the log keeps of it.</summary>
    Feedback = 3,

    /// <summary>An error that the application met while a flag was in use. Name: the flag; detail: the variant; content: what the log keeps of it.</summary>
    Error = 4,

    /// <summary>An event that was refused. Name: the code; detail: where in the event; flag: its kind; content: what it said.</summary>
    Refused = 5,
}

/// <summary>One event on its way from the process that accepted it to the tables. Texts are UTF-8 and refer to the buffer that they were read from.</summary>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Nobody compares them.")]
public ref struct RecordedEvent
{
    private const int FixedLength = 62;
    private const byte ValueFlag = 1;
    private const byte VersionFlag = 2;

    /// <summary>What happened.</summary>
    public RecordedKind Kind { get; set; }

    /// <summary>Names the event within the environment, see <see cref="EventBatch"/>; empty: it is not named, so it is never a duplicate.</summary>
    public Guid Id { get; set; }

    /// <summary>Stands for the unit; empty where there is none.</summary>
    public Guid Unit { get; set; }

    /// <summary>When, in microseconds since 2000-01-01T00:00:00Z, as PostgreSQL counts.</summary>
    public long At { get; set; }

    /// <summary>The phase of the experiment; 0: not told.</summary>
    public int Phase { get; set; }

    /// <summary>A number; null: none.</summary>
    public double? Value { get; set; }

    /// <summary>The version of the weights; null: none.</summary>
    public long? WeightsVersion { get; set; }

    /// <summary>The name that the event is filed under.</summary>
    public ReadOnlySpan<byte> Name { get; set; }

    /// <summary>What distinguishes events of a name.</summary>
    public ReadOnlySpan<byte> Detail { get; set; }

    /// <summary>The flag, where the name is not it.</summary>
    public ReadOnlySpan<byte> Flag { get; set; }

    /// <summary>A JSON object, or empty.</summary>
    public ReadOnlySpan<byte> Content { get; set; }

    /// <summary>Adds the event to a buffer.</summary>
    public readonly void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var length = FixedLength + 10 + Name.Length + Detail.Length + Flag.Length + Content.Length;
        var span = output.GetSpan(length);
        span[0] = (byte)Kind;
        span[1] = (byte)((Value is null ? 0 : ValueFlag) | (WeightsVersion is null ? 0 : VersionFlag));
        Id.TryWriteBytes(span[2..], bigEndian: true, out _);
        Unit.TryWriteBytes(span[18..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(span[34..], At);
        BinaryPrimitives.WriteInt32BigEndian(span[42..], Phase);
        BinaryPrimitives.WriteDoubleBigEndian(span[46..], Value ?? 0);
        BinaryPrimitives.WriteInt64BigEndian(span[54..], WeightsVersion ?? 0);
        var position = FixedLength;
        WriteText(span, ref position, Name);
        WriteText(span, ref position, Detail);
        WriteText(span, ref position, Flag);
        BinaryPrimitives.WriteInt32BigEndian(span[position..], Content.Length);
        Content.CopyTo(span[(position + 4)..]);
        output.Advance(length);
    }

    /// <summary>Reads the event at the beginning and moves on behind it.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static RecordedEvent Read(scoped ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedLength || bytes[0] is < (byte)RecordedKind.Exposure or > (byte)RecordedKind.Refused)
            throw new InvalidDataException("This is no recorded event.");
        var read = new RecordedEvent
        {
            Kind = (RecordedKind)bytes[0],
            Id = new Guid(bytes[2..18], bigEndian: true),
            Unit = new Guid(bytes[18..34], bigEndian: true),
            At = BinaryPrimitives.ReadInt64BigEndian(bytes[34..]),
            Phase = BinaryPrimitives.ReadInt32BigEndian(bytes[42..]),
            Value = (bytes[1] & ValueFlag) == 0 ? null : BinaryPrimitives.ReadDoubleBigEndian(bytes[46..]),
            WeightsVersion = (bytes[1] & VersionFlag) == 0 ? null : BinaryPrimitives.ReadInt64BigEndian(bytes[54..]),
        };
        var rest = bytes[FixedLength..];
        read.Name = ReadText(ref rest);
        read.Detail = ReadText(ref rest);
        read.Flag = ReadText(ref rest);
        if (rest.Length < 4 || BinaryPrimitives.ReadInt32BigEndian(rest) is var length && (length < 0 || length > rest.Length - 4))
            throw new InvalidDataException("A recorded event is cut off.");
        read.Content = rest.Slice(4, length);
        bytes = rest[(4 + length)..];
        return read;
    }

    private static void WriteText(Span<byte> span, ref int position, ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteUInt16BigEndian(span[position..], checked((ushort)text.Length));
        text.CopyTo(span[(position + 2)..]);
        position += 2 + text.Length;
    }

    private static ReadOnlySpan<byte> ReadText(scoped ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(rest) is var length && length > rest.Length - 2)
            throw new InvalidDataException("A recorded event is cut off.");
        var text = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return text;
    }
}
