using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>
/// Every mutation writes exactly one audit entry. The test makes every POST, PUT, PATCH and DELETE of <c>spec/openapi.json</c> once, by the name of its operation, and looks at
/// the chains. A new operation needs a line in <see cref="Every_mutation_writes_exactly_one_entry"/>, or, where it changes nothing that is audited, one in <see cref="Exempt"/>.
/// </summary>
[Collection(ControlPlaneTests.Name)]
public sealed partial class MutationAuditTests(ControlPlaneServer server)
{
    /// <summary>Operations that write no entry here, each with its reason.</summary>
    private static readonly Dictionary<string, string> Exempt = new(StringComparer.Ordinal)
    {
        ["login"] = "a sign-in: its entries are tested with accounts",
        ["signInByLdap"] = "a sign-in: its entries are tested with directories",
        ["receiveSaml"] = "part of a sign-in: its entries are tested with identity providers",
        ["syncIdentityProvider"] = "needs a directory, and every change of the sync has an entry of its own: tested with directories",
        ["refresh"] = "goes on with a sign-in",
        ["logout"] = "ends a sign-in: its entries are tested with accounts",
        ["forgotPassword"] = "sends mail: tested with accounts",
        ["resetPassword"] = "needs the link of a mail: tested with accounts",
        ["resetMemberTwoFactor"] = "needs somebody with a second factor: tested with accounts",
        ["evaluate"] = "reads",
        ["analyzeFlag"] = "reads",
        ["evaluateSegment"] = "reads",
        ["analyzeSegment"] = "reads",
        ["previewMetric"] = "reads",
        ["previewSchedule"] = "reads",
        ["previewImpact"] = "tries and undoes",
        ["previewDraftImpact"] = "reads",
        ["compareSegmentKeys"] = "reads",
        ["testIdentityProvider"] = "reads",
        ["readInboxItem"] = "one's own inbox",
        ["readInbox"] = "one's own inbox",
        ["putMyNotifications"] = "one's own inbox",
        ["putWatch"] = "one's own inbox",
        ["testDestination"] = "sends, and changes nothing",
        ["testProjectDestination"] = "sends, and changes nothing",
        ["beginTwoFactor"] = "pending until it is confirmed: tested with accounts",
        ["confirmTwoFactor"] = "needs codes of the moment: tested with accounts",
        ["removeTwoFactor"] = "needs codes of the moment: tested with accounts",
        ["renewRecoveryCodes"] = "needs codes of the moment: tested with accounts",
        ["reauthenticate"] = "needs the password of the moment: tested with change requests",
        ["revokeMySessions"] = "one entry per sign-in that it ends: tested with accounts",
    };

    /// <summary>Operations that do two things, each with an entry of its own.</summary>
    private static readonly Dictionary<string, string> Twofold = new(StringComparer.Ordinal)
    {
        ["acceptInvitation"] = "somebody joins, and signs in",
        ["applyChangeRequest"] = "the request, and what it changes",
        ["promoteEnvironment"] = "where a flag went, and where it came from",
    };

    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (HttpMethod Method, string Path)> _operations = Read();
    private Api _as = server.Admin;
    private string _project = "";

    [Fact]
    public async Task Every_mutation_writes_exactly_one_entry()
    {
        var stamp = Guid.CreateVersion7().ToString("n")[..12];
        _project = $"m-{stamp}";
        await MakeAsync("createProject", new { key = _project, name = "Mutations" });
        await MakeAsync("updateProject", new { description = "d" });

        await MakeAsync("createEnvironment", new { key = "qa" });
        await MakeAsync("updateEnvironment", new { name = "Quality" }, ("env", "qa"));
        await MakeAsync("orderEnvironments", new { keys = new[] { "qa", "prod", "stage", "dev" } });
        await MakeAsync("deleteEnvironment", null, ("env", "qa"));

        var key = await MakeAsync("createSdkKey", new { name = "k", kind = "server" }, ("env", "dev"));
        await MakeAsync("updateSdkKey", new { name = "k2" }, ("env", "dev"), ("id", key.Get("id")));
        var rotated = await MakeAsync("rotateSdkKey", new { overlapHours = 1 }, ("env", "dev"), ("id", key.Get("id")));
        await MakeAsync("revokeSdkKey", null, ("env", "dev"), ("id", rotated.Get("id")));

        await MakeAsync("createCategory", new { key = "c" });
        await MakeAsync("updateCategory", new { name = "C" }, ("category", "c"));
        await MakeAsync("deleteCategory", null, ("category", "c"));
        await MakeAsync("createTag", new { key = "t" });
        await MakeAsync("updateTag", new { name = "T" }, ("tag", "t"));
        await MakeAsync("deleteTag", null, ("tag", "t"));
        await MakeAsync("createAttribute", new { name = "a", type = "string" });
        await MakeAsync("updateAttribute", new { description = "d" }, ("name", "a"));
        await MakeAsync("deleteAttribute", null, ("name", "a"));

        var context = await MakeAsync("createContext", new { name = "c", context = new { targetingKey = "u" } });
        await MakeAsync("updateContext", new { name = "d" }, ("id", context.Get("id")));
        await MakeAsync("deleteContext", null, ("id", context.Get("id")));

        await MakeAsync("createSegment", new { key = "s" });
        await MakeAsync("putSegment", new { name = "S" }, ("segment", "s"));
        await MakeAsync("editSegmentKeys", new { list = "included", add = new[] { "u" } }, ("segment", "s"));
        await MakeAsync("uploadSegmentKeys", new StringContent("v\nw\n", System.Text.Encoding.UTF8, "text/plain"), ("segment", "s"));
        await MakeAsync("deleteSegment", null, ("segment", "s"));

        await MakeAsync("createFlag", new { key = "f", type = "boolean" });
        await MakeAsync("updateFlag", new { name = "F" }, ("flag", "f"));
        await MakeAsync("configureFlag", new { @default = new { variant = "off" } }, ("flag", "f"), ("env", "prod"));
        await MakeAsync("toggleFlag", new { enabled = true }, ("flag", "f"), ("env", "prod"));
        var entry = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={_project}&action=flag.enabled&limit=1")).Get("items", "0", "id");
        await MakeAsync("restoreAuditEntry", new { to = "before" }, ("id", entry));
        await MakeAsync("configureFlag", new { @default = new { variant = "off" } }, ("flag", "f"), ("env", "stage"));
        var promotion = await MakeAsync("promoteEnvironment", new { from = "stage" }, ("env", "dev"));
        await MakeAsync("undoPromotion", new { flags = new Dictionary<string, int> { ["f"] = int.Parse(promotion.Get("flags", "0", "version")!, System.Globalization.CultureInfo.InvariantCulture) } }, ("env", "dev"));
        await MakeAsync("killFlag", new { reason = "x" }, ("flag", "f"));
        await MakeAsync("reviveFlag", new { reason = "x" }, ("flag", "f"));
        await MakeAsync("bulkFlags", new { action = "enable", environment = "dev", flags = new[] { "f" } });
        var schedule = await MakeAsync("createSchedule", new { name = "s", kind = "once", action = "enable", at = "2100-01-01T00:00:00Z" }, ("flag", "f"), ("env", "prod"));
        await MakeAsync("updateSchedule", new { name = "t", kind = "once", action = "enable", at = "2100-01-01T00:00:00Z" }, ("flag", "f"), ("env", "prod"), ("id", schedule.Get("id")));
        await MakeAsync("deleteSchedule", null, ("flag", "f"), ("env", "prod"), ("id", schedule.Get("id")));
        await server.Admin.PostAsync($"/api/v1/orgs/default/projects/{_project}/flags/f/environments/stage/toggle", new { enabled = true });
        foreach (var last in new[] { "cancelRamp", "rollBackRamp" })
        {
            var ramp = await MakeAsync("startRamp", new { to = "on", steps = new[] { new { percentage = 1, holdMinutes = 60, gate = true }, new { percentage = 2, holdMinutes = 60, gate = false } } }, ("flag", "f"), ("env", "stage"));
            foreach (var operation in new[] { "pauseRamp", "resumeRamp", "skipRampStep", "approveRampStep", last })
                await MakeAsync(operation, new { }, ("flag", "f"), ("env", "stage"), ("id", ramp.Get("id")));
            await server.Admin.PutAsync($"/api/v1/orgs/default/projects/{_project}/flags/f/environments/stage", new { @default = new { variant = "off" }, enabled = true }, 200, ("If-Match", "*"));
        }

        await MakeExperimentsAsync();
        var terms = new { maxErrors = 10 };
        foreach (var (operation, values) in new (string, (string, string)[])[]
        {
            ("ProjectHealthSettings", []), ("EnvironmentHealthSettings", [("env", "dev")]), ("FlagHealthSettings", [("flag", "f"), ("env", "dev")]),
        })
        {
            await MakeAsync($"put{operation}", terms, values);
            await MakeAsync($"delete{operation}", null, values);
        }
        await server.ExecuteAsync(
            $$"""
            INSERT INTO incidents (id, organization_id, project_id, flag_id, environment_id, flag_key, environment_key, number, cause, measure, began_at, opened_at, version, created_at, updated_at)
            SELECT gen_random_uuid(), f.organization_id, f.project_id, f.id, e.id, f.key, e.key, 1, '{"rule":"count","seconds":60,"errors":10,"evaluations":10,"rate":1,"threshold":10}', 'announce', now(), now(), 1, now(), now()
            FROM flags f JOIN projects p ON p.id = f.project_id JOIN environments e ON e.project_id = p.id AND e.key = 'dev' WHERE p.key = '{{_project}}' AND f.key = 'f'
            """);
        await MakeAsync("commentOnIncident", new { text = "x" }, ("incident", "1"));
        await MakeAsync("resolveIncident", new { comment = "x" }, ("incident", "1"));
        var view = await MakeAsync("createView", new { name = "Mine", query = "kind=release" });
        await MakeAsync("updateView", new { shared = true }, ("id", view.Get("id")));
        await MakeAsync("deleteView", null, ("id", view.Get("id")));
        await MakeAsync("archiveFlag", new { }, ("flag", "f"));
        await MakeAsync("restoreFlag", new { }, ("flag", "f"));
        await server.Admin.PostAsync($"/api/v1/orgs/default/projects/{_project}/flags/f/archive");
        await MakeAsync("deleteFlag", null, ("flag", "f"));

        await MakeNotificationsAsync();
        await MakeChangeRequestsAsync();
        var (member, id) = await CreateMemberAsync(stamp);
        await MakeAsync("createGroup", new { key = stamp, name = "G" });
        await MakeAsync("updateGroup", new { name = "H" }, ("group", stamp));
        await MakeAsync("addGroupMember", null, ("group", stamp), ("user", id));
        await MakeAsync("removeGroupMember", null, ("group", stamp), ("user", id));
        await MakeAsync("deleteGroup", null, ("group", stamp));
        await MakeAsync("createRole", new { key = stamp, name = "R", permissions = new[] { "organization.view", "project.view" } });
        await MakeAsync("updateRole", new { name = "S" }, ("role", stamp));
        await MakeAsync("deleteRole", null, ("role", stamp));
        var grant = await MakeAsync("createGrant", new { principal = new { kind = "user", id }, role = "viewer", project = _project });
        await MakeAsync("deleteGrant", null, ("id", grant.Get("id")));

        var account = await MakeAsync("createServiceAccount", new { key = stamp, name = "A" });
        await MakeAsync("updateServiceAccount", new { name = "B" }, ("id", account.Get("id")));
        var token = await MakeAsync("createServiceAccountToken", new { name = "t" }, ("id", account.Get("id")));
        await MakeAsync("revokeServiceAccountToken", null, ("id", account.Get("id")), ("token", token.Get("id")));
        await MakeAsync("deactivateServiceAccount", new { }, ("id", account.Get("id")));
        await MakeAsync("activateServiceAccount", new { }, ("id", account.Get("id")));
        await MakeAsync("deleteServiceAccount", null, ("id", account.Get("id")));

        await MakeAsync("createIdentityProvider", new
        {
            key = $"p-{stamp}", name = "P", kind = "oidc", enabled = false,
            settings = new { issuer = "https://id.example.com", clientId = "togglr" }, secrets = new { clientSecret = "secret-secret-secret" },
        });
        await MakeAsync("updateIdentityProvider", new { name = "Q" }, ("provider", $"p-{stamp}"));
        await MakeAsync("deleteIdentityProvider", null, ("provider", $"p-{stamp}"));
        await MakeAsync("createIdentityProvider", new { key = $"s-{stamp}", name = "S", kind = "scim", settings = new { } });
        await MakeAsync("issueScimToken", new { }, ("provider", $"s-{stamp}"));

        _as = member;
        await MakeAsync("updateMe", new { name = "Another name" });
        var mine = await MakeAsync("createMyToken", new { name = "t", organization = "default" });
        await MakeAsync("revokeMyToken", null, ("id", mine.Get("id")));
        await MakeAsync("changePassword", new { currentPassword = "correct horse", newPassword = "battery staple 77 wagon" });
        _as = await server.SignInAsync($"{stamp}@example.com", "battery staple 77 wagon");
        await server.SignInAsync($"{stamp}@example.com", "battery staple 77 wagon");
        var other = (await _as.GetAsync("/api/v1/me/sessions")).At("items").EnumerateArray().First(session => !session.GetProperty("current").GetBoolean());
        await MakeAsync("revokeMySession", null, ("id", other.GetProperty("id").GetString()!));

        _as = server.Admin;
        await MakeAsync("signOutMember", new { }, ("id", id));
        await MakeAsync("resetMemberPassword", new { }, ("id", id));
        await MakeAsync("deactivateMember", new { }, ("id", id));
        await MakeAsync("activateMember", new { }, ("id", id));
        await MakeAsync("removeMember", null, ("id", id));
        var invitation = await MakeAsync("createInvitation", new { email = $"guest-{stamp}@example.com", grants = new[] { new { role = "viewer" } } });
        var resent = await MakeAsync("resendInvitation", new { }, ("id", invitation.Get("id")));
        var link = resent.Get("link");
        await MakeAsync("acceptInvitation", new { name = "Guest", password = "battery staple 77 wagon" }, ("token", link[(link.LastIndexOfAny(['/', '=']) + 1)..]));
        var unwanted = await MakeAsync("createInvitation", new { email = $"other-{stamp}@example.com", grants = new[] { new { role = "viewer" } } });
        await MakeAsync("revokeInvitation", null, ("id", unwanted.Get("id")));
        await MakeAsync("updateSecurity", new { auditRetentionDays = 3650 });
        await MakeAsync("updateOrganization", new { name = $"Default {stamp}" });
        await MakeAsync("createOrganization", new { key = stamp, name = "New" });
        await MakeAsync("deleteOrganization", new { key = stamp }, ("org", stamp));
        await MakeAsync("deleteProject", null);

        string[] missing = [.. _operations.Keys.Where(operation => !_made.Contains(operation) && !Exempt.ContainsKey(operation)).Order(StringComparer.Ordinal)];
        Assert.True(
            missing.Length == 0,
            $"No test makes {string.Join(", ", missing)}. Add a line `await MakeAsync(\"{missing.FirstOrDefault()}\", body, …)` to this test, or a line with the reason to {nameof(Exempt)} where it changes nothing that is audited.");
        Assert.Empty(Exempt.Keys.Except(_operations.Keys));
    }

    private async Task MakeExperimentsAsync()
    {
        await MakeAsync("createMetric", new { key = "m", definition = new { kind = "conversion", @event = "bought" } });
        await MakeAsync("updateMetric", new { name = "M" }, ("metric", "m"));
        await MakeAsync("createLayer", new { key = "l" });
        await MakeAsync("updateLayer", new { name = "L" }, ("layer", "l"));
        await MakeAsync("createHoldout", new { key = "h", percentage = 5 });
        await MakeAsync("updateHoldout", new { name = "H" }, ("holdout", "h"));
        await MakeAsync("createExperiment", new { key = "x", flag = "f", environment = "stage", layer = new { key = "l", percentage = 50 }, holdout = "h", plan = new { metrics = new[] { new { metric = "m", role = "primary" } } } });
        await MakeAsync("updateExperiment", new { hypothesis = "More of it" }, ("experiment", "x"));
        await MakeAsync("putExperimentOverrides", new { overrides = new[] { new { variant = "on", keys = new[] { "tester" } } } }, ("experiment", "x"));
        await MakeAsync("startExperiment", new { }, ("experiment", "x"));
        await MakeAsync("pauseExperiment", new { }, ("experiment", "x"));
        await MakeAsync("resumeExperiment", new { }, ("experiment", "x"));
        await MakeAsync("beginExperimentPhase", new { traffic = 50 }, ("experiment", "x"));
        await MakeAsync("stopExperiment", new { }, ("experiment", "x"));
        await MakeAsync("decideExperiment", new { decision = "ship", ship = "on", reason = "better" }, ("experiment", "x"));
        await MakeAsync("archiveExperiment", new { }, ("experiment", "x"));
        await MakeAsync("deleteExperiment", null, ("experiment", "x"));
        await MakeAsync("putAlgorithm", new { kind = "thompson" }, ("flag", "f"), ("env", "dev"));
        await MakeAsync("deleteAlgorithm", null, ("flag", "f"), ("env", "dev"));
        await MakeAsync("deleteMetric", null, ("metric", "m"));
        await MakeAsync("deleteLayer", null, ("layer", "l"));
        await MakeAsync("deleteHoldout", null, ("holdout", "h"));
    }

    private async Task MakeNotificationsAsync()
    {
        foreach (var scope in new[] { "", "Project" })
        {
            var destination = (await MakeAsync($"create{scope}Destination", new { name = "d", kind = "slack", url = "https://hooks.example.com/x" })).Get("id");
            await MakeAsync($"update{scope}Destination", new { name = "e" }, ("id", destination));
            await server.ExecuteAsync(
                $$$"""
                INSERT INTO notification_deliveries (id, organization_id, destination_id, sequence, event, body, state, attempts, created_at, next_attempt_at, give_up_at)
                SELECT id, organization_id, id, 1, 'x', '{"id":"{{{destination}}}","type":"x","occurredAt":"2026-01-01T00:00:00Z","summary":"x","organization":{"key":"x","name":"x"}}', 'dead', 1, now(), now(), now()
                FROM notification_destinations WHERE id = '{{{destination}}}'
                """);
            await MakeAsync($"resend{scope}Delivery", new { }, ("id", destination));
            await MakeAsync($"resendAll{scope}Deliveries", new { }, ("id", destination));
            await MakeAsync($"delete{scope}Destination", null, ("id", destination));
        }
    }

    /// <summary>Asks for changes of a flag that is not guarded: a request is a request. Somebody else approves.</summary>
    private async Task MakeChangeRequestsAsync()
    {
        var policy = await MakeAsync("createChangePolicy", new { environment = "prod" });
        await server.Admin.PostAsync($"/api/v1/orgs/default/projects/{_project}/flags", new { key = "w", type = "boolean" }, 202);
        var number = (await MakeAsync("createChangeRequest", new { title = "Asked" })).Get("number");
        await MakeAsync("addRequestedChange", new { method = "POST", path = "flags", body = new { key = "x", type = "boolean" } }, ("number", number));
        await MakeAsync("addRequestedChange", new { method = "POST", path = "flags", body = new { key = "y", type = "boolean" } }, ("number", number));
        await MakeAsync("deleteRequestedChange", null, ("number", number), ("position", "0"));
        await MakeAsync("putRequestedChange", new { method = "POST", path = "flags", body = new { key = "z", type = "boolean" } }, ("number", number), ("position", "0"));
        await MakeAsync("updateChangeRequest", new { description = "d" }, ("number", number));
        await MakeAsync("submitChangeRequest", new { }, ("number", number));
        await MakeAsync("rebaseChangeRequest", new { }, ("number", number));
        await MakeAsync("commentOnChangeRequest", new { text = "?" }, ("number", number));
        var approver = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        _as = approver;
        await MakeAsync("rejectChangeRequest", new { }, ("number", number));
        _as = server.Admin;
        await server.Admin.PostAsync($"/api/v1/orgs/default/projects/{_project}/change-requests/{number}/submit");
        _as = approver;
        await MakeAsync("approveChangeRequest", new { }, ("number", number));
        await MakeAsync("applyChangeRequest", new { }, ("number", number));
        _as = server.Admin;
        var other = (await MakeAsync("createChangeRequest", new { title = "Asked" })).Get("number");
        await MakeAsync("cancelChangeRequest", new { }, ("number", other));
        await server.Admin.SendAsync(
            HttpMethod.Delete, $"/api/v1/orgs/default/projects/{_project}/change-policies/{policy.Get("id")}", null, 204, ("Togglr-Bypass", "true"), ("Togglr-Reason", "no more"));
        var idle = (await MakeAsync("createChangePolicy", new { enabled = false })).Get("id");
        await MakeAsync("updateChangePolicy", new { minApprovals = 2 }, ("id", idle));
        await MakeAsync("deleteChangePolicy", null, ("id", idle));
    }

    /// <summary>Calls an operation by its name and expects one more entry in one chain, or the same event once in several.</summary>
    private async Task<Answer> MakeAsync(string operation, object? body, params (string Name, string Value)[] values)
    {
        Assert.True(_operations.TryGetValue(operation, out var known), $"There is no operation {operation} any more: remove its line.");
        var path = Placeholder().Replace(known.Path, match =>
            values.FirstOrDefault(value => value.Name == match.Groups["name"].Value).Value
            ?? (match.Groups["name"].Value switch { "org" => "default", "project" => _project, var name => throw new InvalidOperationException($"{operation} needs a value for {name}.") }));
        var before = await ReadChainsAsync();
        var answer = await _as.SendAsync(known.Method, path, body, 0, ("If-Match", "*"));
        var grown = (await ReadChainsAsync()).Select(chain => chain.Value - before.GetValueOrDefault(chain.Key)).Where(growth => growth > 0).ToList();
        Assert.True(grown.Count > 0, $"{operation} wrote no audit entry.");
        Assert.True(grown.Max() == (Twofold.ContainsKey(operation) ? 2 : 1), $"{operation} wrote {grown.Max()} audit entries.");
        _made.Add(operation);
        return answer;
    }

    private async Task<Dictionary<Guid, long>> ReadChainsAsync()
    {
        var chains = new Dictionary<Guid, long>();
        await using var command = server.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand("SELECT organization_id, sequence FROM audit_chains");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            chains.Add(reader.GetGuid(0), reader.GetInt64(1));
        return chains;
    }

    private async Task<(Api Member, string Id)> CreateMemberAsync(string name)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var organization = await db.Organizations.SingleAsync(row => row.Key == "default");
        db.UseOrganization(organization.Id);
        var user = User.Create($"{name}@example.com", name).Value!;
        user.SetPassword(scope.ServiceProvider.GetRequiredService<Togglr.Hosting.Security.Passwords>().Hash("correct horse"), mustChange: false);
        db.Users.Add(user);
        db.Memberships.Add(Membership.Create(organization.Id, user));
        db.RoleGrants.Add(RoleGrant.Create(organization.Id, new PrincipalId(PrincipalKind.User, user.Id), GrantedRole.Of(BuiltInRole.Member)));
        var committed = await db.CommitAsync(new Change(ChangeActor.System(), "member.added", user.Email));
        Assert.True(committed.IsOk, committed.Error?.Message);
        return (await server.SignInAsync(user.Email, "correct horse"), user.Id.ToString());
    }

    /// <summary>Every operation of the description that is not a GET, by its name.</summary>
    private static Dictionary<string, (HttpMethod, string)> Read()
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "spec", "openapi.json")));
        var operations = new Dictionary<string, (HttpMethod, string)>(StringComparer.Ordinal);
        foreach (var path in description.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(operation => operation.Name is "post" or "put" or "patch" or "delete"))
                operations.Add(operation.Value.GetProperty("operationId").GetString()!, (new HttpMethod(operation.Name.ToUpperInvariant()), path.Name));
        }

        return operations;
    }

    [GeneratedRegex("\\{(?<name>[a-zA-Z]+)\\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
