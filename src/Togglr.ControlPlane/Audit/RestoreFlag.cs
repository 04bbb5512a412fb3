using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>Brings back a flag's details and its configuration in environments, as far as an entry tells of them, or the whole flag where it was deleted.</summary>
internal static class RestoreFlag
{
    public static async Task<Restored> RunAsync(PastState past, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var key = past.Entry.EntityKey;
        var row = past.Row($"flags/{key}");
        var states = past.Below($"flags/{key}/environments/").ToList();
        if (row is null && states.Count == 0)
            return RestoreAuditEntry.Refused("The entry does not tell of the flag's state.");
        var environments = await db.Environments.Where(it => it.ProjectId == current.Project.Id).OrderBy(it => it.Position).ToListAsync(cancel);
        if (past.Entry.Environment is { } only && !environments.Exists(it => it.Key == only))
            return RestoreAuditEntry.Refused($"The environment {only} is gone.");
        var wanted = states.Select(state => (Environment: environments.Find(it => it.Key == state.Name), state.Row)).Where(state => state.Environment is not null)
            .Select(state => (state.Environment!, state.Row)).ToList();
        if (row is not null && !current.May(Permissions.FlagManage, current.Project.Id))
            return Problem.Forbidden($"This needs the permission {Permissions.FlagManage}.");
        if (wanted.Exists(state => !current.May(Permissions.FlagManage, current.Project.Id, state.Item1.Id)))
            return Problem.Forbidden($"This needs the permission {Permissions.FlagManage}.");

        var flag = await FlagStore.FindAsync(db, current, key, cancel);
        if (flag is null && row is null)
            return RestoreAuditEntry.Refused($"The flag {key} is gone. Restore it from the entry about its deletion first.");
        if (flag is not null && row?.Choice<FlagType>("type") is { } type && type != flag.Type)
            return RestoreAuditEntry.Refused($"Another flag has the key {key} now, of the type {flag.Type.ToString().ToLowerInvariant()}.");
        var details = row is { } known ? await DetailsAsync(known, flag, db, cancel) : null;
        if (details is not null && await FlagDetailsCheck.RunAsync(db, current.Project.Id, details, cancel) is { } invalid)
            return RestoreAuditEntry.Refused(invalid);
        if (flag is null)
        {
            var created = Flag.Create(current.Project, environments, key, row!.Value.Choice<FlagType>("type") ?? FlagType.Boolean, details!);
            if (!created.IsOk)
                return RestoreAuditEntry.Refused(created.Error);
            flag = created.Value;
            db.Flags.Add(flag);
        }

        return await ApplyAsync(flag, details, row, wanted, past, current, db, time, cancel) is { } problem ? problem : flag.Id;
    }

    private static async Task<Problem?> ApplyAsync(
        Flag flag, FlagDetails? details, PastRow? row, List<(ProjectEnvironment Environment, PastRow Row)> states, PastState past, Current current, TogglrDbContext db, TimeProvider time,
        CancellationToken cancel)
    {
        flag.Restore();
        // Variants that go may still be in use until the environments are as they were.
        if (details is not null && states.Count > 0)
        {
            var keys = details.Variants.Select(variant => variant.Key).ToHashSet(StringComparer.Ordinal);
            var widened = flag.Change(details with { Variants = [.. details.Variants, .. flag.Variants.Where(variant => !keys.Contains(variant.Key))] });
            if (!widened.IsOk)
                return RestoreAuditEntry.Refused(widened.Error);
        }

        foreach (var (environment, state) in states)
        {
            if (await ConfigureAsync(flag, environment, state, past, current, db, time, cancel) is { } problem)
                return problem;
        }

        if (details is not null)
        {
            if (await UpdateFlag.FindNeededVariantsAsync(db, flag, details, cancel) is { } needed)
                return needed;
            var changed = flag.Change(details);
            if (!changed.IsOk)
                return RestoreAuditEntry.Refused(changed.Error);
        }

        if (row is { } known ? known.Text("archivedAt") is not null : db.Entry(flag).Property(it => it.ArchivedAt).OriginalValue is not null)
            flag.Archive(db.Entry(flag).Property(it => it.ArchivedAt).OriginalValue ?? time.GetUtcNow());
        return null;
    }

    private static async Task<Problem?> ConfigureAsync(
        Flag flag, ProjectEnvironment environment, PastRow row, PastState past, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (row.Json("prerequisites") is not { } prerequisites || row.Json("targets") is not { } targets || row.Json("rules") is not { } rules || row.Json("default") is not { } serve)
            return RestoreAuditEntry.Refused("The entry does not tell of the flag's configuration.");
        var state = flag.StateIn(environment);
        var draft = new FlagConfiguration(prerequisites, targets, rules, serve, row.Text("offVariant"));
        if (TargetingCheck.Refusal(await TargetingCheck.RunAsync(db, flag, state, draft, cancel)) is { } refusal)
            return RestoreAuditEntry.Refused(refusal);
        var configured = state.Configure(draft);
        if (configured.IsOk && state.Switch(row.Is("enabled"), current) is { } notSwitched)
            return notSwitched.Status == StatusCodes.Status403Forbidden ? notSwitched : RestoreAuditEntry.Refused(notSwitched);
        // The kill switch is pulled and released explicitly only: by restoring an entry about just that.
        if (configured.IsOk && past.Entry.Action is "flag.killed" or "flag.revived" && row.Is("killed") != state.Killed)
        {
            if (!current.May(Permissions.FlagToggle, current.Project.Id, environment.Id))
                return Problem.Forbidden($"This needs the permission {Permissions.FlagToggle}.");
            configured = state.Killed ? state.Revive() : state.Kill(row.Text("killReason") ?? "Restored from the audit log.", current.Actor.UserId, time.GetUtcNow());
        }

        return configured.IsOk ? null : RestoreAuditEntry.Refused(configured.Error);
    }

    /// <summary>People who have left since are not brought back: the owner stays as it is, and other maintainers remain.</summary>
    private static async Task<FlagDetails> DetailsAsync(PastRow row, Flag? flag, TogglrDbContext db, CancellationToken cancel)
    {
        Guid[] people = [.. row.Texts("maintainerIds").Select(text => Guid.TryParse(text, out var id) ? id : Guid.Empty), row.Id("ownerId") ?? Guid.Empty];
        var members = await db.Memberships.Where(member => people.Contains(member.UserId)).Select(member => member.UserId).ToListAsync(cancel);
        return new FlagDetails
        {
            Name = row.Text("name") ?? "",
            Description = row.Text("description") ?? "",
            Kind = row.Choice<FlagKind>("kind") ?? FlagKind.Release,
            Variants = row.Json("variants") is { ValueKind: JsonValueKind.Array } variants
                ? [.. variants.EnumerateArray().Select(item => new Variant(new PastRow(item).Text("key") ?? "", item.GetProperty("value"))
                    { Name = new PastRow(item).Text("name") ?? "", Description = new PastRow(item).Text("description") ?? "" })]
                : [],
            DefaultVariant = row.Text("defaultVariant"),
            OffVariant = row.Text("offVariant"),
            JsonSchema = row.Json("jsonSchema"),
            OwnerId = row.Id("ownerId") is { } owner && !members.Contains(owner) ? flag?.OwnerId : row.Id("ownerId"),
            MaintainerIds = [.. people[..^1].Where(members.Contains)],
            Category = row.Text("category"),
            Tags = row.Texts("tags"),
            ClientVisible = row.Is("clientVisible"),
            ExpectedLifetimeDays = row.Number("expectedLifetimeDays"),
        };
    }
}
