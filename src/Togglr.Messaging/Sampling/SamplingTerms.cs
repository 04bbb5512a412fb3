using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Togglr.Messaging.Sampling;

/// <summary>
/// What may be kept of the contexts of one environment, and under which names: see <c>docs/impact.md</c>. Two edges with the same terms choose the same people and give them the same names.
/// </summary>
public sealed class SamplingTerms
{
    /// <summary>How many bytes <see cref="Secret"/> has.</summary>
    public const int SecretBytes = 32;

    /// <summary>How many characters the name has that stands for a targeting key.</summary>
    public const int StandInLength = 22;

    /// <summary>Ranks are below this: 63 bits, so that a database can hold them.</summary>
    public const long RankEnd = long.MaxValue;

    /// <summary>The most people of an environment.</summary>
    public const int MaximumSize = 100_000;

    /// <summary>The longest time for which a context is kept, in minutes: a week.</summary>
    public const int MaximumMinutes = 7 * 24 * 60;

    private const int KeyedBytes = 256;

    private readonly byte[] _secret;
    private readonly ulong _first;
    private readonly ulong _second;
    private object? _view;

    /// <summary>Terms of an environment.</summary>
    /// <param name="secret">Known to the control plane and its edges alone.</param>
    /// <param name="attributes">The names that may be kept; whole names or dotted paths.</param>
    /// <param name="minutes">How long a context is kept.</param>
    /// <param name="size">How many people are kept.</param>
    public SamplingTerms(ReadOnlySpan<byte> secret, IReadOnlyList<string> attributes, int minutes, int size)
    {
        if (secret.Length != SecretBytes || minutes is < 1 or > MaximumMinutes || size is < 1 or > MaximumSize)
            throw new ArgumentException("These are no terms.", nameof(secret));
        _secret = secret.ToArray();
        (Attributes, Minutes, Size) = (attributes, minutes, size);
        // Not the secret itself: what ranks are made with need not protect anything.
        Span<byte> seeds = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. secret, .. "rank"u8], seeds);
        _first = BinaryPrimitives.ReadUInt64LittleEndian(seeds) | 1;
        _second = BinaryPrimitives.ReadUInt64LittleEndian(seeds[8..]) | 1;
        // Retention and size may change without making what is there wrong; what is in a context may not.
        SHA256.HashData([.. secret, .. Encoding.UTF8.GetBytes(string.Join('\n', attributes.Order(StringComparer.Ordinal)))], seeds);
        Stamp = Convert.ToHexStringLower(seeds[..8]);
    }

    /// <summary>Known to the control plane and its edges alone: without it nobody can tell which key a name stands for, not even by trying keys.</summary>
    public ReadOnlySpan<byte> Secret => _secret;

    /// <summary>The names that may be kept.</summary>
    public IReadOnlyList<string> Attributes { get; }

    /// <summary>How long a context is kept.</summary>
    public int Minutes { get; }

    /// <summary>How many people are kept.</summary>
    public int Size { get; }

    /// <summary>Stands for the secret and the attributes: contexts of another stamp do not belong to the same sample.</summary>
    public string Stamp { get; }

    /// <summary>Whether these are the same terms.</summary>
    public bool IsSame(SamplingTerms other) => Stamp == other.Stamp && Minutes == other.Minutes && Size == other.Size;

    /// <summary>
    /// Writes the name that stands for a targeting key: base64url of the first 16 bytes of SHA-256 over the secret and the key.
    /// </summary>
    public void WriteStandIn(ReadOnlySpan<byte> targetingKey, Span<byte> target)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (targetingKey.Length <= KeyedBytes)
        {
            Span<byte> text = stackalloc byte[SecretBytes + KeyedBytes];
            _secret.CopyTo(text);
            targetingKey.CopyTo(text[SecretBytes..]);
            SHA256.HashData(text[..(SecretBytes + targetingKey.Length)], hash);
        }
        else
        {
            SHA256.HashData([.. _secret, .. targetingKey], hash);
        }
        Base64Url.EncodeToUtf8(hash[..16], target, out _, out _);
    }

    /// <inheritdoc cref="WriteStandIn"/>
    public string StandInOf(string targetingKey)
    {
        Span<byte> target = stackalloc byte[StandInLength];
        WriteStandIn(Encoding.UTF8.GetBytes(targetingKey), target);
        return Encoding.ASCII.GetString(target);
    }

    /// <summary>
    /// The rank of a person: uniform in 0 to <see cref="RankEnd"/>, and nothing but chance for whoever does not know the terms. The people with the lowest ranks are the sample. Multiplies and folds
    /// eight bytes at a time, because every evaluation asks.
    /// </summary>
    public long RankOf(ReadOnlySpan<byte> targetingKey)
    {
        var hash = _first ^ (ulong)targetingKey.Length;
        var words = MemoryMarshal.Cast<byte, ulong>(targetingKey);
        foreach (var word in words)
            hash = Fold(hash ^ word, _second);
        ulong last = 0;
        foreach (var rest in targetingKey[(words.Length * 8)..])
            last = (last << 8) | rest;
        hash = Fold(hash ^ last ^ 0x9E3779B97F4A7C15, _second);
        return (long)(Fold(hash, _first ^ 0xD6E8FEB86659FD93) >> 1);
    }

    /// <summary>What a role derives from the terms, made on first use and kept with them. One role uses this.</summary>
    public T View<T>(Func<SamplingTerms, T> make)
        where T : class
    {
        if (Volatile.Read(ref _view) is T made)
            return made;
        var view = make(this);
        return (T)(Interlocked.CompareExchange(ref _view, view, null) ?? view);
    }

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
