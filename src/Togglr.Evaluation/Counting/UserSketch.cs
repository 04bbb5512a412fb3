using System.Buffers.Binary;
using System.Numerics;

namespace Togglr.Evaluation;

/// <summary>
/// About how many different users there were: HyperLogLog with 2,048 registers (Flajolet, Fusy, Gandouet, Meunier 2007, with linear counting for small numbers), which errs by 2.3 percent (one standard error).
/// Sketches of several processes and times are merged without counting anybody twice, and nobody can be found in one. Adding is a comparison and at most a write: threads that meet lose an addition at worst.
/// </summary>
public sealed class UserSketch
{
    /// <summary>How many registers there are, which is also the length of the longest encoding.</summary>
    public const int Registers = 1 << IndexBits;

    private const int IndexBits = 11;
    private const int RankBits = 5;
    private const int HighestRank = (1 << RankBits) - 1;

    private readonly byte[] _registers = new byte[Registers];
    private bool _isUsed;

    /// <summary>Whether nobody was added.</summary>
    public bool IsEmpty => !_isUsed;

    /// <summary>What stands for a user: the same everywhere for the same key. Never 0 but for no key.</summary>
    /// <param name="key">The targeting key, UTF-8.</param>
    public static ulong HashOf(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            return 0;
        const ulong First = 0x9E3779B97F4A7C15, Second = 0xFF51AFD7ED558CCD, Third = 0xC4CEB9FE1A85EC53;
        var hash = (ulong)key.Length * First;
        for (; key.Length >= 8; key = key[8..])
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key)) * Second;
            hash ^= hash >> 32;
        }
        ulong rest = 0;
        for (var i = 0; i < key.Length; i++)
            rest |= (ulong)key[i] << (8 * i);
        hash = (hash ^ rest) * Third;
        hash = (hash ^ (hash >> 33)) * Second;
        hash = (hash ^ (hash >> 33)) * Third;
        hash ^= hash >> 33;
        return hash == 0 ? 1 : hash;
    }

    /// <summary>Adds a user.</summary>
    /// <param name="user">See <see cref="HashOf"/>.</param>
    public void Add(ulong user)
    {
        var rank = (byte)Math.Min(HighestRank, BitOperations.LeadingZeroCount(user << IndexBits) + 1);
        ref var register = ref _registers[user >> (64 - IndexBits)];
        if (register >= rank)
            return;
        register = rank;
        _isUsed = true;
    }

    /// <summary>Adds everybody of another sketch.</summary>
    /// <returns>Whether this one has changed.</returns>
    public bool Merge(UserSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var hasChanged = false;
        for (var i = 0; i < Registers; i++)
        {
            if (other._registers[i] <= _registers[i])
                continue;
            _registers[i] = other._registers[i];
            hasChanged = true;
        }
        _isUsed |= hasChanged;
        return hasChanged;
    }

    /// <summary>Adds everybody of a sketch to another and forgets them here.</summary>
    public void MoveTo(UserSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _isUsed = false;
        for (var i = 0; i < Registers; i++)
        {
            if (_registers[i] > other._registers[i])
                (other._registers[i], other._isUsed) = (_registers[i], true);
            _registers[i] = 0;
        }
    }

    /// <summary>About how many users there were.</summary>
    public long Estimate()
    {
        var sum = 0.0;
        var empty = 0;
        foreach (var register in _registers)
        {
            sum += 1.0 / (1UL << register);
            empty += register == 0 ? 1 : 0;
        }
        var estimate = 0.7213 / (1 + 1.079 / Registers) * Registers * Registers / sum;
        if (estimate <= 2.5 * Registers && empty > 0)
            estimate = Registers * Math.Log((double)Registers / empty);
        return (long)Math.Round(estimate);
    }

    /// <summary>
    /// The sketch as bytes: for each register that is not 0 two bytes, big-endian, the number of the register in the upper eleven bits and its value in the lower five; or, if that is shorter, a byte for each
    /// register. Empty for an empty one.
    /// </summary>
    public byte[] ToBytes()
    {
        var used = Registers - _registers.AsSpan().Count((byte)0);
        if (used * 2 >= Registers)
            return [.. _registers];
        var bytes = new byte[used * 2];
        var at = 0;
        for (var i = 0; i < Registers && at < bytes.Length; i++)
        {
            if (_registers[i] == 0)
                continue;
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)(i << RankBits | _registers[i]));
            at += 2;
        }
        return bytes[..at];
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null for anything else.</summary>
    public static UserSketch? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Registers || bytes.Length % 2 != 0)
            return null;
        var sketch = new UserSketch { _isUsed = !bytes.IsEmpty };
        if (bytes.Length == Registers)
        {
            if (bytes.ContainsAnyExceptInRange((byte)0, (byte)HighestRank))
                return null;
            bytes.CopyTo(sketch._registers);
            return sketch;
        }
        for (; !bytes.IsEmpty; bytes = bytes[2..])
        {
            var pair = BinaryPrimitives.ReadUInt16BigEndian(bytes);
            sketch._registers[pair >> RankBits] = (byte)(pair & HighestRank);
        }
        return sketch;
    }
}
