using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>Replaces how a flag decides in one environment, checked by the rules of evaluation first.</summary>
internal static class ConfigureFlag
{
    public static async Task<Results<Versioned<FlagEnvironmentView>, Problem>> HandleAsync(
        string flag, FlagConfigurationRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        var state = row.StateIn(current.Environment);
        if (EntityTags.Check(current.Http.Request, state.Version, required: true) is { } stale)
            return stale;
        var draft = ToConfiguration(request);
        var problems = await TargetingCheck.RunAsync(db, row, state, draft, cancel);
        if (TargetingCheck.Refusal(problems) is { } refusal)
            return refusal;
        var configured = state.Configure(draft);
        if (configured.IsOk && request.Enabled is { } enabled)
            configured = state.Toggle(enabled);
        if (!configured.IsOk)
            return configured.Error.ToProblem();
        if (await current.SaveAsync("flag.configured", row.Key, row.Id, request.Reason, cancel, state.EnvironmentKey) is { } problem)
            return problem;
        return new Versioned<FlagEnvironmentView>(await FlagStore.ViewAsync(db, row, state, problems, cancel), state.Version);
    }

    /// <summary>The configuration in the snapshot's shapes. Rules without an id get one.</summary>
    internal static FlagConfiguration ToConfiguration(FlagConfigurationRequest request) => new(
        JsonSerializer.SerializeToElement(request.Prerequisites ?? [], StrictJson.Options),
        JsonSerializer.SerializeToElement(request.Targets ?? [], StrictJson.Options),
        JsonSerializer.SerializeToElement(
            (request.Rules ?? []).Select(rule => new StoredRule(rule.Id ?? NewRuleId(), rule.Name, rule.If, rule.Then)), StoredRuleOptions),
        request.Default,
        request.OffVariant);

    private static readonly JsonSerializerOptions StoredRuleOptions =
        new(StrictJson.Options) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private static string NewRuleId() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 10);

    private sealed record StoredRule(string Id, string? Name, JsonElement If, JsonElement Then);
}
