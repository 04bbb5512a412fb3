namespace Togglr.Store;

/// <summary>A policy that stands before a change, as it was when the change was tried.</summary>
/// <param name="PolicyId">The policy; null for what the safety tag <c>guarded</c> asks where no policy names that tag.</param>
/// <param name="EnvironmentId">The environment that it guards; null for all.</param>
/// <param name="Tag">The tag of flags that it guards; null for everything.</param>
/// <param name="MinApprovals">How many people must approve.</param>
/// <param name="ApproverGroups">The groups of which one must hold each approver; empty: anybody who may approve.</param>
/// <param name="Reauthenticate">Whether approvers must have proved again who they are.</param>
/// <param name="ExpiresAfterHours">How long a request may wait.</param>
/// <param name="BypassGroups">The groups whose members may go past it.</param>
public sealed record GuardingPolicy(
    Guid? PolicyId, Guid? EnvironmentId, string? Tag, int MinApprovals, IReadOnlyList<Guid> ApproverGroups, bool Reauthenticate, int ExpiresAfterHours, IReadOnlyList<Guid> BypassGroups)
{
    /// <summary>What the safety tag asks by itself: one approval, within a week.</summary>
    internal static GuardingPolicy OfSafetyTag { get; } = new(null, null, Guard.SafetyTag, 1, [], false, ChangePolicy.DefaultExpiryHours, []);
}

/// <summary>What guards the rows that a commit touches. Several policies: each must be satisfied.</summary>
/// <param name="Policies">The policies; none: the change is free.</param>
/// <param name="Environments">The environments that the guarded part of the change is about.</param>
/// <param name="IsProjectWide">Whether it is about more than single environments.</param>
public sealed record Guard(IReadOnlyList<GuardingPolicy> Policies, IReadOnlyList<Guid> Environments, bool IsProjectWide)
{
    /// <summary>The tag that guards a flag by itself.</summary>
    public const string SafetyTag = "guarded";

    /// <summary>No guard.</summary>
    public static Guard None { get; } = new([], [], false);

    /// <summary>Both.</summary>
    public Guard With(Guard other) => new(
        [.. Policies.Concat(other.Policies).DistinctBy(policy => (policy.PolicyId, policy.Tag))], [.. Environments.Union(other.Environments)], IsProjectWide || other.IsProjectWide);
}

/// <summary>A state of a flag that is kept in rows of its own, such as a schedule: guarded as the flag's state in that environment.</summary>
public interface IGuardedState
{
    /// <summary>The project.</summary>
    Guid ProjectId { get; }

    /// <summary>The flag.</summary>
    Guid FlagId { get; }

    /// <summary>The environment.</summary>
    Guid EnvironmentId { get; }
}
