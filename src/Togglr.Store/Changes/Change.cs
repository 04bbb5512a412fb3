namespace Togglr.Store;

/// <summary>Who or what changes something.</summary>
/// <param name="Kind"><c>user</c>, <c>service_account</c>, <c>provider</c> (an identity provider) or <c>system</c>.</param>
/// <param name="Id">The user, service account or provider; null for the system.</param>
/// <param name="Name">As shown in the audit log, also when the user is gone.</param>
public sealed record ChangeActor(string Kind, Guid? Id, string Name)
{
    /// <summary>Where the request came from.</summary>
    public string? Address { get; init; }

    /// <summary>The program that sent the request.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The request's identifier, as in the logs.</summary>
    public string? RequestId { get; init; }

    /// <summary>The token that was used, if one was.</summary>
    public ActorToken? Token { get; init; }

    /// <summary>The person for whom it is done, where the actor acts for one.</summary>
    public OnBehalfOf? OnBehalfOf { get; init; }

    /// <summary>The user whose name goes into <see cref="Versioned.UpdatedBy"/>; null unless the actor is a user.</summary>
    public Guid? UserId => Kind == "user" ? Id : null;

    /// <summary>Togglr itself: first start, schedules, demo data.</summary>
    public static ChangeActor System(string name = "togglr") => new("system", null, name);
}

/// <summary>The token with which somebody acts.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Name">As shown in the audit log, also when the token is gone.</param>
public sealed record ActorToken(Guid Id, string Name);

/// <summary>The person for whom something acts.</summary>
/// <param name="Id">The user.</param>
/// <param name="Name">As shown in the audit log, also when the user is gone.</param>
public sealed record OnBehalfOf(Guid Id, string Name);

/// <summary>What one commit is about: what cannot be read off the tracked entities.</summary>
/// <param name="Actor">Who or what.</param>
/// <param name="Action">Entity and verb, such as <c>flag.updated</c> or <c>flag.killed</c>.</param>
/// <param name="EntityKey">The key (or identifier) of the entity that people would name.</param>
public sealed record Change(ChangeActor Actor, string Action, string EntityKey)
{
    /// <summary>The identifier of that entity.</summary>
    public Guid? EntityId { get; init; }

    /// <summary>The project, if the change is inside one.</summary>
    public Project? Project { get; init; }

    /// <summary>The environment's key, if the change is about one.</summary>
    public string? Environment { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether there is an audit entry also when no audited row changed: for events such as a failed sign-in.</summary>
    public bool Always { get; init; }

    /// <summary>Further organizations whose audit chains get an entry of the same event: those of a person who signed in, say.</summary>
    public IReadOnlyCollection<Guid> AlsoIn { get; init; } = [];

    /// <summary>What the commit does to several things, each told by an audit entry of its own; empty for one entry about everything.</summary>
    public IReadOnlyList<ChangePart> Parts { get; init; } = [];

    /// <summary>Whether everything is tried against the database and nothing kept: no row, no entry, no revision, nobody told.</summary>
    public bool Rehearsal { get; init; }

    /// <summary>By what right guarded things are touched.</summary>
    public Authority Authority { get; init; } = Authority.Direct;

    /// <summary>The kind of entity: the action's part before the dot.</summary>
    public string Entity => Action[..Action.IndexOf('.', StringComparison.Ordinal)];
}

/// <summary>One thing of several that a commit changes together.</summary>
/// <param name="Action">Entity and verb.</param>
/// <param name="EntityKey">The key of the entity that people would name.</param>
/// <param name="EntityId">The identifier of that entity.</param>
/// <param name="Rows">The tracked rows that this part tells of. Every row that the commit changes belongs to one part.</param>
public sealed record ChangePart(string Action, string EntityKey, Guid? EntityId, IReadOnlyCollection<Versioned> Rows)
{
    /// <summary>The environment's key, where it is another one than the change's.</summary>
    public string? Environment { get; init; }

    /// <summary>Why, where that is not what the change says.</summary>
    public string? Reason { get; init; }

    /// <summary>The project, where it is another one than the change's.</summary>
    public Project? Project { get; init; }

    /// <summary>Where what the part tells of came from or went to. A part with such a link is told even where none of its rows changed.</summary>
    public PromotionLink? Promotion { get; init; }
}

/// <summary>The other end of a promotion, kept in an audit entry beside the rows under the name <see cref="Name"/>.</summary>
/// <param name="Direction"><c>from</c>: it was taken from there; <c>to</c>: it went there.</param>
/// <param name="Project">Key of the project.</param>
/// <param name="Environment">Key of the environment.</param>
/// <param name="Flag">Key of the flag.</param>
/// <param name="Revision">The revision of the environment that it was taken from; null for where it went.</param>
public sealed record PromotionLink(string Direction, string Project, string Environment, string Flag, long? Revision)
{
    /// <summary>The member of an entry's <c>after</c> that holds a link; rows have a <c>/</c> in theirs.</summary>
    public const string Name = "promotion";
}

/// <summary>What a commit did.</summary>
/// <param name="Saved">False when nothing had changed: then nothing was written, not even an audit entry.</param>
/// <param name="AuditSequence">The place of the audit entry in its chain; 0 when nothing was written.</param>
/// <param name="Environments">The environments whose snapshot changed, with their new revisions.</param>
public sealed record Committed(bool Saved, long AuditSequence, IReadOnlyList<EnvironmentRevision> Environments);

/// <summary>An environment at a revision.</summary>
/// <param name="Id">The environment.</param>
/// <param name="Key">Its key.</param>
/// <param name="Revision">The revision that the change made.</param>
public sealed record EnvironmentRevision(Guid Id, string Key, long Revision);

/// <summary>What everybody who follows changes is told after a commit: the publisher, the WebSocket events, other nodes.</summary>
public sealed record ChangeNotice
{
    /// <summary>Number in the outbox.</summary>
    public long Id { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The organization; empty for changes of users.</summary>
    public Guid OrganizationId { get; init; }

    /// <summary>The project, if the change was inside one.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>The project's key.</summary>
    public string? Project { get; init; }

    /// <summary>The environment's key, if the change was about one.</summary>
    public string? Environment { get; init; }

    /// <inheritdoc cref="Change.Action"/>
    public required string Action { get; init; }

    /// <inheritdoc cref="Change.Entity"/>
    public required string Entity { get; init; }

    /// <inheritdoc cref="Change.EntityKey"/>
    public required string EntityKey { get; init; }

    /// <summary>The keys of all entities, where several of the same kind changed together; <see cref="EntityKey"/> is the first of them.</summary>
    public IReadOnlyList<string>? EntityKeys { get; init; }

    /// <summary>Who: a user's or token's identifier.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>Who: the name.</summary>
    public string ActorName { get; init; } = "";

    /// <summary>The environments whose snapshot changed, with their new revisions.</summary>
    public IReadOnlyList<EnvironmentRevision> Environments { get; init; } = [];

    /// <summary>Environments that no longer exist.</summary>
    public IReadOnlyList<Guid> RemovedEnvironments { get; init; } = [];

    /// <summary>By what right guarded things were changed: <c>approved</c>, <c>bypass</c>, <c>emergency</c>, <c>scheduled</c>; null for the actor's own.</summary>
    public string? Authority { get; init; }

    /// <summary>The entity's identifier, where it has one.</summary>
    public Guid? EntityId { get; init; }

    /// <summary>The people whom it concerns and who alone are told; null for everybody who may see what changed.</summary>
    public IReadOnlyList<Guid>? Recipients { get; init; }

    /// <summary>Somebody may do more or less than before, or a sign-in or token ended.</summary>
    public bool AccessChanged { get; init; }

    /// <summary>The list of valid SDK keys changed.</summary>
    public bool KeysChanged { get; init; }

    /// <summary>Nothing in particular changed, but notices may have been missed: compare everything. The other members mean nothing then.</summary>
    public bool Resync { get; init; }
}
