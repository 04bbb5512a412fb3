namespace Togglr.Store;

/// <summary>One change, told for ever. Every entry holds the hash of the one before, see <see cref="AuditChain"/>.</summary>
public sealed class AuditEntry : ITenantOwned
{
    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>Place in the organization's chain, from 1, without gaps.</summary>
    public long Sequence { get; init; }

    /// <summary>UUID version 7.</summary>
    public Guid Id { get; init; }

    /// <summary>When, to the microsecond.</summary>
    public DateTimeOffset At { get; init; }

    /// <inheritdoc cref="ChangeActor.Kind"/>
    public required string ActorKind { get; init; }

    /// <inheritdoc cref="ChangeActor.Id"/>
    public Guid? ActorId { get; init; }

    /// <inheritdoc cref="ChangeActor.Name"/>
    public required string ActorName { get; init; }

    /// <summary>The person for whom the actor acted.</summary>
    public Guid? OnBehalfOfId { get; init; }

    /// <summary>The name of that person at that time.</summary>
    public string? OnBehalfOfName { get; init; }

    /// <summary>The token that the actor used.</summary>
    public Guid? TokenId { get; init; }

    /// <summary>The name of that token at that time.</summary>
    public string? TokenName { get; init; }

    /// <inheritdoc cref="Change.Action"/>
    public required string Action { get; init; }

    /// <inheritdoc cref="Change.Entity"/>
    public required string Entity { get; init; }

    /// <inheritdoc cref="Change.EntityId"/>
    public Guid? EntityId { get; init; }

    /// <inheritdoc cref="Change.EntityKey"/>
    public required string EntityKey { get; init; }

    /// <summary>Key of the project, if the change was inside one.</summary>
    public string? Project { get; init; }

    /// <summary>Key of the environment, if the change was about one.</summary>
    public string? Environment { get; init; }

    /// <inheritdoc cref="Change.Reason"/>
    public string? Reason { get; init; }

    /// <summary>By what right a guarded thing was changed: <c>approved</c>, <c>bypass</c>, <c>emergency</c>, <c>scheduled</c>; null for the actor's own.</summary>
    public string? Authority { get; init; }

    /// <summary>The change request that was applied.</summary>
    public Guid? ChangeRequestId { get; init; }

    /// <inheritdoc cref="ChangeActor.RequestId"/>
    public string? RequestId { get; init; }

    /// <inheritdoc cref="ChangeActor.Address"/>
    public string? Address { get; init; }

    /// <inheritdoc cref="ChangeActor.UserAgent"/>
    public string? UserAgent { get; init; }

    /// <summary>JSON object: what the changed rows were, by their names (<c>flags/checkout</c>); null where nothing was.</summary>
    public string? Before { get; init; }

    /// <summary>JSON object: what they became; null where nothing is left.</summary>
    public string? After { get; init; }

    /// <summary>Which fields the hash covers, see <see cref="AuditChain"/>.</summary>
    public short Format { get; init; } = AuditChain.CurrentFormat;

    /// <summary>The hash of the entry before; 32 zero bytes for the first.</summary>
    public byte[] PreviousHash { get; init; } = [];

    /// <summary>SHA-256 over everything above, see <see cref="AuditChain"/>.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>The hash under a key that the database does not hold, see <see cref="AuditSeal"/>; null for entries from before there were signatures.</summary>
    public byte[]? Signature { get; private set; }

    internal AuditEntry Sealed(byte[] hash, byte[]? signature)
    {
        (Hash, Signature) = (hash, signature);
        return this;
    }
}
