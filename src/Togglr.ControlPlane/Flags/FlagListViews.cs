using Togglr.ControlPlane.Usage;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>All flags of a project in short, by key.</summary>
/// <param name="Items">The flags.</param>
/// <param name="People">Names of the people that the flags mention, by id.</param>
public sealed record FlagListView(IReadOnlyList<FlagListItemView> Items, IReadOnlyDictionary<Guid, string> People);

/// <summary>A flag in short.</summary>
/// <param name="Key">Unique in the project.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people; cut after 200 characters.</param>
/// <param name="Type">The type of the values.</param>
/// <param name="Kind">What the flag is for.</param>
/// <param name="Variants">Keys of the variants, in the order of display.</param>
/// <param name="OffVariant">What is served while disabled; null: nothing, the application's default holds.</param>
/// <param name="Owner">Id of the person who answers for it.</param>
/// <param name="Category">Key of its category.</param>
/// <param name="Tags">Keys of its tags.</param>
/// <param name="ClientVisible">Whether client keys see it.</param>
/// <param name="ArchivedAt">Since when it is archived.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ChangedAt">When it was last changed, itself or its state in an environment.</param>
/// <param name="ChangedBy">Id of the person who did; null for everything else.</param>
/// <param name="Lifecycle">Where it is in its life.</param>
/// <param name="Environments">By the key of the environment.</param>
public sealed record FlagListItemView(
    string Key,
    string Name,
    string Description,
    FlagType Type,
    FlagKind Kind,
    IReadOnlyList<string> Variants,
    string? OffVariant,
    Guid? Owner,
    string? Category,
    IReadOnlyList<string> Tags,
    bool ClientVisible,
    DateTimeOffset? ArchivedAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt,
    Guid? ChangedBy,
    LifecycleView Lifecycle,
    IReadOnlyDictionary<string, FlagListStateView> Environments);

/// <summary>A flag in an environment, in short.</summary>
/// <param name="Enabled">Whether targeting is on.</param>
/// <param name="Killed">Whether the kill switch is pulled.</param>
/// <param name="KillReason">Why.</param>
/// <param name="Rules">How many rules there are.</param>
/// <param name="Serves">What the default serves, for people; where an algorithm decides, what it serves now.</param>
/// <param name="Rollout">The shares of a rollout in percent, of those that have any; null where the default serves one thing.</param>
public sealed record FlagListStateView(bool Enabled, bool Killed, string? KillReason, int Rules, string Serves, IReadOnlyList<FlagListShareView>? Rollout);

/// <summary>A part of a rollout.</summary>
/// <param name="Variant">Key of the variant.</param>
/// <param name="Percent">More than 0, up to 100.</param>
public sealed record FlagListShareView(string Variant, double Percent);
