using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Togglr.Hosting.Problems;

namespace Togglr.Ingest.Batches;

/// <summary>The body of a request without its compression. Small bodies that unpack to enormous ones are given up as soon as they are too large.</summary>
internal readonly struct UnpackedBody : IDisposable
{
    private readonly byte[]? _rented;

    private UnpackedBody(ReadOnlyMemory<byte> bytes, byte[]? rented) => (Bytes, _rented) = (bytes, rented);

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Unpacks a body.</summary>
    /// <param name="coding"><c>Content-Encoding</c>: nothing, <c>identity</c>, <c>gzip</c>, <c>br</c> or <c>deflate</c>.</param>
    /// <param name="body">What was sent.</param>
    /// <param name="limit">The most bytes that are accepted.</param>
    public static (UnpackedBody Body, Problem? Problem) Of(StringValues coding, ReadOnlyMemory<byte> body, int limit)
    {
        switch (coding.ToString().Trim().ToLowerInvariant())
        {
            case "" or "identity":
                return (new UnpackedBody(body, null), null);
            case "gzip" or "x-gzip":
                return Unpack(static packed => new GZipStream(packed, CompressionMode.Decompress), body, limit);
            case "br":
                return Unpack(static packed => new BrotliStream(packed, CompressionMode.Decompress), body, limit);
            case "deflate":
                // Meant is zlib; some senders leave its frame out.
                var isFramed = body.Length > 2 && (body.Span[0] & 0x0f) == 8 && ((body.Span[0] << 8) | body.Span[1]) % 31 == 0;
                return Unpack(packed => isFramed ? new ZLibStream(packed, CompressionMode.Decompress) : new DeflateStream(packed, CompressionMode.Decompress), body, limit);
            default:
                return (default, Problem.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported_encoding", "This encoding is not supported", "Content-Encoding is gzip, br or deflate, or absent."));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
    }

    private static (UnpackedBody Body, Problem? Problem) Unpack(Func<Stream, Stream> open, ReadOnlyMemory<byte> body, int limit)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Clamp(body.Length * 8, 16 * 1024, limit + 1));
        var length = 0;
        try
        {
            using var packed = MemoryMarshal.TryGetArray(body, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(body.ToArray());
            using var stream = open(packed);
            int read;
            while ((read = stream.Read(buffer.AsSpan(length))) > 0)
            {
                length += read;
                if (length > limit)
                    return Fail(buffer, Problem.BodyTooLarge(limit));
                if (length < buffer.Length)
                    continue;
                var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, limit + 1));
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
            return (new UnpackedBody(buffer.AsMemory(0, length), buffer), null);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            return Fail(buffer, Problem.BadRequest("malformed_encoding", "The body cannot be unpacked", new ProblemItem("malformed_encoding", "", "The body is not what Content-Encoding says.")));
        }
    }

    private static (UnpackedBody Body, Problem? Problem) Fail(byte[] buffer, Problem problem)
    {
        ArrayPool<byte>.Shared.Return(buffer);
        return (default, problem);
    }
}
