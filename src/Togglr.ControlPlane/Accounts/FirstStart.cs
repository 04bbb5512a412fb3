using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>The administrator that the first start made.</summary>
/// <param name="Email">To sign in with.</param>
/// <param name="TemporaryPassword">To be shown once and changed at the first sign-in; null for the demo's well-known one.</param>
public sealed record FirstAdministrator(string Email, string? TemporaryPassword);

/// <summary>Makes an empty installation usable.</summary>
public static class FirstStart
{
    /// <summary>The demo's administrator.</summary>
    public const string DemoEmail = "admin@togglr.dev";

    /// <summary>The password of the demo's administrator.</summary>
    public const string DemoPassword = "password543210";

    /// <summary>
    /// Creates the organization <c>default</c> and its administrator when there is no user yet. Null when there was somebody, also when another node was
    /// faster. The database must be migrated.
    /// </summary>
    public static async Task<FirstAdministrator?> EnsureAdministratorAsync(IServiceProvider services, string adminEmail, bool demo, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        if (await db.Users.AnyAsync(cancel))
            return null;
        var passwords = scope.ServiceProvider.GetRequiredService<Passwords>();
        var email = demo ? DemoEmail : adminEmail;
        var password = demo ? DemoPassword : Secrets.NewTemporaryPassword();
        var organization = Organization.Create("default", demo ? "Demo" : "Default").Value!;
        var user = User.Create(email, "Administrator");
        if (!user.IsOk)
            throw new InvalidOperationException($"{email} is not an e-mail address.");
        user.Value.SetPassword(passwords.Hash(password), mustChange: !demo);
        db.UseOrganization(organization.Id);
        db.Organizations.Add(organization);
        db.Users.Add(user.Value);
        db.Memberships.Add(Membership.Create(organization.Id, user.Value));
        db.RoleGrants.Add(RoleGrant.Create(organization.Id, new PrincipalId(PrincipalKind.User, user.Value.Id), GrantedRole.Of(BuiltInRole.Owner)));
        var committed = await db.CommitAsync(
            new Change(ChangeActor.System(), "organization.created", organization.Key) { EntityId = organization.Id, Reason = "First start" }, cancel);
        if (committed.IsOk)
            return new FirstAdministrator(email, demo ? null : password);
        return committed.Error.Code == ErrorCodes.AlreadyExists ? null : throw new InvalidOperationException(committed.Error.Message);
    }
}
