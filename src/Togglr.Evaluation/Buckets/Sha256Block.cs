using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Togglr.Evaluation.Buckets;

/// <summary>
/// The compression function of SHA-256 (FIPS 180-4): one 64-byte block into eight words of state. The framework's own hash costs an order of magnitude more than the
/// block itself for the short texts of a bucket, and exposes no SHA instructions on x86. So the system's libcrypto is called directly where it is there and
/// agrees with the framework; everywhere else the managed block is used. Which one is decided once, at start-up.
/// </summary>
internal static unsafe class Sha256Block
{
    private static readonly uint[] s_constants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
        0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
        0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
        0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
        0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
        0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    // SHA256_Transform(SHA256_CTX *, const unsigned char *): the context begins with the eight words and nothing else of it is touched.
    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<uint*, byte*, void> s_native = FindNative();

    /// <summary>The state before the first block.</summary>
    public static ReadOnlySpan<uint> InitialState =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>Room that a state needs: libcrypto's context is larger than the eight words.</summary>
    public const int StateWords = 32;

    /// <summary>Whether libcrypto does the work.</summary>
    public static bool IsNative => s_native != null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Compress(uint* state, byte* block)
    {
        if (s_native != null)
            s_native(state, block);
        else
            CompressManaged(state, block);
    }

    [SkipLocalsInit]
    public static void CompressManaged(uint* state, byte* block)
    {
        var w = stackalloc uint[64];
        for (var i = 0; i < 16; i++)
            w[i] = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(block + (4 * i)));
        for (var i = 16; i < 64; i++)
        {
            var x = w[i - 15];
            var y = w[i - 2];
            w[i] = w[i - 16] + (BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3)) + w[i - 7]
                + (BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ (y >> 10));
        }
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        ref var k = ref MemoryMarshal.GetArrayDataReference(s_constants);
        for (var i = 0; i < 64; i++)
        {
            var t1 = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + (g ^ (e & (f ^ g)))
                + Unsafe.Add(ref k, i) + w[i];
            var t2 = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + ((a & b) | (c & (a | b)));
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<uint*, byte*, void> FindNative()
    {
        if (!BitConverter.IsLittleEndian || OperatingSystem.IsBrowser())
            return null;
        foreach (var name in (ReadOnlySpan<string>)["libcrypto.so.3", "libcrypto.so", "libcrypto.so.1.1", "libcrypto.3.dylib"])
        {
            if (!NativeLibrary.TryLoad(name, out var library))
                continue;
            if (NativeLibrary.TryGetExport(library, "SHA256_Transform", out var address))
            {
                var transform = (delegate* unmanaged[Cdecl, SuppressGCTransition]<uint*, byte*, void>)address;
                if (Agrees(transform))
                    return transform;
            }
            NativeLibrary.Free(library);
        }
        return null;
    }

    // Deprecated functions may one day be there and do something else.
    private static bool Agrees(delegate* unmanaged[Cdecl, SuppressGCTransition]<uint*, byte*, void> transform)
    {
        var block = stackalloc byte[64];
        var state = stackalloc uint[StateWords];
        foreach (var text in (ReadOnlySpan<string>)["", "abc", "5b0c7d9e21checkoutuser-1"])
        {
            new Span<byte>(block, 64).Clear();
            var length = Encoding.ASCII.GetBytes(text, new Span<byte>(block, 64));
            block[length] = 0x80;
            BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(block + 62, 2), (ushort)(length * 8));
            new Span<uint>(state, StateWords).Clear();
            InitialState.CopyTo(new Span<uint>(state, 8));
            transform(state, block);
            var expected = SHA256.HashData(Encoding.ASCII.GetBytes(text));
            for (var i = 0; i < 8; i++)
            {
                if (state[i] != BinaryPrimitives.ReadUInt32BigEndian(expected.AsSpan(4 * i)))
                    return false;
            }
        }
        return true;
    }
}
