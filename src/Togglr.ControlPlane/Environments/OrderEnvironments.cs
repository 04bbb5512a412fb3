using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

internal static class OrderEnvironments
{
    public static async Task<Results<Ok<Page<EnvironmentView>>, Problem>> HandleAsync(
        OrderEnvironmentsRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var environments = await db.Environments.Where(row => row.ProjectId == current.Project.Id).ToListAsync(cancel);
        var places = request.Keys.Select((key, place) => (key, place)).ToLookup(pair => pair.key, pair => pair.place, StringComparer.Ordinal);
        if (request.Keys.Count != environments.Count || !environments.TrueForAll(environment => places[environment.Key].Any()))
            return Problem.Invalid(new ProblemItem("incomplete", "/keys", "Name all environments of the project, each once."));
        foreach (var environment in environments)
            environment.MoveTo(places[environment.Key].First());
        if (await current.SaveAsync("environment.reordered", current.Project.Key, current.Project.Id, request.Reason, cancel) is { } problem)
            return problem;
        return TypedResults.Ok(new Page<EnvironmentView>(
            [.. environments.OrderBy(environment => environment.Position).Select(EnvironmentEndpoints.View)], NextCursor: null, environments.Count));
    }
}
