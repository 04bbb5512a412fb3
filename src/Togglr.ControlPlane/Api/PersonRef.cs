using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.Api;

/// <summary>A person, as others see them.</summary>
/// <param name="Id">The person's id.</param>
/// <param name="Name">Their name.</param>
/// <param name="Email">Their address.</param>
public sealed record PersonRef(Guid Id, string Name, string? Email);

/// <summary>The people that a set of views mentions, read at once.</summary>
internal sealed class People(IReadOnlyDictionary<Guid, PersonRef> people)
{
    public PersonRef? this[Guid? id] => id is { } known ? people.GetValueOrDefault(known) : null;

    public static async Task<People> ReadAsync(TogglrDbContext db, IEnumerable<Guid?> ids, CancellationToken cancel)
    {
        var wanted = ids.Where(id => id is not null).Select(id => id!.Value).Distinct().ToArray();
        if (wanted.Length == 0)
            return new People(new Dictionary<Guid, PersonRef>());
        var found = await db.Users.AsNoTracking().Where(user => wanted.Contains(user.Id))
            .Select(user => new PersonRef(user.Id, user.Name, user.Email)).ToListAsync(cancel);
        return new People(found.ToDictionary(person => person.Id));
    }
}
