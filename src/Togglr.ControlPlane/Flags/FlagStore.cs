using System.Linq.Expressions;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Algorithms;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Usage;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>Finding flags and showing them.</summary>
internal static class FlagStore
{
    /// <summary>A flag of the route's project with its states, tracked; null when there is none.</summary>
    public static Task<Flag?> FindAsync(TogglrDbContext db, Current current, string key, CancellationToken cancel) =>
        db.Flags.Include(flag => flag.Environments).SingleOrDefaultAsync(flag => flag.ProjectId == current.Project.Id && flag.Key == key, cancel);

    public static Problem NotThere(string key) => Problem.NotFound($"There is no flag {key}.");

    public static FlagEnvironment StateIn(this Flag flag, ProjectEnvironment environment) =>
        flag.Environments.Single(state => state.EnvironmentId == environment.Id);

    /// <summary>Switches a flag on or off as part of another change, which needs the right to switch all the same; null when that went well.</summary>
    public static Problem? Switch(this FlagEnvironment state, bool enabled, Current current)
    {
        if (state.Enabled == enabled)
            return null;
        if (!current.May(Permissions.FlagToggle, current.Project.Id, state.EnvironmentId))
            return Problem.Forbidden($"Switching {state.EnvironmentKey} {(enabled ? "on" : "off")} needs the permission {Permissions.FlagToggle}.");
        var toggled = state.Toggle(enabled);
        return toggled.IsOk ? null : toggled.Error.ToProblem();
    }

    public static async Task<FlagView> ViewAsync(TogglrDbContext db, Flag flag, CancellationToken cancel) => (await ViewsAsync(db, [flag], cancel))[0];

    public static async Task<IReadOnlyList<FlagView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<Flag> flags, CancellationToken cancel)
    {
        var people = await People.ReadAsync(
            db, flags.SelectMany(flag => (IEnumerable<Guid?>)[flag.OwnerId, flag.UpdatedBy, .. flag.MaintainerIds.Select(id => (Guid?)id), .. flag.Environments.Select(state => state.UpdatedBy)]), cancel);
        var lifecycles = await Lifecycles.ReadAsync(db, flags, cancel);
        var ids = flags.Select(flag => flag.Id).ToArray();
        var algorithms = await ReadAlgorithmsAsync(db, row => ids.Contains(row.FlagId), cancel);
        return [.. flags.Select(flag => View(flag, people, lifecycles[flag.Id], algorithms))];
    }

    /// <summary>Some algorithms, by flag and environment, with what they serve now.</summary>
    public static async Task<Dictionary<(Guid Flag, Guid Environment), FlagAlgorithmSummary>> ReadAlgorithmsAsync(TogglrDbContext db, Expression<Func<FlagAlgorithm, bool>> which, CancellationToken cancel)
    {
        var rows = await db.Algorithms.AsNoTracking().Where(which).Join(db.AlgorithmWeights.AsNoTracking(), row => row.Id, weights => weights.AlgorithmId, (row, weights) => new { row, weights }).ToListAsync(cancel);
        return rows.ToDictionary(pair => (pair.row.FlagId, pair.row.EnvironmentId), pair => new FlagAlgorithmSummary(pair.row.Kind, pair.row.RuleId, pair.row.Paused, Shares(pair.weights.Table)));
    }

    private static IReadOnlyList<AlgorithmShareView>? Shares(WeightTable table) => table.Cells.Count > 1 ? null
        : [.. table.Arms.Select(arm => new AlgorithmShareView(arm, table.ShareOf(table.Cells.Keys.First(), arm))).OrderByDescending(share => share.Weight).ThenBy(share => share.Variant, StringComparer.Ordinal)];

    public static async Task<FlagEnvironmentView> ViewAsync(
        TogglrDbContext db, Flag flag, FlagEnvironment state, IReadOnlyList<TargetingProblem> problems, CancellationToken cancel)
    {
        var people = await People.ReadAsync(db, [state.KilledBy, state.UpdatedBy], cancel);
        return View(flag, state, people, problems);
    }

    public static FlagEnvironmentView View(Flag flag, FlagEnvironment state, People people, IReadOnlyList<TargetingProblem> problems) => new(
        flag.Key, state.EnvironmentKey, state.Enabled, state.Killed, state.KillReason, state.KilledAt, people[state.KilledBy], state.Version, state.UpdatedAt, people[state.UpdatedBy],
        [.. state.Prerequisites.EnumerateArray().Select(item => new PrerequisiteBody(Text(item, "flag"), Texts(item, "variants")))],
        [.. state.Targets.EnumerateArray().Select(item => new TargetBody(Text(item, "variant"), Texts(item, "keys")))],
        [.. state.Rules.EnumerateArray().Select(item => new RuleView(
            Text(item, "id"), item.TryGetProperty("name", out var name) ? name.GetString() : null, item.GetProperty("if"), item.GetProperty("then")))],
        state.Default, state.OffVariant, problems);

    public static VariantView View(Variant variant) => new(variant.Key, variant.Name, variant.Description, variant.Value);

    private static FlagView View(Flag flag, People people, LifecycleView lifecycle, Dictionary<(Guid Flag, Guid Environment), FlagAlgorithmSummary> algorithms) => new(
        flag.Id, flag.Key, flag.Name, flag.Description, flag.Type, flag.Kind,
        [.. flag.Variants.Select(View)],
        flag.DefaultVariant, flag.OffVariant, flag.JsonSchema, people[flag.OwnerId], [.. flag.MaintainerIds.Select(id => people[id]).OfType<PersonRef>()],
        flag.Category, flag.Tags, flag.ClientVisible, flag.ExpectedLifetimeDays, flag.ArchivedAt, flag.Version, flag.CreatedAt, flag.UpdatedAt, people[flag.UpdatedBy],
        flag.Environments.OrderBy(state => state.EnvironmentKey, StringComparer.Ordinal).ToDictionary(
            state => state.EnvironmentKey, state => Summary(state, people, algorithms.GetValueOrDefault((flag.Id, state.EnvironmentId))), StringComparer.Ordinal), lifecycle);

    private static FlagEnvironmentSummary Summary(FlagEnvironment state, People people, FlagAlgorithmSummary? algorithm) => new(
        state.Enabled, state.Killed, state.KillReason, state.Version, state.Rules.GetArrayLength(), state.UpdatedAt, people[state.UpdatedBy],
        algorithm is { Rule: null } ? Serves(algorithm) : Serves(state.Default), algorithm);

    /// <summary>What an algorithm serves now, for people.</summary>
    internal static string Serves(FlagAlgorithmSummary algorithm) => algorithm.Shares is { } shares
        ? Serves(shares.Select(share => (share.Variant, share.Weight * 100))) : "an algorithm, by context";

    private static string Serves(IEnumerable<(string Variant, double Percent)> shares) =>
        string.Join(", ", shares.Where(share => share.Percent > 0).Select(share => FormattableString.Invariant($"{share.Percent:0.##}% {share.Variant}")));

    /// <summary>What a serve gives, for people.</summary>
    internal static string Serves(JsonElement serve)
    {
        if (serve.TryGetProperty("variant", out var variant))
            return variant.GetString() ?? "";
        if (serve.TryGetProperty("experiment", out var experiment))
            return $"experiment {experiment.GetString()}";
        if (!serve.TryGetProperty("rollout", out var rollout))
            return "off";
        var parts = rollout.GetProperty("variations").EnumerateArray()
            .Select(variation => (Key: variation.GetProperty("key").GetString() ?? "", Weight: variation.GetProperty("weight").GetDouble())).ToList();
        var total = parts.Sum(part => part.Weight);
        return Serves(parts.Where(part => part.Weight > 0).Select(part => (part.Key, part.Weight * 100 / total)));
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString() ?? "";

    private static string[] Texts(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(text => text.GetString() ?? "")];
}
