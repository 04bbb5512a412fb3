namespace Togglr.Hosting.Security;

/// <summary>The permission keys. Roles are sets of these, endpoints declare one of these.</summary>
public static class Permissions
{
    /// <summary>See an organization: its name and its projects' names.</summary>
    public const string OrganizationView = "organization.view";

    /// <summary>Change an organization.</summary>
    public const string OrganizationManage = "organization.manage";

    /// <summary>See a project, its environments, and everything in it that has no permission of its own.</summary>
    public const string ProjectView = "project.view";

    /// <summary>Change or delete a project and its environments and attributes.</summary>
    public const string ProjectManage = "project.manage";

    /// <summary>Create projects.</summary>
    public const string ProjectCreate = "project.create";

    /// <summary>See SDK keys (never their secrets), issue and revoke them.</summary>
    public const string KeyManage = "key.manage";

    /// <summary>See flags and segments, evaluate them, read snapshots.</summary>
    public const string FlagView = "flag.view";

    /// <summary>Switch flags on and off, kill and revive them.</summary>
    public const string FlagToggle = "flag.toggle";

    /// <summary>Create, change, archive and delete flags and their targeting.</summary>
    public const string FlagManage = "flag.manage";

    /// <summary>Create, change and delete segments.</summary>
    public const string SegmentManage = "segment.manage";

    /// <summary>Create, change and delete schedules.</summary>
    public const string ScheduleManage = "schedule.manage";

    /// <summary>Create, change and delete tags.</summary>
    public const string TagManage = "tag.manage";

    /// <summary>Create, change and delete categories.</summary>
    public const string CategoryManage = "category.manage";

    /// <summary>Read the audit log.</summary>
    public const string AuditView = "audit.view";

    /// <summary>See who is a member.</summary>
    public const string MembershipView = "membership.view";

    /// <summary>Invite, change and remove members.</summary>
    public const string MembershipManage = "membership.manage";

    /// <summary>Create, run and decide experiments.</summary>
    public const string ExperimentManage = "experiment.manage";

    /// <summary>Approve or reject change requests.</summary>
    public const string ChangeApprove = "change.approve";

    /// <summary>Change guarded things without an approval, which is always recorded and announced.</summary>
    public const string ChangeBypass = "change.bypass";

    /// <summary>Create, change and delete groups, and put people into them.</summary>
    public const string GroupManage = "group.manage";

    /// <summary>Create, change and delete roles.</summary>
    public const string RoleManage = "role.manage";

    /// <summary>Create, change and delete service accounts and their tokens.</summary>
    public const string ServiceAccountManage = "serviceaccount.manage";

    /// <summary>Connect identity providers and decide how people must sign in.</summary>
    public const string IdentityManage = "identity.manage";

    /// <summary>Decide where messages of what happens are sent, see what was sent, and send it again.</summary>
    public const string NotificationManage = "notification.manage";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        OrganizationView, OrganizationManage, ProjectView, ProjectManage, ProjectCreate, KeyManage, FlagView, FlagToggle, FlagManage,
        SegmentManage, ScheduleManage, TagManage, CategoryManage, AuditView, MembershipView, MembershipManage, ExperimentManage, ChangeApprove,
        ChangeBypass, GroupManage, RoleManage, ServiceAccountManage, IdentityManage, NotificationManage,
    ];
}

/// <summary>The roles that every organization has.</summary>
public static class BuiltInRoles
{
    private static readonly IReadOnlySet<string> Viewer = Set(
        Permissions.OrganizationView, Permissions.ProjectView, Permissions.FlagView, Permissions.MembershipView);

    private static readonly IReadOnlySet<string> Member = Set(
        [.. Viewer, Permissions.FlagToggle, Permissions.FlagManage, Permissions.SegmentManage, Permissions.ScheduleManage, Permissions.TagManage,
            Permissions.CategoryManage, Permissions.AuditView, Permissions.ExperimentManage]);

    private static readonly IReadOnlySet<string> Manager = Set(
        [.. Member, Permissions.ProjectManage, Permissions.ProjectCreate, Permissions.KeyManage, Permissions.MembershipManage, Permissions.ChangeApprove,
            Permissions.GroupManage, Permissions.ServiceAccountManage, Permissions.NotificationManage]);

    private static readonly IReadOnlySet<string> Owner = Set([.. Permissions.All]);

    private static readonly IReadOnlySet<string> None = Set();

    /// <summary>What a role may do; nothing for a name that is not <c>owner</c>, <c>manager</c>, <c>member</c> or <c>viewer</c>.</summary>
    public static IReadOnlySet<string> PermissionsOf(string role) => role switch
    {
        "owner" => Owner,
        "manager" => Manager,
        "member" => Member,
        "viewer" => Viewer,
        _ => None,
    };

    private static HashSet<string> Set(params string[] permissions) => new(permissions, StringComparer.Ordinal);
}
