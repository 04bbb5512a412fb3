namespace Togglr.Store;

/// <summary>By what right a commit may touch what is guarded.</summary>
public enum AuthorityKind
{
    /// <summary>By none but the actor's own: guarded things are refused with <c>approval_required</c>.</summary>
    Direct,

    /// <summary>The kill switch: it only ever takes something away, and cannot wait. Refused with <c>approval_required</c> for anything else.</summary>
    Emergency,

    /// <summary>A change request that was approved. Only inside the transaction that applies it.</summary>
    Approved,

    /// <summary>Somebody may go past approvals, and did.</summary>
    Bypass,

    /// <summary>Work that was approved when it was made, such as a schedule that is due.</summary>
    Scheduled,
}

/// <summary>How a commit relates to guarding; told in its audit entries.</summary>
/// <param name="Kind">By what right.</param>
/// <param name="RequestId">The change request that was approved; with <see cref="AuthorityKind.Approved"/>, and where known with <see cref="AuthorityKind.Scheduled"/>.</param>
public sealed record Authority(AuthorityKind Kind, Guid? RequestId = null)
{
    /// <summary>The actor's own right: what every commit has unless it says otherwise.</summary>
    public static Authority Direct { get; } = new(AuthorityKind.Direct);

    /// <summary>The kill switch, pulled by a person or by the watch over errors.</summary>
    public static Authority Emergency { get; } = new(AuthorityKind.Emergency);

    /// <summary>Past approvals, by somebody who may. Whoever uses it has asked whether the actor may.</summary>
    public static Authority Bypass { get; } = new(AuthorityKind.Bypass);

    /// <summary>What was approved when it was made.</summary>
    /// <param name="requestId">The change request by which, where there was one.</param>
    public static Authority Scheduled(Guid? requestId = null) => new(AuthorityKind.Scheduled, requestId);

    /// <summary>An approved change request.</summary>
    /// <param name="requestId">Which.</param>
    public static Authority Approved(Guid requestId) => new(AuthorityKind.Approved, requestId);

    /// <summary>As the audit log writes it; null for <see cref="Direct"/>.</summary>
    internal string? Name => Kind == AuthorityKind.Direct ? null : EnumText.Of(Kind);
}
