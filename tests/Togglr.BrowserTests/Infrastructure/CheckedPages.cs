namespace Togglr.BrowserTests.Infrastructure;

/// <summary>An address of every route of the router, in the parts in which they are checked. One that begins with or holds a <c>*</c> stands for something that must be made first.</summary>
internal static class CheckedPages
{
    private const string Shop = "/p/default/shop";

    /// <summary>Open to everybody.</summary>
    public static readonly Dictionary<string, string[]> Entrance = new(StringComparer.Ordinal)
    {
        ["/login"] = ["/login", "/login?error=deactivated&requestId=r1"],
        ["/signed-in"] = ["/signed-in"],
        ["/forgot-password"] = ["/forgot-password"],
        ["/reset-password/$token"] = ["/reset-password/none"],
        ["/invitations/$token"] = ["/invitations/none", "*invitation"],
    };

    /// <summary>Of whoever is signed in.</summary>
    public static readonly Dictionary<string, string[]> Account = new(StringComparer.Ordinal)
    {
        ["/"] = ["/?org=default"],
        ["/account"] = ["/account"],
        ["/account/password"] = ["/account/password"],
        ["/account/two-factor"] = ["/account/two-factor"],
        ["/account/sessions"] = ["/account/sessions"],
        ["/account/tokens"] = ["/account/tokens"],
        ["/account/notifications"] = ["/account/notifications"],
        ["/inbox"] = ["/inbox"],
        ["/password"] = ["/password"],
        ["/requirement/$org"] = ["/requirement/default"],
    };

    /// <summary>In a project.</summary>
    public static readonly Dictionary<string, string[]> Project = new(StringComparer.Ordinal)
    {
        ["/p/$org/$project"] = [Shop],
        ["/p/$org/$project/connect"] = [$"{Shop}/connect"],
        ["/p/$org/$project/flags"] = [$"{Shop}/flags", $"{Shop}/flags?search=nothing-is-called-so"],
        ["/p/$org/$project/flags/$flag"] =
        [
            $"{Shop}/flags/new-checkout", $"{Shop}/flags/new-checkout?tab=variants", $"{Shop}/flags/new-checkout?tab=history", $"{Shop}/flags/new-checkout?tab=code",
            $"{Shop}/flags/new-checkout?tab=settings", $"{Shop}/flags/new-checkout?tab=usage", $"{Shop}/flags/dark-mode?tab=health&env=dev", $"{Shop}/flags/new-checkout?tab=schedules", $"{Shop}/flags/dark-mode?tab=schedules&env=dev", $"{Shop}/flags/dark-mode?tab=bandit&env=dev", $"{Shop}/flags/there-is-no-such-flag",
        ],
        ["/p/$org/$project/segments"] = [$"{Shop}/segments"],
        ["/p/$org/$project/segments/$segment"] = ["*segment"],
        ["/p/$org/$project/evaluate"] = [$"{Shop}/evaluate"],
        ["/p/$org/$project/environments"] = [$"{Shop}/environments"],
        ["/p/$org/$project/environments/compare"] = [$"{Shop}/environments/compare"],
        ["/p/$org/$project/health"] = [$"{Shop}/health", $"{Shop}/health?view=incidents", $"{Shop}/health?view=report", $"{Shop}/health?view=settings"],
        ["/p/$org/$project/analytics"] = [$"{Shop}/analytics", $"{Shop}/analytics?view=unknown", $"{Shop}/analytics?view=attributes"],
        ["/p/$org/$project/events"] = [$"{Shop}/events", $"{Shop}/events?view=refused"],
        ["/p/$org/$project/incidents/$number"] = ["*incident"],
        ["/p/$org/$project/experiments"] = [$"{Shop}/experiments", $"{Shop}/experiments?search=nothing-is-called-so"],
        ["/p/$org/$project/experiments/$experiment"] = ["*experiment"],
        ["/p/$org/$project/experiments/$experiment/design"] = ["*design"],
        ["/p/$org/$project/metrics"] = [$"{Shop}/metrics"],
        ["/p/$org/$project/layers"] = [$"{Shop}/layers"],
        ["/p/$org/$project/schedules"] = [$"{Shop}/schedules", $"{Shop}/schedules?range=month&in=dev"],
        ["/p/$org/$project/changes"] = [$"{Shop}/changes", $"{Shop}/changes?which=all"],
        ["/p/$org/$project/changes/policies"] = [$"{Shop}/changes/policies"],
        ["/p/$org/$project/changes/$number"] = ["*change", $"{Shop}/changes/999999"],
        ["/p/$org/$project/audit"] = [$"{Shop}/audit"],
        ["/p/$org/$project/settings"] = [$"{Shop}/settings"],
        ["/p/$org/$project/settings/attributes"] = [$"{Shop}/settings/attributes"],
        ["/p/$org/$project/settings/tags"] = [$"{Shop}/settings/tags"],
        ["/p/$org/$project/settings/categories"] = [$"{Shop}/settings/categories"],
        ["/p/$org/$project/settings/notifications"] = [$"{Shop}/settings/notifications"],
    };

    /// <summary>The administration of an organization.</summary>
    public static readonly Dictionary<string, string[]> Organization = new(StringComparer.Ordinal)
    {
        ["/o/$org"] = ["/o/default"],
        ["/o/$org/members"] = ["/o/default/members", "/o/default/members?tab=invitations"],
        ["/o/$org/members/$id"] = ["*member"],
        ["/o/$org/groups"] = ["/o/default/groups"],
        ["/o/$org/groups/$group"] = ["/o/default/groups/*group"],
        ["/o/$org/roles"] = ["/o/default/roles"],
        ["/o/$org/roles/$role"] = ["/o/default/roles/owner", "/o/default/roles/*role"],
        ["/o/$org/service-accounts"] = ["/o/default/service-accounts"],
        ["/o/$org/service-accounts/$id"] = ["*account"],
        ["/o/$org/sign-in"] = ["/o/default/sign-in"],
        ["/o/$org/sign-in/$provider"] = ["*provider"],
        ["/o/$org/sign-in/create/$kind"] = ["/o/default/sign-in/create/oidc", "/o/default/sign-in/create/saml", "/o/default/sign-in/create/ldap", "/o/default/sign-in/create/scim"],
        ["/o/$org/security"] = ["/o/default/security"],
        ["/o/$org/notifications"] = ["/o/default/notifications"],
        ["/o/$org/system"] = ["/o/default/system"],
        ["/o/$org/general"] = ["/o/default/general"],
        ["/o/$org/audit"] = ["/o/default/audit"],
    };
}
