namespace Togglr.Store;

/// <summary>What a policy asks for. To change some of it: <c>policy.Change(policy.Terms with { … })</c>.</summary>
public sealed record ChangePolicyTerms
{
    /// <summary>Whether it guards anything at present.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How many people must approve, 1 to 10.</summary>
    public int MinApprovals { get; init; } = 1;

    /// <summary>The groups one of which must hold each approver; empty: anybody who may approve.</summary>
    public IReadOnlyList<Guid> ApproverGroupIds { get; init; } = [];

    /// <summary>Whether approvers must prove again who they are.</summary>
    public bool Reauthenticate { get; init; }

    /// <summary>How long a request may wait, in hours: 1 to 8,760.</summary>
    public int ExpiresAfterHours { get; init; } = ChangePolicy.DefaultExpiryHours;

    /// <summary>The groups whose members may go past it, besides whoever has the permission.</summary>
    public IReadOnlyList<Guid> BypassGroupIds { get; init; } = [];
}

/// <summary>
/// Says that changes need an approval: of everything in a project, of what an environment serves, of flags with a tag, or of flags with a tag in an environment.
/// </summary>
public sealed class ChangePolicy : Entity, IProjectOwned
{
    /// <summary>How long a request waits unless a policy says otherwise: a week.</summary>
    public const int DefaultExpiryHours = 168;

    private const int MaximumGroups = 20;

    private ChangePolicy()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The environment; null for all.</summary>
    public Guid? EnvironmentId { get; private set; }

    /// <summary>The tag of flags; null for everything.</summary>
    public string? Tag { get; private set; }

    /// <inheritdoc cref="ChangePolicyTerms.Enabled"/>
    public bool Enabled { get; private set; }

    /// <inheritdoc cref="ChangePolicyTerms.MinApprovals"/>
    public int MinApprovals { get; private set; }

    /// <inheritdoc cref="ChangePolicyTerms.ApproverGroupIds"/>
    public IReadOnlyList<Guid> ApproverGroupIds { get; private set; } = [];

    /// <inheritdoc cref="ChangePolicyTerms.Reauthenticate"/>
    public bool Reauthenticate { get; private set; }

    /// <inheritdoc cref="ChangePolicyTerms.ExpiresAfterHours"/>
    public int ExpiresAfterHours { get; private set; }

    /// <inheritdoc cref="ChangePolicyTerms.BypassGroupIds"/>
    public IReadOnlyList<Guid> BypassGroupIds { get; private set; } = [];

    /// <summary>The part that can be changed.</summary>
    public ChangePolicyTerms Terms => new()
    {
        Enabled = Enabled, MinApprovals = MinApprovals, ApproverGroupIds = ApproverGroupIds, Reauthenticate = Reauthenticate, ExpiresAfterHours = ExpiresAfterHours,
        BypassGroupIds = BypassGroupIds,
    };

    internal override string AuditPath => $"change-policies/{Id}";

    /// <summary>A new policy. There is one at most for the same environment and tag.</summary>
    public static Result<ChangePolicy> Create(Project project, ProjectEnvironment? environment, string? tag, ChangePolicyTerms terms)
    {
        if (tag is not null && KeyFormat.Slug(tag, "tag") is { } error)
            return error;
        var policy = new ChangePolicy { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, EnvironmentId = environment?.Id, Tag = tag };
        var changed = policy.Change(terms);
        return changed.IsOk ? policy : changed.Error;
    }

    /// <summary>Changes what it asks for.</summary>
    public Result Change(ChangePolicyTerms terms)
    {
        if (terms.MinApprovals is < 1 or > 10)
            return Result.Invalid("minApprovals", "A policy asks for 1 to 10 approvals.");
        if (terms.ExpiresAfterHours is < 1 or > 8760)
            return Result.Invalid("expiresAfterHours", "A request waits 1 to 8,760 hours.");
        if (terms.ApproverGroupIds.Count > MaximumGroups)
            return Result.Invalid("approverGroups", $"A policy names at most {MaximumGroups} groups.");
        if (terms.BypassGroupIds.Count > MaximumGroups)
            return Result.Invalid("bypassGroups", $"A policy names at most {MaximumGroups} groups.");
        (Enabled, MinApprovals, Reauthenticate, ExpiresAfterHours) = (terms.Enabled, terms.MinApprovals, terms.Reauthenticate, terms.ExpiresAfterHours);
        ApproverGroupIds = [.. terms.ApproverGroupIds.Distinct()];
        BypassGroupIds = [.. terms.BypassGroupIds.Distinct()];
        return Result.Ok;
    }
}
