using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using Togglr.ControlPlane.Ramps;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>What all nodes have counted for a ramp's flag, a second ago at most; with public keys only where the settings want them counted.</summary>
internal sealed class StoredRampCounts(IServiceScopeFactory scopes, TogglrDatabase database) : IRampGuard
{
    public async Task<RampSample> ReadAsync(Ramp ramp, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(ramp.OrganizationId);
        var settings = await EffectiveHealthTerms.ReadAsync(db, ramp.ProjectId, cancel);
        var (terms, _, _) = settings.Of(ramp.EnvironmentId, ramp.FlagId, []);
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT coalesce(sum(e) FILTER (WHERE variant = $3), 0)::bigint, coalesce(sum(f) FILTER (WHERE variant = $3), 0)::bigint,
                coalesce(sum(e) FILTER (WHERE variant NOT IN ($3, '')), 0)::bigint, coalesce(sum(f) FILTER (WHERE variant NOT IN ($3, '')), 0)::bigint
            FROM (SELECT variant, evaluations + CASE WHEN $4 THEN client_evaluations ELSE 0 END AS e, errors + CASE WHEN $4 THEN client_errors ELSE 0 END AS f
                FROM health_totals WHERE flag_id = $1 AND environment_id = $2) t
            """);
        Add(command, NpgsqlDbType.Uuid, ramp.FlagId);
        Add(command, NpgsqlDbType.Uuid, ramp.EnvironmentId);
        Add(command, NpgsqlDbType.Text, ramp.ToVariant);
        Add(command, NpgsqlDbType.Boolean, terms.CountClients);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new RampSample(new RampCounts(reader.GetInt64(0), reader.GetInt64(1)), new RampCounts(reader.GetInt64(2), reader.GetInt64(3)));
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}
