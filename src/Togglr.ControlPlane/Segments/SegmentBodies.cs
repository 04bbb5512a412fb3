using System.Text.Json;
using Togglr.ControlPlane.Api;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

/// <summary>A reusable group of contexts.</summary>
/// <param name="Id">The segment's id.</param>
/// <param name="Key">Unique in the project; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="If">Who is in it besides the lists; null: nobody.</param>
/// <param name="IncludedCount">Keys that are in it whatever the condition says.</param>
/// <param name="ExcludedCount">Keys that are not in it whatever else says so.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="UpdatedBy">By whom.</param>
/// <param name="UsedBy">What refers to it.</param>
public sealed record SegmentView(
    Guid Id,
    string Key,
    string Name,
    string Description,
    [property: ApiSchema("Condition", isNullable: true)] JsonElement? If,
    int IncludedCount,
    int ExcludedCount,
    int Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    PersonRef? UpdatedBy,
    SegmentUsesView UsedBy);

/// <summary>What refers to a segment.</summary>
/// <param name="Flags">Flags, with the environments in which they do.</param>
/// <param name="Segments">Keys of segments.</param>
public sealed record SegmentUsesView(IReadOnlyList<FlagUseView> Flags, IReadOnlyList<string> Segments);

/// <summary>A flag that refers to something.</summary>
/// <param name="Key">The flag's key.</param>
/// <param name="Environments">Keys of the environments in which it does.</param>
public sealed record FlagUseView(string Key, IReadOnlyList<string> Environments);

/// <summary>A new segment.</summary>
public sealed record CreateSegmentRequest
{
    /// <summary>1 to 100 letters, digits and <c>. _ -</c>; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Who is in it besides the lists.</summary>
    [ApiSchema("Condition", isNullable: true)]
    public JsonElement? If { get; init; }

    /// <summary>At most 1,000 keys; more by <c>…/keys</c>.</summary>
    public IReadOnlyList<string>? Included { get; init; }

    /// <summary>At most 1,000 keys; more by <c>…/keys</c>.</summary>
    public IReadOnlyList<string>? Excluded { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A segment as it is to be. The lists stay as they are where absent.</summary>
public sealed record PutSegmentRequest
{
    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>For people; empty if absent.</summary>
    public string? Description { get; init; }

    /// <summary>Who is in it besides the lists; nobody if absent.</summary>
    [ApiSchema("Condition", isNullable: true)]
    public JsonElement? If { get; init; }

    /// <summary>At most 1,000 keys; more by <c>…/keys</c>.</summary>
    public IReadOnlyList<string>? Included { get; init; }

    /// <summary>At most 1,000 keys; more by <c>…/keys</c>.</summary>
    public IReadOnlyList<string>? Excluded { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a segment's list.</summary>
public sealed record EditSegmentKeysRequest
{
    /// <summary>Which list.</summary>
    public required SegmentList List { get; init; }

    /// <summary>Keys to add; at most 10,000.</summary>
    public IReadOnlyList<string>? Add { get; init; }

    /// <summary>Keys to remove; at most 10,000.</summary>
    public IReadOnlyList<string>? Remove { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
