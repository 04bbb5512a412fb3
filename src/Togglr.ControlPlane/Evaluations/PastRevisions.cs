using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Evaluations;

/// <summary>Finds the revision that somebody means by a number or a time.</summary>
internal sealed class PastRevisions(SnapshotReader reader)
{
    public static Problem NotThere(long revision) => Problem.NotFound($"There is no revision {revision}.");

    public async Task<(long Revision, Problem? Problem)> ResolveAsync(ProjectEnvironment environment, long? revision, DateTimeOffset? at, CancellationToken cancel)
    {
        if (revision is { } number)
            return number >= 1 && number <= environment.Revision ? (number, null) : (0, NotThere(number));
        if (at is not { } time)
            return (environment.Revision, null);
        return await reader.RevisionAtAsync(environment.Id, time.ToUniversalTime(), cancel) is { } found
            ? (found, null)
            : (0, Problem.NotFound("The environment did not exist at that time."));
    }
}
