using Npgsql;

namespace Togglr.Store;

public sealed partial class AuditLog
{
    /// <summary>The newest entry of an action for each of several things, by their keys; things without one are left out.</summary>
    /// <param name="action">Entity and verb.</param>
    /// <param name="project">Key of the project.</param>
    /// <param name="environment">Key of the environment.</param>
    /// <param name="keys">Keys of the things.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyDictionary<string, AuditEntry>> ReadLatestAsync(
        string action, string project, string environment, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        using var command = database.CreateCommand(
            $"""
            SELECT DISTINCT ON (entity_key) {AuditChain.EntryColumns} FROM audit_entries
            WHERE organization_id = $1 AND entity = $2 AND entity_key = ANY($3) AND action = $4 AND project = $5 AND environment = $6
            ORDER BY entity_key, sequence DESC
            """);
        foreach (object value in new object[] { organizationId, action[..action.IndexOf('.', StringComparison.Ordinal)], keys.ToArray(), action, project, environment })
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        var entries = new List<AuditEntry>(keys.Count);
        await ReadAsync(command, organizationId, entries, cancellationToken).ConfigureAwait(false);
        return entries.ToDictionary(entry => entry.EntityKey, StringComparer.Ordinal);
    }
}
