namespace Togglr.Store;

/// <summary>Which entries of an organization's audit log. What is null does not matter.</summary>
public sealed record AuditFilter
{
    /// <summary>Keys of the projects that may be seen; null: all, and what belongs to none.</summary>
    public IReadOnlyCollection<string>? VisibleProjects { get; init; }

    /// <summary>Key of a project.</summary>
    public string? Project { get; init; }

    /// <summary>Key of an environment.</summary>
    public string? Environment { get; init; }

    /// <summary>Kind of entity.</summary>
    public string? Entity { get; init; }

    /// <summary>Key of an entity.</summary>
    public string? EntityKey { get; init; }

    /// <summary>Entity and verb.</summary>
    public string? Action { get; init; }

    /// <summary>Kind of actor.</summary>
    public string? ActorKind { get; init; }

    /// <summary>Id of an actor.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>Name of an actor, as it was.</summary>
    public string? ActorName { get; init; }

    /// <summary>Id of a token.</summary>
    public Guid? TokenId { get; init; }

    /// <summary>Where the request came from.</summary>
    public string? Address { get; init; }

    /// <summary>Not before this time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Words, each of which the entry has or has the beginning of.</summary>
    public string? Search { get; init; }

    /// <summary>True when nothing is left out.</summary>
    public bool IsEmpty => this == new AuditFilter();
}
