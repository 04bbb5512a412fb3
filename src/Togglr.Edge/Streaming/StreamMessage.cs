using System.Buffers;
using System.Globalization;
using System.Text;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.Streaming;

/// <summary>One server-sent event, encoded once and written to every connection from the same buffers.</summary>
/// <param name="Head">The lines before the data.</param>
/// <param name="Data">The data, without line ends.</param>
/// <param name="CommittedAt">When the change was committed, to measure how long it took; null where that makes no sense.</param>
/// <param name="IsLast">Whether the connection ends after it.</param>
internal sealed record StreamMessage(ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Data, DateTimeOffset? CommittedAt = null, bool IsLast = false)
{
    /// <summary>The change that it brings, where that is followed.</summary>
    public ReachOfRevision? Reach { get; init; }

    private static readonly byte[] End = "\n\n"u8.ToArray();

    /// <summary>The comment that shows that the connection is alive.</summary>
    public static StreamMessage Heartbeat { get; } = new(": hb"u8.ToArray(), default);

    /// <summary>The key is not valid any more.</summary>
    public static StreamMessage Revoked { get; } = new("event: revoked\ndata: {}"u8.ToArray(), default, IsLast: true);

    /// <summary>Ends a connection without a word.</summary>
    public static StreamMessage Close { get; } = new(default, default, IsLast: true);

    /// <summary>What ends every event.</summary>
    public static ReadOnlyMemory<byte> Terminator => End;

    /// <summary>The whole snapshot. It is not copied.</summary>
    public static StreamMessage Full(EnvironmentState state) => new(Header("full", state.Revision), state.Document.ToUtf8());

    /// <summary>A change.</summary>
    public static StreamMessage Patch(EnvironmentPatch patch, DateTimeOffset? committedAt) => new(Header("patch", patch.Revision), patch.ToUtf8(), committedAt);

    /// <summary>OFREP's notice that evaluations may have changed.</summary>
    public static StreamMessage Refetch(EnvironmentState state, bool isChange) => new(
        Header("message", state.Revision),
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"type\":\"refetchEvaluation\",\"lastModified\":{(state.CommittedAt ?? DateTimeOffset.UnixEpoch).ToUnixTimeSeconds()}}}")),
        isChange ? state.CommittedAt : null);

    private static byte[] Header(string name, long revision) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {revision}\nevent: {name}\ndata: "));
}
