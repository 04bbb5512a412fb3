using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>
/// Brings a request up to date: what others changed since it was made is kept, also where a call sends a whole document. What both sides changed differently has to be decided by somebody. Approvals
/// stay only where it does exactly what was approved.
/// </summary>
internal static class RebaseChangeRequest
{
    public static async Task<Results<Versioned<ChangeRequestView>, Problem>> HandleAsync(
        int number, RebaseChangeRequestRequest request, Current current, TogglrDbContext db, Rehearse rehearse, TimeProvider time, CancellationToken cancel)
    {
        var (row, commands, refused) = await EditChangeRequest.OpenAsync(db, current, number, cancel);
        if (refused is not null)
            return refused;
        if (await EditChangeRequest.AuthorOfAsync(row, current, cancel) is not { } author)
            return Problem.Conflict("Whoever asked for this is not a member any more.", "author_gone");

        var collisions = new List<ProblemItem>();
        foreach (var command in commands)
        {
            if (request.Resolutions?.TryGetValue(command.Position, out var body) == true)
                command.Body = JsonSerializer.SerializeToUtf8Bytes(body, StrictJson.Options);
            else if (MergeBodies.Knows(command) && await MergeAsync(row, command, author, rehearse, cancel) is { } found)
                collisions.AddRange(found);
        }
        if (collisions.Count > 0)
            return Problem.Conflict("Both sides changed the same.", "rebase_conflict", collisions);
        if (await new EditChangeRequest(rehearse, db, current, time).ReviseAsync(row, commands, current.Caller, "rebased", cancel) is { } problem)
            return problem;
        return new Versioned<ChangeRequestView>(await ChangeRequestViews.AloneAsync(db, row, current, time, cancel), row.Version);
    }

    /// <summary>Takes over what others changed in the document of a call; what collides otherwise.</summary>
    private static async Task<IReadOnlyList<ProblemItem>?> MergeAsync(ChangeRequest row, ChangeCommand command, Caller author, Rehearse rehearse, CancellationToken cancel)
    {
        var peek = new ChangeCommand
        {
            Operation = command.Operation, Method = command.Method, Path = command.Path, Query = command.Query, ContentType = command.ContentType, Body = command.Body, Reason = command.Reason, Position = command.Position,
        };
        // Where it cannot be done any more, trying all of it says why.
        if ((await rehearse.RunAsync(row.OrganizationId, row.ProjectId, row.Id, author, [peek], cancel)).Failure is not null)
            return null;
        var (body, collisions) = MergeBodies.Run(command, peek.Before);
        if (body is null)
            return [.. collisions.Select(member => new ProblemItem("collision", $"/changes/{command.Position}{member}", $"{command.EntityKey}: both sides changed {member.TrimStart('/')}."))];
        command.Body = body;
        return null;
    }
}
