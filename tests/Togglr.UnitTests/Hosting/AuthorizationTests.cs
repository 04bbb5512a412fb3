using Togglr.Hosting.Security;

namespace Togglr.UnitTests.Hosting;

public sealed class AuthorizationTests
{
    private static readonly Guid Acme = Guid.CreateVersion7();
    private static readonly Guid Other = Guid.CreateVersion7();
    private static readonly Guid Shop = Guid.CreateVersion7();
    private static readonly Guid Blog = Guid.CreateVersion7();
    private static readonly Guid Prod = Guid.CreateVersion7();
    private static readonly Guid Dev = Guid.CreateVersion7();

    [Fact]
    public void A_grant_holds_in_its_scope_and_below_and_nowhere_else()
    {
        var caller = Somebody(Granted("member", new Scope(Acme, Shop)));
        Assert.Equal(Verdict.Allowed, Authorization.Authorize(caller, Permissions.FlagToggle, new Scope(Acme, Shop)));
        Assert.Equal(Verdict.Allowed, Authorization.Authorize(caller, Permissions.FlagToggle, new Scope(Acme, Shop, Prod)));
        Assert.Equal(Verdict.Invisible, Authorization.Authorize(caller, Permissions.FlagToggle, new Scope(Acme, Blog)));
        Assert.Equal(Verdict.Invisible, Authorization.Authorize(caller, Permissions.OrganizationView, new Scope(Other)));
        Assert.Equal(Verdict.Forbidden, Authorization.Authorize(caller, Permissions.ProjectCreate, new Scope(Acme)));
    }

    [Fact]
    public void Who_may_toggle_in_dev_sees_the_flags_of_the_project_but_toggles_nowhere_else()
    {
        var caller = Somebody(Granted("member", new Scope(Acme, Shop, Dev)));
        Assert.Equal(Verdict.Allowed, Authorization.Authorize(caller, Permissions.FlagToggle, new Scope(Acme, Shop, Dev)));
        Assert.Equal(Verdict.Forbidden, Authorization.Authorize(caller, Permissions.FlagToggle, new Scope(Acme, Shop, Prod)));
        Assert.Equal(Verdict.Allowed, Authorization.Authorize(caller, Permissions.FlagView, new Scope(Acme, Shop)));
        Assert.Equal(Verdict.Allowed, Authorization.Authorize(caller, Permissions.OrganizationView, new Scope(Acme)));
        Assert.Equal(Verdict.Forbidden, Authorization.Authorize(caller, Permissions.FlagManage, new Scope(Acme, Shop)));
        Assert.Equal(Verdict.Invisible, Authorization.Authorize(caller, Permissions.FlagView, new Scope(Acme, Blog)));
    }

    [Fact]
    public void Nobody_grants_what_they_do_not_have()
    {
        var manager = Somebody(Granted("manager", new Scope(Acme, Shop)));
        Assert.True(Authorization.MayConfer(manager, BuiltInRoles.PermissionsOf("manager"), new Scope(Acme, Shop, Prod)));
        Assert.True(Authorization.MayConfer(manager, BuiltInRoles.PermissionsOf("viewer"), new Scope(Acme, Shop)));
        Assert.False(Authorization.MayConfer(manager, BuiltInRoles.PermissionsOf("owner"), new Scope(Acme, Shop)));
        Assert.False(Authorization.MayConfer(manager, BuiltInRoles.PermissionsOf("viewer"), new Scope(Acme)));
        Assert.False(Authorization.MayConfer(manager, BuiltInRoles.PermissionsOf("viewer"), new Scope(Acme, Blog)));
        Assert.False(Authorization.MayConfer(Somebody(Granted("member", new Scope(Acme))), BuiltInRoles.PermissionsOf("viewer"), new Scope(Acme)));
    }

    [Fact]
    public void A_token_is_confined_to_where_and_what_both_it_and_its_owner_may()
    {
        var owner = Granted("owner", new Scope(Acme));
        var narrowed = Authorization.Narrow(owner, new Scope(Acme, Shop), new HashSet<string> { Permissions.FlagView, Permissions.FlagToggle })!;
        Assert.Equal(new Scope(Acme, Shop), narrowed.Scope);
        Assert.Equal([Permissions.FlagToggle, Permissions.FlagView], narrowed.Permissions.Order());

        var inDev = Authorization.Narrow(Granted("viewer", new Scope(Acme, Shop, Dev)), new Scope(Acme, Shop), new HashSet<string> { Permissions.FlagView, Permissions.FlagToggle })!;
        Assert.Equal(new Scope(Acme, Shop, Dev), inDev.Scope);
        Assert.Equal([Permissions.FlagView], inDev.Permissions);

        Assert.Null(Authorization.Narrow(Granted("owner", new Scope(Acme, Blog)), new Scope(Acme, Shop), null));
        Assert.Null(Authorization.Narrow(Granted("owner", new Scope(Other)), new Scope(Acme), null));
    }

    private static Grant Granted(string role, Scope scope) => new(scope, "acme", role, BuiltInRoles.PermissionsOf(role));

    private static Caller Somebody(params Grant[] grants) => new(CallerKind.User, Guid.CreateVersion7(), "Anna", "anna@example.com", [.. Authorization.WithSurroundings(grants)]);
}
