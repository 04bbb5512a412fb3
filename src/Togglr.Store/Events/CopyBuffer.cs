using System.Buffers;
using System.Buffers.Binary;
using Npgsql;

namespace Togglr.Store;

/// <summary>
/// Rows in the form of PostgreSQL's binary COPY, written from bytes as they are: no text is made and no value is boxed, which for events by the million is most of the work.
/// </summary>
public sealed class CopyBuffer
{
    // The signature, no flags, no extension.
    private static ReadOnlySpan<byte> Header =>
        [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    /// <summary>How many rows there are.</summary>
    public int Rows { get; private set; }

    /// <summary>Begins a row of so many columns.</summary>
    public void Row(short columns)
    {
        if (Rows++ == 0)
            _buffer.Write(Header);
        BinaryPrimitives.WriteInt16BigEndian(_buffer.GetSpan(2), columns);
        _buffer.Advance(2);
    }

    /// <summary>A null.</summary>
    public void Null() => Length(-1);

    /// <summary>A <c>uuid</c>.</summary>
    public void Uuid(Guid value)
    {
        Length(16);
        value.TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out _);
        _buffer.Advance(16);
    }

    /// <summary>A <c>text</c>.</summary>
    public void Text(ReadOnlySpan<byte> utf8)
    {
        Length(utf8.Length);
        _buffer.Write(utf8);
    }

    /// <summary>A <c>smallint</c>.</summary>
    public void Short(short value)
    {
        Length(2);
        BinaryPrimitives.WriteInt16BigEndian(_buffer.GetSpan(2), value);
        _buffer.Advance(2);
    }

    /// <summary>An <c>integer</c>.</summary>
    public void Integer(int value)
    {
        Length(4);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    /// <summary>A <c>bigint</c>, or a <c>timestamptz</c> in microseconds since 2000.</summary>
    public void Long(long value)
    {
        Length(8);
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>A <c>double precision</c>.</summary>
    public void Double(double value)
    {
        Length(8);
        BinaryPrimitives.WriteDoubleBigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>A <c>jsonb</c>.</summary>
    public void Jsonb(ReadOnlySpan<byte> utf8Json)
    {
        Length(utf8Json.Length + 1);
        _buffer.GetSpan(1)[0] = 1;
        _buffer.Advance(1);
        _buffer.Write(utf8Json);
    }

    /// <summary>Sends the rows.</summary>
    /// <param name="connection">A connection, perhaps with a transaction.</param>
    /// <param name="command"><c>COPY table (columns) FROM STDIN (FORMAT BINARY)</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SendAsync(NpgsqlConnection connection, string command, CancellationToken cancellationToken)
    {
        if (Rows == 0)
            return;
        // A count of columns of −1 ends the rows.
        BinaryPrimitives.WriteInt16BigEndian(_buffer.GetSpan(2), -1);
        _buffer.Advance(2);
        using var stream = await connection.BeginRawBinaryCopyAsync(command, cancellationToken).ConfigureAwait(false);
        await stream.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Length(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(4), length);
        _buffer.Advance(4);
    }
}
