using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Togglr.Store;

internal sealed partial class CommitWriter
{
    /// <summary>What a flag may be told about itself without changing what anybody is served.</summary>
    private static readonly HashSet<string> Described = new(StringComparer.Ordinal)
    {
        nameof(Flag.Name), nameof(Flag.Description), nameof(Flag.Kind), nameof(Flag.OwnerId), nameof(Flag.MaintainerIds), nameof(Flag.Category), nameof(Flag.Tags),
        nameof(Flag.ExpectedLifetimeDays), nameof(Versioned.Version), nameof(Versioned.UpdatedAt), nameof(Versioned.UpdatedBy),
    };

    /// <summary>
    /// What guards the rows of a plan. Asked under the project's lock, so that a policy that somebody makes in the same moment is either seen or comes after. Reads
    /// the rows as they were, besides what the plan says of them.
    /// </summary>
    internal async Task<Guard> FindGuardAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        if (plan.Projects.Count == 0 || plan.Entries.TrueForAll(IsFree))
            return Guard.None;
        var (policies, tagged) = await ReadPoliciesAsync(plan, cancellationToken).ConfigureAwait(false);
        if (policies.Count == 0 && !tagged && !plan.Entries.Exists(entry => entry.Entity is Flag flag && flag.Tags.Contains(Guard.SafetyTag, StringComparer.Ordinal)))
            return Guard.None;

        var touches = new List<Touch>();
        foreach (var entry in plan.Entries)
            AddTouches(entry, touches);
        await AddServedAsync(plan, touches, cancellationToken).ConfigureAwait(false);
        if (touches.Exists(touch => touch.AllTags))
        {
            var all = await ReadTagsAsync(plan, cancellationToken).ConfigureAwait(false);
            touches = touches.ConvertAll(touch => touch.AllTags ? touch with { Tags = all } : touch);
        }

        var found = new List<GuardingPolicy>();
        var guarded = new List<Touch>();
        foreach (var touch in touches)
        {
            var mine = policies.FindAll(policy => Guards(policy, touch));
            if (touch.Tags.Contains(Guard.SafetyTag, StringComparer.Ordinal) && !mine.Exists(policy => policy.Tag == Guard.SafetyTag))
                mine.Add(GuardingPolicy.OfSafetyTag);
            if (mine.Count > 0)
                guarded.Add(touch);
            found.AddRange(mine);
        }

        return found.Count == 0
            ? Guard.None
            : new Guard(
                [.. found.DistinctBy(policy => (policy.PolicyId, policy.Tag))], [.. guarded.Where(touch => touch.Environment is not null).Select(touch => touch.Environment!.Value).Distinct()],
                guarded.Exists(touch => touch.Environment is null));
    }

    /// <summary>Policies guard what is served and how; not what people keep for themselves, credentials (which have rights and an end of their own) and the requests.</summary>
    private static bool IsFree(EntityEntry<Versioned> entry) => entry.Entity is SdkKey or SavedView or SavedContext or ChangeRequest or not (Flag or FlagEnvironment or Segment or ProjectEnvironment or Project or Category or Tag
        or AttributeDefinition or ChangePolicy or HealthSettings or IGuardedState) || entry.Entity is Experiment && !ChangePlan.ChangesServing(entry);

    private static bool Guards(GuardingPolicy policy, Touch touch)
    {
        if (touch.Policy is { } itself && policy.PolicyId == itself)
            return true;
        if (policy.EnvironmentId is null && policy.Tag is null)
            return true;
        return (policy.EnvironmentId is null || touch.AllEnvironments || policy.EnvironmentId == touch.Environment)
            && (policy.Tag is null || touch.Tags.Contains(policy.Tag, StringComparer.Ordinal));
    }

    private static void AddTouches(EntityEntry<Versioned> entry, List<Touch> touches)
    {
        switch (entry.Entity)
        {
            case Flag flag:
                var before = entry.State == EntityState.Added ? [] : (IReadOnlyList<string>)entry.Property(nameof(Flag.Tags)).OriginalValue!;
                var isServed = entry.State != EntityState.Modified || entry.Properties.Any(property => property.IsModified && !Described.Contains(property.Metadata.Name));
                touches.Add(new Touch([.. flag.Tags.Union(before, StringComparer.Ordinal)]) { AllEnvironments = isServed });
                break;
            case FlagEnvironment state:
                touches.Add(new Touch(state.Flag?.Tags ?? []) { Environment = state.EnvironmentId });
                break;
            case Experiment when !ChangePlan.ChangesServing(entry):
                break;
            case IGuardedState state:
                touches.Add(new Touch([]) { Environment = state.EnvironmentId });
                break;
            case ProjectEnvironment environment:
                touches.Add(new Touch([]) { Environment = environment.Id, AllTags = entry.State == EntityState.Deleted });
                break;
            case Project:
                touches.Add(new Touch([]) { AllEnvironments = entry.State == EntityState.Deleted, AllTags = entry.State == EntityState.Deleted });
                break;
            case Tag tag:
                touches.Add(new Touch(entry.State == EntityState.Added ? [] : [tag.Key]) { AllEnvironments = entry.State != EntityState.Added });
                break;
            case HealthSettings settings:
                touches.Add(new Touch([]) { Environment = settings.EnvironmentId, AllEnvironments = settings.EnvironmentId is null, AllTags = settings.FlagId is null });
                break;
            case ChangePolicy policy:
                touches.Add(new Touch([]) { Policy = policy.Id });
                break;
            case var _ when !IsFree(entry):
                touches.Add(new Touch([]));
                break;
        }
    }

    /// <summary>
    /// Where a change is felt: segments in the flags that ask for them, through other segments too, and flags in those that have them as a prerequisite.
    /// </summary>
    private async Task AddServedAsync(ChangePlan plan, List<Touch> touches, CancellationToken cancellationToken)
    {
        Guid[] segments =
        [
            .. plan.Entries.Where(entry => entry.Entity is Segment && (entry.State != EntityState.Modified || entry.Property(nameof(Segment.Condition)).IsModified || entry.Property(nameof(Segment.KeysVersion)).IsModified))
                .Select(entry => ((Segment)entry.Entity).Id),
        ];
        Guid[] flags = [.. plan.Entries.Where(entry => entry.Entity is Flag && entry.State != EntityState.Added).Select(entry => (Entry: entry, Flag: (Flag)entry.Entity))
            .Where(pair => pair.Entry.State == EntityState.Deleted || pair.Entry.Properties.Any(property => property.IsModified && !Described.Contains(property.Metadata.Name))).Select(pair => pair.Flag.Id)];
        (Guid Flag, Guid Environment)[] states =
        [
            .. plan.Entries.Select(entry => entry.Entity switch
            {
                FlagEnvironment state => (state.FlagId, state.EnvironmentId),
                Experiment when !ChangePlan.ChangesServing(entry) => default,
                IGuardedState state => (state.FlagId, state.EnvironmentId),
                HealthSettings { FlagId: { } flag, EnvironmentId: { } environment } => (flag, environment),
                _ => default,
            }).Where(pair => pair != default).Distinct(),
        ];
        if (segments.Length + flags.Length + states.Length == 0)
            return;
        using var command = Command(
            """
            WITH RECURSIVE used(project_id, key) AS (
                SELECT project_id, key FROM segments WHERE id = ANY($1)
                UNION SELECT s.project_id, s.key FROM used u JOIN segments s ON s.project_id = u.project_id AND s.segment_refs && ARRAY[u.key]),
            served(project_id, environment_id, flag_id) AS (
                SELECT s.project_id, s.environment_id, s.flag_id FROM flag_environments s
                WHERE s.flag_id = ANY($2) OR (s.flag_id, s.environment_id) IN (SELECT * FROM unnest($3, $4))
                    OR (s.project_id = ANY($5) AND EXISTS (SELECT FROM used u WHERE u.project_id = s.project_id AND s.segment_refs && ARRAY[u.key]))
                UNION SELECT s.project_id, s.environment_id, s.flag_id FROM served v JOIN flags f ON f.id = v.flag_id
                    JOIN flag_environments s ON s.project_id = v.project_id AND s.environment_id = v.environment_id AND s.flag_refs && ARRAY[f.key]
                    JOIN flags o ON o.id = s.flag_id AND o.archived_at IS NULL)
            SELECT DISTINCT v.environment_id, f.tags FROM served v JOIN flags f ON f.id = v.flag_id
            """,
            segments, flags, states.Select(state => state.Flag).ToArray(), states.Select(state => state.Environment).ToArray(), plan.Projects.ToArray());
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            touches.Add(new Touch(reader.GetFieldValue<string[]>(1)) { Environment = reader.GetGuid(0) });
    }

    private async Task<(List<GuardingPolicy> Policies, bool HasGuardedFlags)> ReadPoliciesAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        using var command = Command(
            """
            SELECT g.tagged, p.id, p.environment_id, p.tag, p.min_approvals, p.approver_group_ids, p.reauthenticate, p.expires_after_hours, p.bypass_group_ids
            FROM (SELECT EXISTS (SELECT FROM flags WHERE project_id = ANY($1) AND tags && $2) AS tagged) g
            LEFT JOIN change_policies p ON p.project_id = ANY($1) AND p.enabled
            """,
            plan.Projects.ToArray(), new[] { Guard.SafetyTag });
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var policies = new List<GuardingPolicy>();
        var isTagged = false;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            isTagged = reader.GetBoolean(0);
            if (reader.IsDBNull(1))
                continue;
            policies.Add(new GuardingPolicy(
                reader.GetGuid(1), reader.IsDBNull(2) ? null : reader.GetGuid(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetInt32(4), reader.GetFieldValue<Guid[]>(5),
                reader.GetBoolean(6), reader.GetInt32(7), reader.GetFieldValue<Guid[]>(8)));
        }

        return (policies, isTagged);
    }

    private async Task<IReadOnlyList<string>> ReadTagsAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        using var command = Command("SELECT DISTINCT unnest(tags) FROM flags WHERE project_id = ANY($1)", plan.Projects.ToArray());
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var tags = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            tags.Add(reader.GetString(0));
        return tags;
    }

    /// <summary>One thing that a commit changes, as far as policies ask.</summary>
    /// <param name="Tags">Tags of the flag before and after.</param>
    private sealed record Touch(IReadOnlyList<string> Tags)
    {
        /// <summary>The environment; null for what is the same in all.</summary>
        internal Guid? Environment { get; init; }

        /// <summary>Whether it is felt in every environment.</summary>
        internal bool AllEnvironments { get; init; }

        /// <summary>Whether every flag of the project is concerned.</summary>
        internal bool AllTags { get; init; }

        /// <summary>The policy that is itself changed.</summary>
        internal Guid? Policy { get; init; }
    }
}
