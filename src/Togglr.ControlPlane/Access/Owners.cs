using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>Who may answer for something.</summary>
internal static class Owners
{
    /// <summary>What is wrong with an owner; null for a member of the organization, and for none.</summary>
    public static async Task<Problem?> FaultAsync(TogglrDbContext db, Guid? owner, CancellationToken cancel) =>
        owner is { } id && !await db.Memberships.AnyAsync(row => row.UserId == id, cancel)
            ? Problem.Invalid(new ProblemItem("unknown_person", "/owner", "The owner is not a member of the organization.")) : null;
}
