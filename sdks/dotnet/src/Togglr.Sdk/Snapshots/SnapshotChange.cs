using Togglr.Evaluation;

namespace Togglr.Sdk.Snapshots;

/// <summary>One snapshot took the place of another.</summary>
/// <param name="Snapshot">The new one.</param>
/// <param name="Sequence">Counts the replacements in this client, from 1.</param>
/// <param name="Keys">The flags that may serve something else now.</param>
internal sealed record SnapshotChange(Snapshot Snapshot, long Sequence, IReadOnlyCollection<string> Keys)
{
    /// <summary>This change and the next one, told as one.</summary>
    public SnapshotChange Then(SnapshotChange next) => next with { Keys = Keys.Union(next.Keys, StringComparer.Ordinal).ToArray() };
}

/// <summary>What became of a document that was offered.</summary>
internal enum AcceptResult
{
    /// <summary>It is in use.</summary>
    Applied,

    /// <summary>It says what is known already.</summary>
    Unchanged,

    /// <summary>It is older than what is in use.</summary>
    Older,

    /// <summary>A patch from another revision than the one in use.</summary>
    Gap,

    /// <summary>It cannot be read.</summary>
    Malformed,
}

/// <summary>What became of a document that was offered, and why for people.</summary>
internal readonly record struct Acceptance(AcceptResult Result, string? Error = null);
