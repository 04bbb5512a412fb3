using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Usage;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>
/// What a page needs to show, search, filter and sort thousands of flags by itself: everything at once and nothing that is large. Live events name what changed, and
/// <c>?flag=</c> brings just that.
/// </summary>
internal static class GetFlagList
{
    private const int MaximumNamed = 500;
    private const int ShownDescription = 200;

    public static async Task<Results<Ok<FlagListView>, Problem>> HandleAsync(
        [FromQuery(Name = "flag"), Description("Key of a flag; several times: these flags only, at most 500. Those that do not exist are left out")] string[]? flag,
        Current current,
        TogglrDbContext db,
        CancellationToken cancel)
    {
        if (flag is { Length: > MaximumNamed })
            return Problem.Invalid(new ProblemItem("out_of_range", "flag", $"Name at most {MaximumNamed} flags."));
        string[]? only = flag is { Length: > 0 } ? [.. flag.Where(KeyFormat.IsFlagKey)] : null;
        var query = db.Flags.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        if (only is not null)
            query = query.Where(row => only.Contains(row.Key));
        var rows = await query.OrderBy(row => row.Key).Select(row => new Row(
            row.Id, row.Key, row.Name, row.Description.Substring(0, ShownDescription), row.Type, row.Kind, row.Variants, row.OffVariant, row.OwnerId, row.Category, row.Tags, row.ClientVisible,
            row.ArchivedAt, row.CreatedAt, row.UpdatedAt, row.UpdatedBy, row.ExpectedLifetimeDays)).ToListAsync(cancel);
        Guid[]? ids = only is null ? null : [.. rows.Select(row => row.Id)];
        var states = (await ReadStatesAsync(db, current, ids, cancel)).ToLookup(state => state.FlagId);
        var lives = await Lifecycles.ReadAsync(
            db, current.Project.Id, [.. rows.Select(row => new Lifecycles.Life(row.Id, row.CreatedAt, row.ArchivedAt, row.ExpectedLifetimeDays))], cancel);
        // Where an algorithm decides in place of the default, it is what people get.
        var served = await FlagStore.ReadAlgorithmsAsync(db, row => row.ProjectId == current.Project.Id && row.RuleId == null && (ids == null || ids.Contains(row.FlagId)), cancel);
        var serves = new Dictionary<string, (string Text, IReadOnlyList<FlagListShareView>? Rollout)>(StringComparer.Ordinal);
        FlagListItemView[] items = [.. rows.Select(row => View(row, states[row.Id], lives[row.Id], serves, served))];
        return TypedResults.Ok(new FlagListView(items, await NamesAsync(db, items, cancel)));
    }

    /// <summary>Rules are counted where they are: they are the large part of a flag.</summary>
    private static Task<List<State>> ReadStatesAsync(TogglrDbContext db, Current current, Guid[]? flags, CancellationToken cancel) =>
        db.Database.SqlQuery<State>(
            $"""
            SELECT flag_id AS "FlagId", environment_id AS "EnvironmentId", environment_key AS "Environment", enabled AS "Enabled", killed AS "Killed", kill_reason AS "KillReason", updated_at AS "UpdatedAt",
                updated_by AS "UpdatedBy", json_array_length(rules) AS "Rules", default_serve::text AS "Serve"
            FROM flag_environments WHERE organization_id = {current.OrganizationId} AND project_id = {current.Project.Id} AND ({flags == null} OR flag_id = ANY({flags ?? []}))
            ORDER BY flag_id, environment_key
            """).ToListAsync(cancel);

    private static async Task<IReadOnlyDictionary<Guid, string>> NamesAsync(TogglrDbContext db, FlagListItemView[] items, CancellationToken cancel)
    {
        var ids = items.SelectMany(item => (IEnumerable<Guid?>)[item.Owner, item.ChangedBy]).OfType<Guid>().Distinct().ToArray();
        return await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToDictionaryAsync(user => user.Id, user => user.Name, cancel);
    }

    private static FlagListItemView View(
        Row row, IEnumerable<State> states, LifecycleView lifecycle, Dictionary<string, (string Text, IReadOnlyList<FlagListShareView>? Rollout)> serves,
        Dictionary<(Guid Flag, Guid Environment), FlagAlgorithmSummary> served)
    {
        var environments = new Dictionary<string, FlagListStateView>(StringComparer.Ordinal);
        var (changedAt, changedBy) = (row.UpdatedAt, row.UpdatedBy);
        foreach (var state in states)
        {
            if (state.UpdatedAt > changedAt)
                (changedAt, changedBy) = (state.UpdatedAt, state.UpdatedBy);
            (string Text, IReadOnlyList<FlagListShareView>? Rollout) serve;
            if (served.TryGetValue((row.Id, state.EnvironmentId), out var algorithm))
                serve = (FlagStore.Serves(algorithm), algorithm.Shares is { } shares ? Rollout(shares.Select(share => (share.Variant, share.Weight * 100))) : null);
            else if (!serves.TryGetValue(state.Serve, out serve))
                serves[state.Serve] = serve = Read(state.Serve);
            environments[state.Environment] = new FlagListStateView(state.Enabled, state.Killed, state.KillReason, state.Rules, serve.Text, serve.Rollout);
        }
        return new FlagListItemView(
            row.Key, row.Name, row.Description, row.Type, row.Kind, [.. row.Variants.Select(variant => variant.Key)], row.OffVariant, row.Owner, row.Category, row.Tags,
            row.ClientVisible, row.ArchivedAt, row.CreatedAt, changedAt, changedBy, lifecycle, environments);
    }

    private static (string Text, IReadOnlyList<FlagListShareView>? Rollout) Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var serve = document.RootElement;
        var text = FlagStore.Serves(serve);
        if (!serve.TryGetProperty("rollout", out var rollout))
            return (text, null);
        var parts = rollout.GetProperty("variations").EnumerateArray()
            .Select(part => (Key: part.GetProperty("key").GetString() ?? "", Weight: part.GetProperty("weight").GetDouble())).Where(part => part.Weight > 0).ToList();
        var total = parts.Sum(part => part.Weight);
        return (text, Rollout(parts.Select(part => (part.Key, part.Weight * 100 / total))));
    }

    private static IReadOnlyList<FlagListShareView> Rollout(IEnumerable<(string Variant, double Percent)> shares) =>
        [.. shares.Where(share => share.Percent > 0).Select(share => new FlagListShareView(share.Variant, Math.Round(share.Percent, 2)))];

    private sealed record Row(
        Guid Id, string Key, string Name, string Description, FlagType Type, FlagKind Kind, IReadOnlyList<Variant> Variants, string? OffVariant, Guid? Owner, string? Category,
        IReadOnlyList<string> Tags, bool ClientVisible, DateTimeOffset? ArchivedAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, Guid? UpdatedBy,
        int? ExpectedLifetimeDays);

    private sealed record State(
        Guid FlagId, Guid EnvironmentId, string Environment, bool Enabled, bool Killed, string? KillReason, DateTimeOffset UpdatedAt, Guid? UpdatedBy, int Rules, string Serve);
}
