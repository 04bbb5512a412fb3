using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Togglr.Evaluation.Buckets;

/// <summary>The constant beginning of what is hashed, the environment's salt and a seed: its whole blocks are hashed once, when the snapshot is compiled.</summary>
internal sealed unsafe class BucketSeed
{
    private const int BlockLength = 64;

    private readonly uint[] _state;
    private readonly byte[] _rest;
    private readonly long _hashed;

    public BucketSeed(string salt, string seed)
    {
        var prefix = Encoding.UTF8.GetBytes(salt + seed);
        _hashed = prefix.Length / BlockLength * BlockLength;
        _rest = prefix[(int)_hashed..];
        var state = stackalloc uint[Sha256Block.StateWords];
        Sha256Block.InitialState.CopyTo(new Span<uint>(state, 8));
        fixed (byte* start = prefix)
        {
            for (var at = 0; at < _hashed; at += BlockLength)
                Sha256Block.Compress(state, start + at);
        }
        _state = new ReadOnlySpan<uint>(state, 8).ToArray();
    }

    /// <summary>The bucket of a unit, 0 to 9999.</summary>
    [SkipLocalsInit]
    public int BucketOf(ReadOnlySpan<byte> unit)
    {
        var state = stackalloc uint[Sha256Block.StateWords];
        Unsafe.CopyBlockUnaligned(ref *(byte*)state, ref Unsafe.As<uint, byte>(ref _state[0]), 32);
        var rest = _rest.Length;
        if (rest + unit.Length <= BlockLength - 9)
        {
            var block = stackalloc byte[BlockLength];
            Unsafe.InitBlockUnaligned(block, 0, BlockLength);
            _rest.CopyTo(new Span<byte>(block, BlockLength));
            unit.CopyTo(new Span<byte>(block + rest, BlockLength - rest));
            block[rest + unit.Length] = 0x80;
            Unsafe.WriteUnaligned(block + 56, BinaryPrimitives.ReverseEndianness((ulong)(_hashed + rest + unit.Length) * 8));
            Sha256Block.Compress(state, block);
        }
        else
        {
            HashLong(state, unit);
        }
        return Remainder(state);
    }

    private void HashLong(uint* state, ReadOnlySpan<byte> unit)
    {
        var block = stackalloc byte[BlockLength];
        var filled = _rest.Length;
        _rest.CopyTo(new Span<byte>(block, BlockLength));
        var total = (ulong)_hashed + (ulong)filled + (ulong)unit.Length;
        while (filled + unit.Length >= BlockLength)
        {
            unit[..(BlockLength - filled)].CopyTo(new Span<byte>(block + filled, BlockLength - filled));
            unit = unit[(BlockLength - filled)..];
            Sha256Block.Compress(state, block);
            filled = 0;
        }
        unit.CopyTo(new Span<byte>(block + filled, BlockLength - filled));
        filled += unit.Length;
        block[filled++] = 0x80;
        new Span<byte>(block + filled, BlockLength - filled).Clear();
        if (filled > BlockLength - 8)
        {
            Sha256Block.Compress(state, block);
            new Span<byte>(block, BlockLength).Clear();
        }
        BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(block + 56, 8), total * 8);
        Sha256Block.Compress(state, block);
    }

    // The hash as a big-endian integer mod 10000: the sum of its words times the powers of 2^32 mod 10000, which stays below 2^49.
    private static int Remainder(uint* state)
    {
        var sum = (state[0] * 9216UL) + (state[1] * 2896UL) + (state[2] * 2976UL) + (state[3] * 1456UL) + (state[4] * 336UL) + (state[5] * 1616UL)
            + (state[6] * 7296UL) + state[7];
        return (int)(sum % 10_000);
    }
}
