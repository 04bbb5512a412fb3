using Togglr.Hosting.Health;
using Togglr.Store;

namespace Togglr.Server.Startup;

/// <summary>Whether the database answers and, on a control plane, has what a first start puts there.</summary>
internal sealed class DatabaseReadiness(TogglrDatabase database, FirstStartReport? firstStart = null) : IReadinessCheck
{
    public string Name => "database";

    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken) =>
        !await database.IsReachableAsync(cancellationToken) ? "the database does not answer"
        : firstStart is { IsDone: false } ? "the first start has not finished" : null;
}
