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
    private const int KeyLength = 100;

    public static async Task<Results<Versioned<FlagEnvironmentView>, Problem>> HandleAsync(
        string flag, FlagConfigurationRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        var state = row.StateIn(current.Environment);
        if (EntityTags.Check(current.Http.Request, state.Version, required: true) is { } stale)
            return stale;
        if (FaultOf(request) is { } fault)
            return Problem.Invalid(fault);
        var draft = ToConfiguration(request);
        var problems = await TargetingCheck.RunAsync(db, row, state, draft, cancel);
        if (TargetingCheck.Refusal(problems) is { } refusal)
            return refusal;
        var configured = state.Configure(draft);
        if (!configured.IsOk)
            return configured.Error.ToProblem();
        if (request.Enabled is { } enabled && state.Switch(enabled, current) is { } notSwitched)
            return notSwitched;
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

    /// <summary>What is wrong with the texts of rules, which mean nothing to evaluation but are stored, sent to SDKs and shown.</summary>
    internal static ProblemItem? FaultOf(FlagConfigurationRequest request)
    {
        var rules = request.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            foreach (var (name, text, longest) in new[] { ("id", rules[i].Id, KeyLength), ("name", rules[i].Name, KeyFormat.MaximumNameLength) })
            {
                if (text is null)
                    continue;
                if (text.Length > longest)
                    return new ProblemItem("too_long", $"/rules/{i}/{name}", $"At most {longest} characters.");
                if (Texts.Fault(text, $"/rules/{i}/{name}") is { } fault)
                    return fault;
            }
        }
        return null;
    }

    private static readonly JsonSerializerOptions StoredRuleOptions =
        new(StrictJson.Options) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private static string NewRuleId() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 10);

    private sealed record StoredRule(string Id, string? Name, JsonElement If, JsonElement Then);
}
