namespace Togglr.Store;

internal sealed partial class CommitWriter
{
    /// <summary>
    /// Where schedules change, or a flag comes back from the archive, the worker has to look again, and a step that it is about to make on what it read before must
    /// fail. The worker's own commits say themselves when to look.
    /// </summary>
    internal async Task WakeSchedulesAsync(ChangePlan plan, IEnumerable<ScheduleClock> stepped, CancellationToken cancellationToken)
    {
        if (plan.Schedules.Count > 0)
        {
            var own = stepped.Select(clock => (clock.FlagId, clock.EnvironmentId)).ToHashSet();
            var changed = plan.Schedules.Select(schedule => (schedule.FlagId, schedule.EnvironmentId)).Where(place => !own.Contains(place)).Distinct().ToList();
            using var command = Command(
                """
                INSERT INTO schedule_clocks AS c (organization_id, project_id, flag_id, environment_id, next_at, tick)
                SELECT s.organization_id, s.project_id, s.flag_id, s.environment_id, clock_timestamp(), 1
                FROM unnest($1, $2) n(flag_id, environment_id) JOIN flag_environments s ON s.flag_id = n.flag_id AND s.environment_id = n.environment_id
                ON CONFLICT (flag_id, environment_id) DO UPDATE SET next_at = excluded.next_at, tick = c.tick + 1
                """,
                changed.ConvertAll(place => place.FlagId).ToArray(), changed.ConvertAll(place => place.EnvironmentId).ToArray());
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        if (plan.RestoredFlags.Count == 0)
            return;
        using var restored = Command("UPDATE schedule_clocks SET next_at = clock_timestamp(), tick = tick + 1 WHERE flag_id = ANY($1)", plan.RestoredFlags.ToArray());
        await restored.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
