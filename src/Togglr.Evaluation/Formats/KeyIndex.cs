using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Togglr.Evaluation.Formats;

/// <summary>
/// An immutable set of byte strings numbered in the order of their addition: open addressing over one blob. A million keys of twelve bytes cost
/// about 25 MB, and a look-up touches three cache lines. The keys are UTF-8 or the bytes of UTF-16; the index does not care.
/// </summary>
internal sealed class KeyIndex
{
    public static readonly KeyIndex Empty = new Builder().Build();

    private readonly byte[] _blob;
    private readonly int[] _ends;
    private readonly int[] _slots;

    private KeyIndex(byte[] blob, int[] ends, int[] slots)
    {
        _blob = blob;
        _ends = ends;
        _slots = slots;
    }

    public int Count => _ends.Length - 1;

    public ReadOnlySpan<byte> this[int index] => _blob.AsSpan(_ends[index], _ends[index + 1] - _ends[index]);

    public bool Contains(ReadOnlySpan<byte> key) => Find(key) >= 0;

    /// <summary>The number of the key, or −1.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        var slots = _slots;
        var ends = _ends;
        var at = (int)Hash(key) & (slots.Length - 1);
        while (true)
        {
            var index = slots[at] - 1;
            if (index < 0)
                return -1;
            var start = ends[index];
            if (ends[index + 1] - start == key.Length && key.SequenceEqual(_blob.AsSpan(start, key.Length)))
                return index;
            at = (at + 1) & (slots.Length - 1);
        }
    }

    /// <summary>A multiply-mix hash of eight bytes at a time: enough for lists that the owner of the environment wrote.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(ReadOnlySpan<byte> key)
    {
        const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;
        var hash = (ulong)key.Length * Multiplier;
        ref var start = ref MemoryMarshal.GetReference(key);
        var length = key.Length;
        if (length >= 8)
        {
            for (var i = 0; i <= length - 8; i += 8)
                hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i)));
            if ((length & 7) != 0)
                hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 8)));
        }
        else if (length >= 4)
        {
            hash = Mix(hash ^ (((ulong)Unsafe.ReadUnaligned<uint>(ref start) << 32) | Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4))));
        }
        else if (length > 0)
        {
            hash = Mix(hash ^ (((ulong)start << 16) | ((ulong)Unsafe.Add(ref start, length >> 1) << 8) | Unsafe.Add(ref start, length - 1)));
        }
        return (uint)(hash ^ (hash >> 32));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static ulong Mix(ulong value)
        {
            value *= Multiplier;
            return value ^ (value >> 29);
        }
    }

    /// <summary>Collects keys; adding a key again returns its first number.</summary>
    public sealed class Builder
    {
        private byte[] _blob = new byte[64];
        private int[] _ends = new int[9];
        private int[] _slots = new int[16];
        private int _count;

        public int Count => _count;

        public int Add(ReadOnlySpan<byte> key)
        {
            if ((_count + 1) * 2 > _slots.Length)
                Grow();
            var at = (int)Hash(key) & (_slots.Length - 1);
            while (_slots[at] is var slot and not 0)
            {
                if (_blob.AsSpan(_ends[slot - 1], _ends[slot] - _ends[slot - 1]).SequenceEqual(key))
                    return slot - 1;
                at = (at + 1) & (_slots.Length - 1);
            }
            var start = _ends[_count];
            if (_blob.Length - start < key.Length)
                Array.Resize(ref _blob, (int)Math.Min(Array.MaxLength, Math.Max(_blob.Length * 2L, (long)start + key.Length)));
            key.CopyTo(_blob.AsSpan(start));
            if (_count + 2 > _ends.Length)
                Array.Resize(ref _ends, _ends.Length * 2);
            _ends[_count + 1] = start + key.Length;
            _slots[at] = ++_count;
            return _count - 1;
        }

        public KeyIndex Build() => new(_blob[.._ends[_count]], _ends[..(_count + 1)], _slots);

        private void Grow()
        {
            var slots = new int[_slots.Length * 2];
            for (var index = 0; index < _count; index++)
            {
                var at = (int)Hash(_blob.AsSpan(_ends[index], _ends[index + 1] - _ends[index])) & (slots.Length - 1);
                while (slots[at] != 0)
                    at = (at + 1) & (slots.Length - 1);
                slots[at] = index + 1;
            }
            _slots = slots;
        }
    }
}
