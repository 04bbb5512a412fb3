using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>What a request is called unless somebody gives it a name.</summary>
internal static class ChangeRequestTitles
{
    private static readonly Dictionary<string, string> Verbs = new(StringComparer.Ordinal)
    {
        ["created"] = "Create", ["updated"] = "Change", ["configured"] = "Configure", ["enabled"] = "Switch on", ["disabled"] = "Switch off", ["archived"] = "Archive", ["restored"] = "Restore",
        ["deleted"] = "Delete", ["revived"] = "Release the kill switch of", ["promoted"] = "Promote to", ["reverted"] = "Bring back an earlier state of", ["keys_updated"] = "Change the keys of",
        ["keys_replaced"] = "Replace the keys of", ["reordered"] = "Put in order the environments of",
    };

    public static string Of(IReadOnlyList<ChangeCommand> commands)
    {
        if (commands.Count == 0)
            return "New change request";
        var first = commands[0];
        var dot = first.Action.IndexOf('.', StringComparison.Ordinal);
        var (entity, verb) = (first.Action[..dot].Replace('_', ' '), first.Action[(dot + 1)..]);
        var title = $"{Verbs.GetValueOrDefault(verb, "Change")} {entity} {first.EntityKey}";
        if (first.Environment is { } environment && environment != first.EntityKey)
            title += $" in {environment}";
        if (commands.Count > 1)
            title += $" and {commands.Count - 1} more";
        return title.Length <= KeyFormat.MaximumNameLength ? title : title[..(KeyFormat.MaximumNameLength - 1)] + "…";
    }
}
