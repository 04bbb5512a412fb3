using Microsoft.Extensions.DependencyInjection;
using Togglr.Store;

namespace Togglr.ControlPlane.Background;

/// <summary>What workers wait for before they begin.</summary>
internal static class StartedDatabase
{
    /// <summary>The database as soon as it is there; null where there is none because the API is only described.</summary>
    /// <exception cref="StoreStartException">It will never be there.</exception>
    public static async Task<TogglrDatabase?> WaitForDatabaseAsync(this IServiceProvider services, CancellationToken cancel)
    {
        if (services.GetService<StoreOptions>() is null)
            return null;
        var database = services.GetRequiredService<TogglrDatabase>();
        await database.Started.WaitAsync(cancel);
        return database;
    }
}
