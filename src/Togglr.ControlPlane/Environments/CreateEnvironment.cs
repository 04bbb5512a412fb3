using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

internal static class CreateEnvironment
{
    /// <summary>Every flag has a state in every environment, so their number is limited.</summary>
    private const int Maximum = 50;

    public static async Task<Results<CreatedVersion<EnvironmentView>, Problem>> HandleAsync(
        CreateEnvironmentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var positions = await db.Environments.Where(row => row.ProjectId == current.Project.Id).Select(row => row.Position).ToListAsync(cancel);
        if (positions.Count >= Maximum)
            return Problem.Conflict($"A project has at most {Maximum} environments.");
        var created = ProjectEnvironment.Create(
            current.Project, request.Key, request.Name ?? request.Key, request.Color ?? "#868e96", request.Critical ?? false, positions.DefaultIfEmpty(-1).Max() + 1);
        if (!created.IsOk)
            return created.Error.ToProblem();
        var environment = created.Value;
        db.Environments.Add(environment);
        if (await current.SaveAsync("environment.created", environment.Key, environment.Id, request.Reason, cancel, environment.Key) is { } problem)
            return problem;
        return new CreatedVersion<EnvironmentView>(EnvironmentEndpoints.View(environment), environment.Version, environment.Key);
    }
}
