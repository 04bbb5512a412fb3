using System.Text.Json;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>
/// What differs between two states of rows, member by member. A row that came or went is one change. Lists of objects are compared by the members' <c>id</c>, else
/// <c>key</c> or <c>flag</c>, so that an inserted rule is not a change of all that follow; other lists are compared as a whole.
/// </summary>
internal sealed class AuditDiff
{
    /// <summary>Values with longer texts are not repeated in a change.</summary>
    private const int LargestValue = 4000;

    /// <summary>Book-keeping that changes with everything.</summary>
    private static readonly HashSet<string> Unremarkable = new(StringComparer.Ordinal) { "version", "createdAt", "updatedAt", "segmentRefs", "flagRefs", "experimentRefs", "keysVersion" };

    private static readonly string[] Names = ["id", "key", "flag"];

    private readonly List<AuditChangeView> _changes = [];
    private readonly int _limit;

    private AuditDiff(int limit) => _limit = limit;

    /// <summary>The first <paramref name="limit"/> changes, and whether there are more.</summary>
    public static (IReadOnlyList<AuditChangeView> Changes, bool HasMore) Of(string? before, string? after, int limit)
    {
        var diff = new AuditDiff(limit);
        diff.Rows(before is null ? null : JsonColumn.Parse(before), after is null ? null : JsonColumn.Parse(after));
        var hasMore = diff._changes.Count > limit;
        return (hasMore ? diff._changes.GetRange(0, limit) : diff._changes, hasMore);
    }

    private bool IsFull => _changes.Count > _limit;

    private void Rows(JsonElement? before, JsonElement? after)
    {
        // Where something came from is worth more than the twentieth member that changed.
        foreach (var name in MembersOf(before).Union(MembersOf(after), StringComparer.Ordinal).OrderBy(name => name != PromotionLink.Name))
        {
            if (IsFull)
                return;
            var (old, now) = (Member(before, name), Member(after, name));
            if (old is { ValueKind: JsonValueKind.Object } oldRow && now is { ValueKind: JsonValueKind.Object } newRow)
            {
                foreach (var member in MembersOf(oldRow).Union(MembersOf(newRow), StringComparer.Ordinal).Where(member => !Unremarkable.Contains(member)))
                    Compare($"{name}/{Escape(member)}", Member(oldRow, member), Member(newRow, member));
            }
            else
            {
                Add(name, old, now);
            }
        }
    }

    private void Compare(string path, JsonElement? before, JsonElement? after)
    {
        if (IsFull || (before is null && after is null))
            return;
        if (before is not { } old || after is not { } now || old.ValueKind != now.ValueKind)
        {
            if (!IsNull(before) || !IsNull(after))
                Add(path, before, after);
        }
        else if (old.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in MembersOf(old).Union(MembersOf(now), StringComparer.Ordinal))
                Compare($"{path}/{Escape(member)}", Member(old, member), Member(now, member));
        }
        else if (old.ValueKind == JsonValueKind.Array && NameOf(old, now) is { } name)
        {
            Lists(path, ByName(old, name), ByName(now, name));
        }
        else if (old.GetRawText() != now.GetRawText() && !JsonElement.DeepEquals(old, now))
        {
            Add(path, before, after);
        }
    }

    private void Lists(string path, List<(string Name, JsonElement Item)> before, List<(string Name, JsonElement Item)> after)
    {
        var (old, now) = (before.ToDictionary(pair => pair.Name, pair => pair.Item, StringComparer.Ordinal), after.ToDictionary(pair => pair.Name, pair => pair.Item, StringComparer.Ordinal));
        foreach (var (name, item) in before)
            Compare($"{path}/{Escape(name)}", item, now.TryGetValue(name, out var other) ? other : null);
        foreach (var (name, item) in after.Where(pair => !old.ContainsKey(pair.Name)))
            Compare($"{path}/{Escape(name)}", null, item);
        string[] oldOrder = [.. before.Select(pair => pair.Name).Where(now.ContainsKey)];
        string[] newOrder = [.. after.Select(pair => pair.Name).Where(old.ContainsKey)];
        if (!oldOrder.SequenceEqual(newOrder, StringComparer.Ordinal))
            Add($"{path}/(order)", JsonSerializer.SerializeToElement(oldOrder), JsonSerializer.SerializeToElement(newOrder));
    }

    private void Add(string path, JsonElement? before, JsonElement? after)
    {
        if (IsFull)
            return;
        var (old, now) = (IsNull(before) ? null : before, IsNull(after) ? null : after);
        var (oldIsLarge, newIsLarge) = (IsLarge(old), IsLarge(now));
        _changes.Add(new AuditChangeView(path, oldIsLarge ? null : old, newIsLarge ? null : now, oldIsLarge || newIsLarge));
    }

    /// <summary>The member by which the items of two lists are told apart; null where there is none.</summary>
    private static string? NameOf(JsonElement before, JsonElement after) =>
        before.GetArrayLength() + after.GetArrayLength() == 0 ? null : Names.FirstOrDefault(name => AreNamed(before, name) && AreNamed(after, name));

    private static bool AreNamed(JsonElement list, string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String || !seen.Add(value.GetString()!))
                return false;
        }
        return true;
    }

    private static List<(string, JsonElement)> ByName(JsonElement list, string name) => [.. list.EnumerateArray().Select(item => (item.GetProperty(name).GetString()!, item))];

    /// <summary>Of a member that is there twice the last counts, as where it is read.</summary>
    private static IEnumerable<string> MembersOf(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Object } value ? value.EnumerateObject().Select(member => member.Name).Distinct(StringComparer.Ordinal) : [];

    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out var member) ? member : null;

    private static bool IsNull(JsonElement? element) => element is null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined };

    private static bool IsLarge(JsonElement? element) => element is { } value && value.GetRawText().Length > LargestValue;

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
