using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Inbox;

/// <summary>What people want to hear of besides what concerns them.</summary>
internal static class WatchProject
{
    private const int Most = 500;

    public static async Task<Ok<WatchView>> GetAsync(Current current, TogglrDbContext db, CancellationToken cancel) => TypedResults.Ok(await ReadAsync(current, db, cancel));

    public static async Task<Results<Ok<WatchView>, Problem>> PutAsync(PutWatchRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (current.Caller.Kind != CallerKind.User)
            return Problem.Forbidden("Only people have an inbox.", "people_only");
        Guid? flag = null;
        if (request.Flag is { } key)
        {
            flag = KeyFormat.IsFlagKey(key) ? await db.Flags.Where(row => row.ProjectId == current.Project.Id && row.Key == key).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancel) : null;
            if (flag is null)
                return Problem.Invalid(new ProblemItem("unknown_flag", "/flag", "There is no such flag."));
        }
        var mine = db.Watches.Where(row => row.UserId == current.Caller.Id && row.ProjectId == current.Project.Id);
        if (!request.Watching)
        {
            await mine.Where(row => row.FlagId == flag).ExecuteDeleteAsync(cancel);
        }
        else
        {
            if (await mine.CountAsync(cancel) >= Most)
                return Problem.Conflict($"You watch {Most} flags here already.", "too_many");
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO watches (id, organization_id, user_id, project_id, flag_id, created_at) VALUES ({Guid.CreateVersion7()}, {current.OrganizationId}, {current.Caller.Id}, {current.Project.Id}, {flag}::uuid, {db.Now})
                ON CONFLICT DO NOTHING
                """, cancel);
        }
        return TypedResults.Ok(await ReadAsync(current, db, cancel));
    }

    private static async Task<WatchView> ReadAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var rows = await db.Watches.AsNoTracking().Where(row => row.UserId == current.Caller.Id && row.ProjectId == current.Project.Id)
            .Select(row => db.Flags.Where(flag => flag.Id == row.FlagId).Select(flag => flag.Key).FirstOrDefault()).ToListAsync(cancel);
        return new WatchView(rows.Contains(null), [.. rows.OfType<string>().Order(StringComparer.Ordinal)]);
    }
}
