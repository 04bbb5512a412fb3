using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>Puts together what is known about flags.</summary>
internal sealed class HealthBoard(HealthWindows windows, TogglrDatabase database)
{
    private const int MostShown = 500;

    /// <summary>Flags of some environments of a project, the worst first.</summary>
    public async Task<HealthBoardView> ReadAsync(TogglrDbContext db, Guid project, IReadOnlyList<ProjectEnvironment> places, CancellationToken cancel)
    {
        Guid[] environments = [.. places.Select(place => place.Id)];
        var settings = await EffectiveHealthTerms.ReadAsync(db, project, cancel);
        var rows = (await db.FlagHealth.AsNoTracking().Where(row => environments.Contains(row.EnvironmentId)).ToListAsync(cancel)).ToDictionary(row => new HealthPlace(row.FlagId, row.EnvironmentId));
        var (counted, lastErrors) = await ReadTotalsAsync(environments, cancel);
        List<HealthPlace> shown = [.. rows.Values.Where(row => row.State != HealthState.Healthy).Select(row => new HealthPlace(row.FlagId, row.EnvironmentId)).Union(lastErrors.Keys).Take(MostShown)];
        Guid[] flags = [.. shown.Select(place => place.FlagId).Distinct()];
        var recent = shown.Where(place => rows.TryGetValue(place, out var row) && row.State != HealthState.Healthy).Select(place => place.FlagId).ToHashSet();
        foreach (var environment in environments)
            recent.UnionWith(await windows.FlagsWithErrorsAsync(environment, settings.LongestWindow, cancel));
        var (now, slots) = await windows.ReadAsync(environments, [.. recent], Math.Max(settings.LongestWindow, HealthJudge.Horizon), cancel);
        var states = await db.FlagEnvironments.AsNoTracking().Include(row => row.Flag).Where(row => environments.Contains(row.EnvironmentId) && flags.Contains(row.FlagId)).ToListAsync(cancel);
        var incidents = await IncidentNumbersAsync(db, project, cancel);
        List<HealthRowView> items = [];
        var known = shown.ToHashSet();
        foreach (var state in states.Where(state => known.Contains(new HealthPlace(state.FlagId, state.EnvironmentId)) && state.Flag!.ArchivedAt is null))
        {
            var place = new HealthPlace(state.FlagId, state.EnvironmentId);
            var (terms, _, _) = settings.Of(state.EnvironmentId, state.FlagId, state.Flag!.Tags);
            var row = rows.GetValueOrDefault(place);
            var worst = Worst(Judge(slots, place, terms, row, now));
            items.Add(new HealthRowView(
                state.Flag.Key, state.Flag.Name, state.EnvironmentKey, row?.State ?? HealthState.Healthy, row?.Since, state is { Enabled: true, Killed: false }, worst.Evaluations, worst.Errors, worst.Rate,
                terms.WindowSeconds, terms.MaxErrorRate, terms.MaxErrors, terms.Action, row?.IncidentId is { } id && incidents.TryGetValue(id, out var number) ? number : null,
                lastErrors.TryGetValue(place, out var last) ? last : null));
        }

        return new HealthBoardView(
            now,
            [.. items.OrderByDescending(item => Trouble(item.State)).ThenByDescending(item => item.ErrorRate / (item.MaxErrorRate ?? 1)).ThenByDescending(item => item.LastErrorAt).ThenBy(item => item.Flag, StringComparer.Ordinal)],
            counted, lastErrors.Count > 0, incidents.Count);
    }

    /// <summary>A flag everywhere.</summary>
    public async Task<IReadOnlyList<FlagHealthView>> ReadFlagAsync(TogglrDbContext db, Flag flag, CancellationToken cancel)
    {
        var settings = await EffectiveHealthTerms.ReadAsync(db, flag.ProjectId, cancel);
        var places = await db.Environments.AsNoTracking().Where(row => row.ProjectId == flag.ProjectId).OrderBy(row => row.Position).ToListAsync(cancel);
        var rows = (await db.FlagHealth.AsNoTracking().Where(row => row.FlagId == flag.Id).ToListAsync(cancel)).ToDictionary(row => row.EnvironmentId);
        var (now, slots) = await windows.ReadAsync([.. places.Select(place => place.Id)], [flag.Id], Math.Max(settings.LongestWindow, HealthJudge.Horizon), cancel);
        var incidents = await IncidentNumbersAsync(db, flag.ProjectId, cancel);
        var views = new List<FlagHealthView>();
        foreach (var place in places)
        {
            if (flag.Environments.FirstOrDefault(state => state.EnvironmentId == place.Id) is not { } state)
                continue;
            var (terms, source, own) = settings.Of(place.Id, flag.Id, flag.Tags);
            var row = rows.GetValueOrDefault(place.Id);
            var verdict = Judge(slots, new HealthPlace(flag.Id, place.Id), terms, row, now);
            views.Add(new FlagHealthView(
                place.Key, row?.State ?? HealthState.Healthy, row?.Since, state is { Enabled: true, Killed: false }, View(verdict.Whole), [.. verdict.Variants.Select(View)],
                HealthSettingsView.Of(terms, own?.EnvironmentId is null ? null : place.Key, own?.FlagId is null ? null : flag.Key, own?.Version ?? 0), source,
                row?.IncidentId is { } id && incidents.TryGetValue(id, out var number) ? number : null, row?.TrialAt, row?.TrialUntil, await windows.LastErrorAsync(flag.Id, place.Id, cancel)));
        }

        return views;
    }

    private static HealthVerdict Judge(Dictionary<HealthPlace, List<CountedSlot>> slots, HealthPlace place, HealthTerms terms, FlagHealth? row, DateTimeOffset now) =>
        HealthJudge.Judge(slots.TryGetValue(place, out var list) ? list.ConvertAll(slot => slot.For(terms)) : [], terms, HealthWindows.Known(row?.JudgedFrom, now));

    private static HealthFigures Worst(HealthVerdict verdict) =>
        verdict.Variants.Where(variant => variant.Level > verdict.Whole.Level).OrderByDescending(variant => variant.Level).ThenByDescending(variant => variant.Rate).FirstOrDefault() ?? verdict.Whole;

    private static HealthFiguresView View(HealthFigures figures) => new(figures.Variant, figures.Evaluations, figures.Errors, figures.Rate, figures.Level);

    private static int Trouble(HealthState state) => state switch
    {
        HealthState.Failing => 4,
        HealthState.Disabled => 3,
        HealthState.Trial => 2,
        HealthState.Degraded => 1,
        _ => 0,
    };

    private static Task<Dictionary<Guid, int>> IncidentNumbersAsync(TogglrDbContext db, Guid project, CancellationToken cancel) =>
        db.Incidents.AsNoTracking().Where(row => row.ProjectId == project && row.ResolvedAt == null).ToDictionaryAsync(row => row.Id, row => row.Number, cancel);

    private async Task<(long Counted, Dictionary<HealthPlace, DateTimeOffset> LastErrors)> ReadTotalsAsync(Guid[] environments, CancellationToken cancel)
    {
        var lastErrors = new Dictionary<HealthPlace, DateTimeOffset>();
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in new[]
        {
            "SELECT count(DISTINCT (flag_id, environment_id)) FROM health_totals WHERE environment_id = ANY ($1)",
            $"SELECT flag_id, environment_id, max(last_error_at) FROM health_totals WHERE environment_id = ANY ($1) AND last_error_at IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC LIMIT {MostShown}",
        })
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter { Value = environments, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var counted = reader.GetInt64(0);
        await reader.NextResultAsync(cancel);
        while (await reader.ReadAsync(cancel))
            lastErrors.Add(new HealthPlace(reader.GetGuid(0), reader.GetGuid(1)), reader.GetFieldValue<DateTimeOffset>(2));
        return (counted, lastErrors);
    }
}
