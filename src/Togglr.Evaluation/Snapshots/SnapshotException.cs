namespace Togglr.Evaluation;

/// <summary>A snapshot or a patch was refused as a whole; the last good snapshot stays in use.</summary>
/// <param name="code">One of the constants of this class.</param>
/// <param name="message">A sentence for people.</param>
/// <param name="inner">What the JSON reader said.</param>
public sealed class SnapshotException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The text is not a JSON object.</summary>
    public const string Malformed = "malformed_snapshot";

    /// <summary>The schema version is greater than this reader knows.</summary>
    public const string UnknownSchema = "unknown_schema_version";

    /// <summary>The patch starts from another revision.</summary>
    public const string RevisionMismatch = "revision_mismatch";

    /// <summary>The stable code.</summary>
    public string Code { get; } = code;
}
