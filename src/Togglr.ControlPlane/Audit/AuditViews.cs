using System.Text.Json;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>Entries as people see them.</summary>
internal static class AuditViews
{
    /// <summary>Most changes of an entry in a list, and alone.</summary>
    private const int FewChanges = 20;
    private const int ManyChanges = 1000;

    /// <summary>Largest text of a row in a list, in characters.</summary>
    private const int LargeRow = 16_000;

    /// <summary>Larger texts are not compared member by member for a list.</summary>
    private const int LargeComparison = 256_000;

    public static AuditEntryView InList(AuditEntry entry)
    {
        var isHuge = (entry.Before?.Length ?? 0) + (entry.After?.Length ?? 0) > LargeComparison;
        var (changes, hasMore) = isHuge ? ([], true) : AuditDiff.Of(entry.Before, entry.After, FewChanges);
        return View(entry, changes, hasMore, entry.Before is { Length: > LargeRow } ? null : entry.Before, entry.After is { Length: > LargeRow } ? null : entry.After);
    }

    public static AuditEntryView Alone(AuditEntry entry)
    {
        var (changes, hasMore) = AuditDiff.Of(entry.Before, entry.After, ManyChanges);
        return View(entry, changes, hasMore, entry.Before, entry.After);
    }

    public static AuditActorView Actor(AuditEntry entry) => new(entry.ActorKind, entry.ActorId, entry.ActorName);

    private static AuditEntryView View(AuditEntry row, IReadOnlyList<AuditChangeView> changes, bool hasMore, string? before, string? after) => new(
        row.Id, row.Sequence, row.At, Actor(row), Party(row.OnBehalfOfId, row.OnBehalfOfName), Party(row.TokenId, row.TokenName), row.Authority, row.ChangeRequestId, row.Action, row.Entity, row.EntityId,
        row.EntityKey, row.Project, row.Environment, row.Reason, row.RequestId, row.Address, row.UserAgent, changes, hasMore, Json(before), Json(after));

    private static AuditPartyView? Party(Guid? id, string? name) => id is { } known ? new AuditPartyView(known, name ?? "") : null;

    private static JsonElement? Json(string? text) => text is null ? null : JsonColumn.Parse(text);
}
