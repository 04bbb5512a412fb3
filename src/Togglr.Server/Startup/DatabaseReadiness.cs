using Togglr.Hosting.Health;
using Togglr.Store;

namespace Togglr.Server.Startup;

/// <summary>Whether the database answers.</summary>
internal sealed class DatabaseReadiness(TogglrDatabase database) : IReadinessCheck
{
    public string Name => "database";

    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken) =>
        await database.IsReachableAsync(cancellationToken) ? null : "the database does not answer";
}
