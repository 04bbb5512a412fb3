using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Reach;

/// <summary>How far a change has come.</summary>
/// <param name="Revision">The revision of the environment that it made.</param>
/// <param name="CommittedAt">When.</param>
/// <param name="Edges">Edges that have it and told.</param>
/// <param name="SilentEdges">Edges that are there and have not told yet.</param>
/// <param name="Total">Streaming connections that were open when the edges got it.</param>
/// <param name="Reached">Those to which all of it was handed.</param>
/// <param name="Gone">Those that ended before; they get it when they come back.</param>
/// <param name="Slow">Those that are open and do not have it yet.</param>
/// <param name="Milliseconds">From the commit until the last of the reached had it, or the last edge itself where no connection is open; null before anything is known.</param>
/// <param name="PollingClients">Clients that ask again and again instead of listening.</param>
/// <param name="PollSeconds">Within how many seconds they ask.</param>
/// <param name="IsComplete">Whether all edges told and no connection is missing.</param>
public sealed record RevisionReachView(
    long Revision, DateTimeOffset CommittedAt, int Edges, int SilentEdges, int Total, int Reached, int Gone, int Slow, int? Milliseconds, int PollingClients, int PollSeconds, bool IsComplete);

/// <summary>Tells how far a change has come in the applications.</summary>
internal static class GetReach
{
    public static void MapReach(this IEndpointRouteBuilder project) =>
        project.MapGet("/flags/{flag}/environments/{env}/propagation", HandleAsync).WithName("getPropagation").WithTags("Flags")
            .WithSummary("How far the last change of a flag, or a revision, has come").RequirePermission(Permissions.FlagView);

    private static async Task<Results<Ok<RevisionReachView>, Problem>> HandleAsync(
        string flag, [FromQuery(Name = "revision"), Description("A revision of the environment; the last one that changed the flag if absent")] long? revision,
        Current current, [FromServices] RevisionReachStore store, CancellationToken cancel)
    {
        if (await store.ReadAsync(current.Environment.Id, flag, revision, cancel) is not { } reach)
            return Problem.NotFound(revision is null ? $"There is no flag {flag}." : $"There is no revision {revision}.");
        var (total, reached, gone) = (reach.Edges.Sum(static row => row.Total), reach.Edges.Sum(static row => row.Reached), reach.Edges.Sum(static row => row.Gone));
        return TypedResults.Ok(new RevisionReachView(
            reach.Revision, reach.CommittedAt, reach.Edges.Count, reach.Silent, total, reached, gone, total - reached - gone,
            reach.Edges.Count == 0 ? null : reach.Edges.Max(static row => row.Milliseconds), reach.Edges.Sum(static row => row.Polling), reach.Edges.Select(static row => row.PollSeconds).DefaultIfEmpty().Max(),
            reach.Edges.Count > 0 && reach.Silent == 0 && reached + gone == total));
    }
}
