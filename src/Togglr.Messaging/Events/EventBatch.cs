using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Togglr.Messaging.Events;

/// <summary>Events of one environment that were accepted together, as the log keeps them.</summary>
public sealed class EventBatch
{
    /// <summary>How many bytes stand before the events: the environment, the time, how many events and how many bytes follow.</summary>
    public const int HeaderLength = 32;

    /// <summary>The beginning of PostgreSQL's time.</summary>
    public static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ArrayBufferWriter<byte> _buffer;

    /// <summary>An empty batch.</summary>
    /// <param name="environment">Where the events happened.</param>
    /// <param name="receivedAt">When they came.</param>
    /// <param name="capacity">How many bytes are expected.</param>
    public EventBatch(Guid environment, DateTimeOffset receivedAt, int capacity)
    {
        _buffer = new ArrayBufferWriter<byte>(capacity + HeaderLength);
        var header = _buffer.GetSpan(HeaderLength);
        environment.TryWriteBytes(header, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(header[16..], Microseconds(receivedAt));
        _buffer.Advance(HeaderLength);
    }

    /// <summary>How many events it has.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes it has.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>The time as the tables have it.</summary>
    public static long Microseconds(DateTimeOffset time) => (time.UtcTicks - Epoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time of a number of the tables.</summary>
    public static DateTimeOffset Time(long microseconds) => Epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>The name of an event of an environment: the first 16 bytes of SHA-256 over both, so that no tenant can take another's.</summary>
    public static Guid IdOf(Guid environment, ReadOnlySpan<byte> utf8Id)
    {
        Span<byte> text = stackalloc byte[16 + 400];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        environment.TryWriteBytes(text, bigEndian: true, out _);
        utf8Id.CopyTo(text[16..]);
        SHA256.HashData(text[..(16 + utf8Id.Length)], hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>Adds an event.</summary>
    public void Add(in RecordedEvent recorded)
    {
        recorded.WriteTo(_buffer);
        Count++;
    }

    /// <summary>The bytes, header included. Nothing is added afterwards.</summary>
    public ReadOnlySpan<byte> Complete()
    {
        var bytes = MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span;
        BinaryPrimitives.WriteInt32BigEndian(bytes[24..], Count);
        BinaryPrimitives.WriteInt32BigEndian(bytes[28..], _buffer.WrittenCount - HeaderLength);
        return bytes;
    }

    /// <summary>Reads the header at the beginning of several batches and moves on behind the batch.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static (Guid Environment, long ReceivedAt, int Count) Read(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> events)
    {
        if (bytes.Length < HeaderLength)
            throw new InvalidDataException("A batch of events is cut off.");
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes[24..]);
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes[28..]);
        if (count < 0 || length < 0 || length > bytes.Length - HeaderLength)
            throw new InvalidDataException("A batch of events is cut off.");
        events = bytes.Slice(HeaderLength, length);
        var header = (new Guid(bytes[..16], bigEndian: true), BinaryPrimitives.ReadInt64BigEndian(bytes[16..]), count);
        bytes = bytes[(HeaderLength + length)..];
        return header;
    }
}
