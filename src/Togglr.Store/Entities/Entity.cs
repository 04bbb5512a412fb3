namespace Togglr.Store;

/// <summary>A row that counts its own changes. The stamp is written by <see cref="TogglrDbContext.CommitAsync"/>, never by callers.</summary>
public abstract class Versioned
{
    /// <summary>Starts at 1 and grows by one with every change: the entity tag, and the token that detects lost updates.</summary>
    public int Version { get; private set; }

    /// <summary>When the row was made.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When the row was changed last.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The user who changed it last; null for the system.</summary>
    public Guid? UpdatedBy { get; private set; }

    /// <summary>The name of this row in the audit log, such as <c>flags/checkout</c>.</summary>
    internal abstract string AuditPath { get; }

    internal void StampCreated(DateTimeOffset now, Guid? user)
    {
        Version = 1;
        CreatedAt = now;
        UpdatedAt = now;
        UpdatedBy = user;
    }

    internal void StampUpdated(DateTimeOffset now, Guid? user)
    {
        Version++;
        UpdatedAt = now;
        UpdatedBy = user;
    }
}

/// <summary>A row with an identifier of its own.</summary>
public abstract class Entity : Versioned
{
    /// <summary>UUID version 7.</summary>
    public Guid Id { get; private protected set; }
}

/// <summary>A row that belongs to one organization and is invisible to all others.</summary>
public interface ITenantOwned
{
    /// <summary>The organization.</summary>
    Guid OrganizationId { get; }
}

/// <summary>A row that belongs to one project.</summary>
public interface IProjectOwned : ITenantOwned
{
    /// <summary>The project.</summary>
    Guid ProjectId { get; }
}
