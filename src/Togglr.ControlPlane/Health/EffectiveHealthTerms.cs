using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>From where settings are.</summary>
public enum HealthSettingsSource
{
    /// <summary>Nobody said anything.</summary>
    BuiltIn,

    /// <summary>The project.</summary>
    Project,

    /// <summary>The environment.</summary>
    Environment,

    /// <summary>The flag in the environment.</summary>
    Flag,
}

/// <summary>The settings of a project: the nearest ones hold.</summary>
internal sealed class EffectiveHealthTerms(IReadOnlyList<HealthSettings> rows)
{
    /// <summary>The tag of flags that are switched off when they fail, whatever the settings of their environment and project say is done.</summary>
    public const string SafetyTag = "auto-disable";

    private readonly Dictionary<(Guid? Environment, Guid? Flag), HealthSettings> _rows = rows.ToDictionary(row => (row.EnvironmentId, row.FlagId));

    /// <summary>The longest window of all.</summary>
    public int LongestWindow => rows.Select(row => row.WindowSeconds).Append(HealthTerms.Default.WindowSeconds).Max();

    public static async Task<EffectiveHealthTerms> ReadAsync(TogglrDbContext db, Guid project, CancellationToken cancel) =>
        new(await db.HealthSettings.AsNoTracking().Where(row => row.ProjectId == project).ToListAsync(cancel));

    /// <summary>Those that hold for a flag.</summary>
    public (HealthTerms Terms, HealthSettingsSource Source, HealthSettings? Row) Of(Guid environment, Guid? flag, IReadOnlyList<string> tags)
    {
        if (flag is not null && _rows.TryGetValue((environment, flag), out var own))
            return (own.Terms, HealthSettingsSource.Flag, own);
        var (terms, source, row) = _rows.TryGetValue((environment, null), out var near) ? (near.Terms, HealthSettingsSource.Environment, near)
            : _rows.TryGetValue((null, null), out var far) ? (far.Terms, HealthSettingsSource.Project, far)
            : (HealthTerms.Default, HealthSettingsSource.BuiltIn, (HealthSettings?)null);
        return (tags.Contains(SafetyTag, StringComparer.Ordinal) ? terms with { Action = HealthAction.Disable } : terms, source, row);
    }
}
