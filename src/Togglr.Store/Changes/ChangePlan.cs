using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Togglr.Store;

/// <summary>What a commit has to write besides the entities, read off the tracked entities so that no endpoint has to remember it.</summary>
internal sealed class ChangePlan
{
    /// <summary>The members of a flag that reach its snapshot document.</summary>
    private static readonly HashSet<string> FlagDocumentMembers = new(StringComparer.Ordinal)
    {
        nameof(Flag.Variants), nameof(Flag.OffVariant), nameof(Flag.ClientVisible), nameof(Flag.ArchivedAt),
    };

    private static readonly HashSet<string> KillMembers = new(StringComparer.Ordinal)
    {
        nameof(FlagEnvironment.Killed), nameof(FlagEnvironment.KillReason), nameof(FlagEnvironment.KilledAt), nameof(FlagEnvironment.KilledBy), nameof(Versioned.Version), nameof(Versioned.UpdatedAt),
        nameof(Versioned.UpdatedBy),
    };

    /// <summary>The members of an experiment that its participants feel.</summary>
    private static readonly string[] ServedMembers =
    [
        nameof(Experiment.State), nameof(Experiment.Traffic), nameof(Experiment.Variations), nameof(Experiment.Seed), nameof(Experiment.Phase), nameof(Experiment.Audience), nameof(Experiment.BucketBy),
        nameof(Experiment.LayerKey), nameof(Experiment.LayerFrom), nameof(Experiment.LayerTo), nameof(Experiment.HoldoutKey), nameof(Experiment.HoldoutShare), nameof(Experiment.Overrides),
    ];

    /// <summary>Never part of an audit entry: secrets, hashes of secrets, and book-keeping.</summary>
    private static readonly HashSet<string> Unaudited = new(StringComparer.Ordinal)
    {
        nameof(User.PasswordHash), nameof(User.LastSignInAt), nameof(User.TotpSecret), nameof(User.TotpLastStep), nameof(User.SecondFactorFailures), nameof(User.SecondFactorTriedAt), nameof(SdkKey.Hash), nameof(SdkKey.LastUsedAt),
        nameof(ApiToken.LastUsedAddress), nameof(IdentityProvider.Secrets), nameof(Organization.AccessVersion), nameof(SavedContext.Content), nameof(ChangeRequest.CommandsHash), nameof(ChangeRequest.Requirements), nameof(ChangeRequest.Transitions), nameof(ProjectEnvironment.Salt), nameof(ProjectEnvironment.Revision),
        nameof(ITenantOwned.OrganizationId), nameof(Flag.ProjectId), nameof(Versioned.UpdatedBy), nameof(Schedule.CreatedBy), nameof(Ramp.StartedBy), nameof(Ramp.Written), nameof(Incident.AskAt), nameof(Experiment.DecidedBy), nameof(Experiment.MetricKeys),
    };

    private Dictionary<Versioned, EntityEntry<Versioned>>? _byEntity;

    private ChangePlan()
    {
    }

    internal List<EntityEntry<Versioned>> Entries { get; } = [];

    internal HashSet<Guid> Projects { get; } = [];

    internal HashSet<Guid> AddedEnvironments { get; } = [];

    internal List<Guid> RemovedEnvironments { get; } = [];

    internal List<Guid> RemovedProjects { get; } = [];

    /// <summary>Whether the organization itself goes, with everything in it.</summary>
    internal bool RemovesOrganization { get; private set; }

    /// <summary>Every flag that was added or changed, also when its documents stay the same.</summary>
    internal List<Flag> FlagRows { get; } = [];

    internal List<Flag> Flags { get; } = [];

    /// <summary>Flags that come back from the archive.</summary>
    internal List<Guid> RestoredFlags { get; } = [];

    internal List<FlagEnvironment> States { get; } = [];

    internal List<string> RemovedFlags { get; } = [];

    internal List<Segment> Segments { get; } = [];

    internal List<string> RemovedSegments { get; } = [];

    internal List<string> RemovedTags { get; } = [];

    /// <summary>Every schedule that was added, changed or removed.</summary>
    internal List<Schedule> Schedules { get; } = [];

    /// <summary>Where an algorithm begins, ends or serves otherwise.</summary>
    internal HashSet<(Guid Flag, Guid Environment)> Reweighted { get; } = [];

    /// <summary>Experiments that stand in a snapshot and are new or other there.</summary>
    internal List<Experiment> LiveExperiments { get; } = [];

    /// <summary>Experiments that stand in a snapshot no more.</summary>
    internal List<Experiment> EndedExperiments { get; } = [];

    /// <summary>Every experiment that was added or changed.</summary>
    internal List<Experiment> ExperimentRows { get; } = [];

    internal List<string> RemovedMetrics { get; } = [];

    /// <summary>Holdouts whose share changed.</summary>
    internal List<string> ResizedHoldouts { get; } = [];

    internal bool KeysChanged { get; private set; }

    internal bool AccessChanged { get; private set; }

    /// <summary>Whether somebody may have lost what made them an owner.</summary>
    internal bool MayLoseOwner { get; private set; }

    internal bool RemovesSomething { get; private set; }

    internal string? Before { get; private set; }

    internal string? After { get; private set; }

    internal bool TouchesDocuments =>
        LiveExperiments.Count + EndedExperiments.Count + Reweighted.Count + Flags.Count + States.Count + Segments.Count + RemovedFlags.Count + RemovedSegments.Count + AddedEnvironments.Count > 0;

    internal bool TouchesAllEnvironments => Flags.Count + Segments.Count + RemovedFlags.Count + RemovedSegments.Count > 0;

    internal static ChangePlan Of(TogglrDbContext db)
    {
        var plan = new ChangePlan();
        foreach (var entry in db.ChangeTracker.Entries<Versioned>().Where(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted))
        {
            if (entry.Entity is ITenantOwned owned && owned.OrganizationId != db.OrganizationId)
                throw new InvalidOperationException($"{entry.Entity.AuditPath} belongs to another organization than the current one.");
            plan.Entries.Add(entry);
            plan.RemovesSomething |= entry.State == EntityState.Deleted;
            plan.Add(entry);
        }

        return plan;
    }

    /// <summary>Whether nothing happens but that kill switches are pulled, and is written down.</summary>
    internal bool OnlyKills => Entries.TrueForAll(entry => entry.Entity is Incident || entry.Entity is FlagEnvironment { Killed: true } && entry.State == EntityState.Modified
        && entry.Properties.All(property => !property.IsModified || KillMembers.Contains(property.Metadata.Name)));

    /// <summary>Writes down what the rows were and what they are now, after stamping.</summary>
    internal void Describe() => (Before, After) = (Write(Entries, before: true), Write(Entries, before: false));

    /// <summary>The same for some rows only; false when none of them changed.</summary>
    internal bool TryDescribe(IReadOnlyCollection<Versioned> rows, out string? before, out string? after)
    {
        _byEntity ??= Entries.ToDictionary(entry => entry.Entity);
        List<EntityEntry<Versioned>> entries = [.. rows.Where(_byEntity.ContainsKey).Select(row => _byEntity[row])];
        (before, after) = (Write(entries, before: true), Write(entries, before: false));
        return entries.Count > 0;
    }

    private void Add(EntityEntry<Versioned> entry)
    {
        var removed = entry.State == EntityState.Deleted;
        if (entry.Entity is IProjectOwned inProject)
            Projects.Add(inProject.ProjectId);
        switch (entry.Entity)
        {
            case Flag flag:
                if (!removed)
                    FlagRows.Add(flag);
                if (entry.State == EntityState.Modified && flag.ArchivedAt is null && Changed(entry, nameof(Flag.ArchivedAt)))
                    RestoredFlags.Add(flag.Id);
                if (removed ? flag.ArchivedAt is null : flag.ArchivedAt is not null && Changed(entry, nameof(Flag.ArchivedAt)))
                    RemovedFlags.Add(flag.Key);
                else if (removed)
                    break;
                else if (flag.ArchivedAt is null && (entry.State == EntityState.Added || FlagDocumentMembers.Any(member => Changed(entry, member))))
                    Flags.Add(flag);
                break;
            case FlagEnvironment state:
                if (!removed)
                    States.Add(state);
                break;
            case Segment segment:
                if (removed)
                    RemovedSegments.Add(segment.Key);
                else if (entry.State == EntityState.Added || segment.KeyEdits.Count > 0 || Changed(entry, nameof(Segment.Condition)))
                    Segments.Add(segment);
                break;
            case ProjectEnvironment environment:
                if (entry.State == EntityState.Added)
                    AddedEnvironments.Add(environment.Id);
                if (removed)
                    RemovedEnvironments.Add(environment.Id);
                KeysChanged |= removed;
                // What was granted in it goes with it.
                AccessChanged |= removed;
                break;
            case SdkKey:
                KeysChanged = true;
                break;
            case Project project:
                Projects.Add(project.Id);
                if (removed)
                    RemovedProjects.Add(project.Id);
                KeysChanged |= removed;
                AccessChanged |= removed;
                break;
            case Tag tag:
                if (removed)
                    RemovedTags.Add(tag.Key);
                break;
            case FlagAlgorithm algorithm:
                Reweighted.Add((algorithm.FlagId, algorithm.EnvironmentId));
                break;
            case AlgorithmWeights weights:
                Reweighted.Add((weights.FlagId, weights.EnvironmentId));
                break;
            case Metric metric:
                if (removed)
                    RemovedMetrics.Add(metric.Key);
                break;
            case Holdout holdout:
                if (entry.State == EntityState.Modified && Changed(entry, nameof(Holdout.Share)))
                    ResizedHoldouts.Add(holdout.Key);
                break;
            case Experiment experiment:
                if (!removed)
                    ExperimentRows.Add(experiment);
                if (!ChangesServing(entry))
                    break;
                (experiment.IsLive && !removed ? LiveExperiments : EndedExperiments).Add(experiment);
                break;
            case Schedule schedule:
                Schedules.Add(schedule);
                break;
            case NotificationDestination { ProjectId: { } project }:
                Projects.Add(project);
                break;
            case Role or Group or GroupMember or RoleGrant or ServiceAccount or Membership or ApiToken:
                AccessChanged = true;
                MayLoseOwner |= entry.State != EntityState.Added && entry.Entity is Group or GroupMember or RoleGrant or Membership;
                break;
            case Organization:
                AccessChanged = true;
                RemovesOrganization |= removed;
                KeysChanged |= removed;
                break;
            case IdentityProvider:
                AccessChanged = true;
                // What its mappings gave goes with it.
                MayLoseOwner |= removed;
                break;
        }
    }

    /// <summary>Whether a change of an experiment is felt by those who take part: it is live before or after, and not only described otherwise.</summary>
    internal static bool ChangesServing(EntityEntry<Versioned> entry) =>
        entry.Entity is Experiment experiment && entry.State != EntityState.Added
        && (experiment.IsLive || entry.Property(nameof(Experiment.State)).OriginalValue is ExperimentState.Running or ExperimentState.Paused)
        && (entry.State == EntityState.Deleted || ServedMembers.Any(member => Changed(entry, member)));

    private static bool Changed(EntityEntry entry, string property) => entry.Property(property).IsModified;

    private static string? Write(IReadOnlyCollection<EntityEntry<Versioned>> entries, bool before)
    {
        var left = before ? EntityState.Added : EntityState.Deleted;
        var rows = entries.Where(entry => entry.State != left).OrderBy(entry => entry.Entity.AuditPath, StringComparer.Ordinal).ToList();
        if (rows.Count == 0)
            return null;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { MaxDepth = 1000, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach (var row in rows)
            {
                writer.WriteStartObject(row.Entity.AuditPath);
                foreach (var property in row.Properties.Where(property => !Unaudited.Contains(property.Metadata.Name) && !property.Metadata.IsKey() && (!property.Metadata.IsForeignKey() || row.Entity is RoleGrant or ApiToken)))
                    WriteMember(writer, property.Metadata.Name, before ? property.OriginalValue : property.CurrentValue);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, object? value)
    {
        writer.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(name));
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonElement json:
                writer.WriteRawValue(json.GetRawText(), skipInputValidation: true);
                break;
            case IReadOnlyList<Variant> variants:
                writer.WriteRawValue(JsonColumn.Write(variants), skipInputValidation: true);
                break;
            case Enum text:
                writer.WriteStringValue(text.ToString().ToLowerInvariant());
                break;
            default:
                JsonSerializer.Serialize(writer, value, value.GetType(), JsonSerializerOptions.Web);
                break;
        }
    }
}
