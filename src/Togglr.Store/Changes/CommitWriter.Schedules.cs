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

        if (plan.States.Count > 0)
            await WakeRampsAsync(plan, cancellationToken).ConfigureAwait(false);
        if (plan.RestoredFlags.Count == 0)
            return;
        using var restored = Command("UPDATE schedule_clocks SET next_at = clock_timestamp(), tick = tick + 1 WHERE flag_id = ANY($1)", plan.RestoredFlags.ToArray());
        await restored.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// A ramp looks at once at what a window of a schedule did to its flag, and one that waits for the end of a window at whatever is done to it. Whoever looked before has to look again, because
    /// the tick has moved.
    /// </summary>
    private async Task WakeRampsAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        using var command = Command(
            """
            UPDATE ramp_clocks c SET due_at = clock_timestamp(), tick = c.tick + 1
            FROM unnest($1, $2) n(flag_id, environment_id) JOIN ramps r ON r.flag_id = n.flag_id AND r.environment_id = n.environment_id
            WHERE c.ramp_id = r.id AND (r.paused_by_window OR r.state = 'running'
                AND EXISTS (SELECT FROM schedule_clocks s WHERE s.flag_id = n.flag_id AND s.environment_id = n.environment_id AND NOT s.window_enables))
            """,
            plan.States.ConvertAll(state => state.FlagId).ToArray(), plan.States.ConvertAll(state => state.EnvironmentId).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
