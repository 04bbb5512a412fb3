using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Somebody whom comments can mention.</summary>
/// <param name="Id">Their id.</param>
/// <param name="Name">Their name.</param>
/// <param name="Email">Their address, for those who may see the members; else null.</param>
public sealed record MentionableView(Guid Id, string Name, string? Email);

/// <summary>People whom comments can mention.</summary>
/// <param name="Items">By name; 10 at most.</param>
public sealed record MentionableListView(IReadOnlyList<MentionableView> Items);

/// <summary>Finds people who may see the change requests of a project: nobody else is told of what is said there.</summary>
internal sealed class ProjectPeople(TogglrDbContext db, GrantReader grants)
{
    /// <summary>People whom one comment can mention.</summary>
    public const int MostMentioned = 20;

    private const int Shown = 10;
    private const int Chunk = 200;
    private const int MostLookedAt = 2000;

    public static async Task<Results<Ok<MentionableListView>, Problem>> ListAsync(string? search, Current current, ProjectPeople people, CancellationToken cancel) =>
        TypedResults.Ok(new MentionableListView(await people.SearchAsync(current, search, cancel)));

    /// <summary>Those among some people who may see the project.</summary>
    public async Task<List<MentionableView>> AmongAsync(Current current, IReadOnlyCollection<Guid> ids, CancellationToken cancel) =>
        await SeeingAsync(current, await Members().Where(row => ids.Contains(row.UserId)).Select(row => new MentionableView(row.UserId, row.User!.Name, row.User.Email)).ToListAsync(cancel), cancel);

    private async Task<List<MentionableView>> SearchAsync(Current current, string? search, CancellationToken cancel)
    {
        var query = Members();
        query = query.Search(search, row => row.User!.Name);
        var found = new List<MentionableView>();
        for (var skipped = 0; skipped < MostLookedAt && found.Count < Shown; skipped += Chunk)
        {
            var some = await query.OrderBy(row => row.User!.Name).ThenBy(row => row.UserId).Skip(skipped).Take(Chunk)
                .Select(row => new MentionableView(row.UserId, row.User!.Name, row.User.Email)).ToListAsync(cancel);
            found.AddRange(await SeeingAsync(current, some, cancel));
            if (some.Count < Chunk)
                break;
        }

        var seesMembers = current.May(Permissions.MembershipView, current.Project.Id);
        return [.. found.Take(Shown).Select(person => seesMembers ? person : person with { Email = null })];
    }

    private IQueryable<Membership> Members() => db.Memberships.AsNoTracking().Where(row => row.DisabledAt == null && row.User!.DisabledAt == null);

    private async Task<List<MentionableView>> SeeingAsync(Current current, List<MentionableView> people, CancellationToken cancel)
    {
        if (people.Count == 0)
            return people;
        var organization = await db.Organizations.AsNoTracking().SingleAsync(row => row.Id == current.OrganizationId, cancel);
        await grants.ReadManyAsync(db, [.. people.Select(person => person.Id)], organization.Id, organization.Key, organization.AccessVersion, cancel);
        var scope = new Scope(organization.Id, current.Project.Id);
        var seeing = new List<MentionableView>();
        foreach (var person in people)
        {
            var held = await grants.ReadAsync(db, new PrincipalId(PrincipalKind.User, person.Id), organization.Id, organization.Key, organization.AccessVersion, cancel);
            if (Authorization.Authorize(new Caller(CallerKind.User, person.Id, "", "", held), Permissions.FlagView, scope) == Verdict.Allowed)
                seeing.Add(person);
        }

        return seeing;
    }
}
