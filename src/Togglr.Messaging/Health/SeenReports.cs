using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Togglr.Messaging.Events;

namespace Togglr.Messaging.Health;

/// <summary>Remembers the names that senders gave their reports, so that one that arrives twice at this node counts once.</summary>
public sealed class SeenReports(TimeProvider time)
{
    /// <summary>For so long a name is known.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>So many of the latest names are known in any case where they came faster: some tens of megabytes at most.</summary>
    public const int Capacity = 500_000;

    private readonly RecentSet<UInt128> _seen = new(time, Window, Capacity);

    /// <summary>What is remembered of a report. Names of public keys and of others are apart, so that nobody can use up somebody else's.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="flag">Key of the flag.</param>
    /// <param name="name">The sender's name for the report.</param>
    /// <param name="isPublic">Whether the key that it came with is public.</param>
    public static UInt128 Of(Guid environment, string flag, string name, bool isPublic)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(environment.ToByteArray());
        hash.AppendData([isPublic ? (byte)1 : (byte)0]);
        hash.AppendData(Encoding.UTF8.GetBytes($"{flag}\n{name}"));
        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }

    /// <summary>What is remembered of an error among events, which have names of their own.</summary>
    /// <param name="id">See <see cref="EventBatch.IdOf"/>.</param>
    /// <param name="isPublic">Whether the key that it came with is public.</param>
    public static UInt128 Of(Guid id, bool isPublic)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes) ^ (isPublic ? UInt128.One : UInt128.Zero);
    }

    /// <summary>Whether it is the first time that this report is seen; remembers it.</summary>
    public bool TryAdd(UInt128 report) => _seen.Add(report);

    /// <summary>It did not count after all: the next time is the first one.</summary>
    public void Forget(UInt128 report) => _seen.Remove(report);
}
