namespace Togglr.Hosting.Security;

/// <summary>A part of the system in which something can be granted.</summary>
public enum ScopeLevel
{
    /// <summary>The whole organization.</summary>
    Organization,

    /// <summary>One project.</summary>
    Project,

    /// <summary>One environment of a project.</summary>
    Environment,
}

/// <summary>What a permission is, for people.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Group">What it is about.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Scopes">Where having it has an effect; granted in a wider scope it holds in all narrower ones.</param>
public sealed record PermissionDescription(string Key, string Group, string Description, IReadOnlyList<ScopeLevel> Scopes);

/// <summary>All permissions with what people should know to choose.</summary>
public static class PermissionCatalogue
{
    private static readonly ScopeLevel[] Organization = [ScopeLevel.Organization];
    private static readonly ScopeLevel[] Project = [ScopeLevel.Organization, ScopeLevel.Project];
    private static readonly ScopeLevel[] Everywhere = [ScopeLevel.Organization, ScopeLevel.Project, ScopeLevel.Environment];

    /// <summary>In the order in which pages show them.</summary>
    public static IReadOnlyList<PermissionDescription> All { get; } =
    [
        new(Permissions.OrganizationView, "Organization", "See the organization and the names of its projects.", Organization),
        new(Permissions.OrganizationManage, "Organization", "Change the organization; create further ones.", Organization),
        new(Permissions.IdentityManage, "Organization", "Connect identity providers and decide how people must sign in.", Organization),
        new(Permissions.AuditView, "Organization", "Read the audit log.", Project),
        new(Permissions.NotificationManage, "Organization", "Decide where messages of what happens are sent, together with reading the audit log.", Project),
        new(Permissions.MembershipView, "People", "See who has access to what.", Everywhere),
        new(Permissions.MembershipManage, "People", "Invite people, and give and take roles that one has oneself.", Everywhere),
        new(Permissions.GroupManage, "People", "Create, change and delete groups, and put people into them.", Organization),
        new(Permissions.RoleManage, "People", "Create, change and delete roles.", Organization),
        new(Permissions.ServiceAccountManage, "People", "Create, change and delete service accounts and their tokens.", Organization),
        new(Permissions.ProjectView, "Projects", "See a project, its environments and whatever has no permission of its own.", Project),
        new(Permissions.ProjectCreate, "Projects", "Create projects.", Organization),
        new(Permissions.ProjectManage, "Projects", "Change and delete a project, its environments and its attributes.", Everywhere),
        new(Permissions.KeyManage, "Projects", "Issue and revoke SDK keys.", Everywhere),
        new(Permissions.FlagView, "Flags", "See flags and segments, evaluate them, read snapshots.", Project),
        new(Permissions.FlagToggle, "Flags", "Switch flags on and off, kill and revive them.", Everywhere),
        new(Permissions.FlagManage, "Flags", "Create, change, archive and delete flags, and configure their targeting.", Everywhere),
        new(Permissions.SegmentManage, "Flags", "Create, change and delete segments.", Project),
        new(Permissions.ScheduleManage, "Flags", "Create, change and delete schedules.", Everywhere),
        new(Permissions.ChangeApprove, "Flags", "Approve or reject change requests.", Everywhere),
        new(Permissions.ChangeBypass, "Flags", "Change guarded things without an approval; always recorded and announced.", Everywhere),
        new(Permissions.TagManage, "Flags", "Create, change and delete tags.", Project),
        new(Permissions.CategoryManage, "Flags", "Create, change and delete categories.", Project),
        new(Permissions.ExperimentManage, "Experiments", "Create, run and decide experiments; in a whole project also their metrics, layers and holdouts.", Everywhere),
    ];
}
