namespace Togglr.ControlPlane.Flags;

/// <summary>What is done to many flags.</summary>
public enum BulkAction
{
    /// <summary>Switches them on in the environment.</summary>
    Enable,

    /// <summary>Switches them off in the environment.</summary>
    Disable,

    /// <summary>Gives them tags.</summary>
    AddTags,

    /// <summary>Takes tags from them.</summary>
    RemoveTags,

    /// <summary>Takes them out of every snapshot.</summary>
    Archive,

    /// <summary>Brings archived ones back as they were.</summary>
    Restore,
}

/// <summary>Changes many flags in one transaction.</summary>
public sealed record BulkFlagsRequest
{
    /// <summary>What is done.</summary>
    public required BulkAction Action { get; init; }

    /// <summary>Keys of 1 to 500 flags; one that stands twice counts once.</summary>
    public required IReadOnlyList<string> Flags { get; init; }

    /// <summary>Key of the environment; needed to enable and disable, and not allowed otherwise.</summary>
    public string? Environment { get; init; }

    /// <summary>Keys of 1 to 50 tags; needed to add and remove tags, and not allowed otherwise.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Only tells what would happen.</summary>
    public bool? DryRun { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>What became of a flag.</summary>
public enum BulkOutcome
{
    /// <summary>It was changed; in a dry run: it would be.</summary>
    Changed,

    /// <summary>It was so already.</summary>
    Unchanged,

    /// <summary>It cannot be changed; the others are all the same.</summary>
    Refused,
}

/// <summary>What became of one of many flags.</summary>
/// <param name="Flag">The flag's key.</param>
/// <param name="Name">Its name; null for one that does not exist.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Code">Why it was refused: <c>not_found</c>, <c>forbidden</c>, <c>archived</c>, <c>in_use</c>, <c>validation_failed</c>.</param>
/// <param name="Message">The same for people.</param>
public sealed record BulkFlagView(string Flag, string? Name, BulkOutcome Outcome, string? Code, string? Message);

/// <summary>What became of many flags.</summary>
/// <param name="DryRun">Whether nothing was done.</param>
/// <param name="Changed">How many were changed.</param>
/// <param name="Unchanged">How many were so already.</param>
/// <param name="Refused">How many cannot be changed.</param>
/// <param name="Results">One by one, in the order of the request.</param>
public sealed record BulkFlagsView(bool DryRun, int Changed, int Unchanged, int Refused, IReadOnlyList<BulkFlagView> Results);
