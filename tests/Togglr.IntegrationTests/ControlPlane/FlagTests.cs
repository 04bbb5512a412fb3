using System.Text.Json;

namespace Togglr.IntegrationTests.ControlPlane;

[Collection(ControlPlaneTests.Name)]
public sealed class FlagTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_boolean_flag_needs_a_key_and_a_type_only()
    {
        var project = await server.CreateProjectAsync();
        var created = await server.Admin.PostAsync($"{project}/flags", new { key = "checkout", type = "boolean", environments = new { prod = new { enabled = true } } }, 201);
        Assert.Equal("\"1\"", created.ETag);
        Assert.Equal("on", created.Get("variants", "0", "key"));
        Assert.Equal("off", created.Get("offVariant"));
        Assert.Equal("on", created.Get("environments", "prod", "serves"));
        Assert.True(created.At("environments", "prod", "enabled").GetBoolean());
        Assert.False(created.At("environments", "dev", "enabled").GetBoolean());
        var read = await server.Admin.GetAsync($"{project}/flags/checkout");
        Assert.Equal(created.Json.GetRawText(), read.Json.GetRawText());
        Assert.Equal(409, (await server.Admin.PostAsync($"{project}/flags", new { key = "checkout", type = "boolean" }, 409)).Status);
    }

    [Fact]
    public async Task Targeting_is_saved_evaluated_and_seen_as_of_earlier_revisions()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new
        {
            key = "color", type = "string", variants = new[] { new { key = "red", value = "#f00" }, new { key = "blue", value = "#00f" } }, offVariant = "blue",
        });
        var state = $"{project}/flags/color/environments/prod";
        var before = await server.Admin.GetAsync(state);
        var saved = await server.Admin.PutAsync(state, new
        {
            targets = new[] { new { variant = "blue", keys = new[] { "vip" } } },
            rules = new[] { new { id = "us", @if = (object)new { attribute = "country", @operator = "eq", value = "US" }, then = (object)new { variant = "red" } } },
            @default = new { rollout = new { variations = new[] { new { key = "red", weight = 1 }, new { key = "blue", weight = 3 } } } },
            enabled = true,
        }, 200, ("If-Match", before.ETag!));
        Assert.Equal("us", saved.Get("rules", "0", "id"));
        Assert.Equal("25% red, 75% blue", (await server.Admin.GetAsync($"{project}/flags/color")).Get("environments", "prod", "serves"));

        var environment = $"{project}/environments/prod";
        var now = await server.Admin.PostAsync($"{environment}/evaluate", new { context = new { targetingKey = "u1", country = "US" }, flags = new[] { "color", "none" }, trace = true });
        Assert.Equal("red", now.Get("results", "0", "variant"));
        Assert.Equal("TARGETING_MATCH", now.Get("results", "0", "reason"));
        Assert.Equal("us", now.Get("results", "0", "ruleId"));
        Assert.Equal("rule", now.Get("results", "0", "trace", "decidedBy"));
        Assert.Equal("FLAG_NOT_FOUND", now.Get("results", "1", "errorCode"));
        var revision = now.At("revision").GetInt64();
        var earlier = await server.Admin.PostAsync($"{environment}/evaluate", new { context = new { targetingKey = "u1", country = "US" }, revision = revision - 1 });
        Assert.Equal("DISABLED", earlier.Get("results", "0", "reason"));
        Assert.Equal("#00f", earlier.Get("results", "0", "value"));
        await server.Admin.PostAsync($"{environment}/evaluate", new { context = new { }, revision = revision + 1 }, 404);
        await server.Admin.PostAsync($"{environment}/evaluate", new { context = new { }, at = "2001-01-01T00:00:00Z" }, 404);
        Assert.Equal(revision, (await server.Admin.GetAsync($"{environment}/snapshot")).At("revision").GetInt64());
        var revisions = await server.Admin.GetAsync($"{environment}/revisions?limit=1");
        Assert.Equal("color", revisions.Get("items", "0", "changes", "0", "key"));
        Assert.NotEqual(JsonValueKind.Null, revisions.At("nextCursor").ValueKind);
    }

    [Fact]
    public async Task A_configuration_is_saved_with_the_version_that_was_read_only()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var state = $"{project}/flags/f/environments/prod";
        var body = new { @default = new { variant = "off" } };
        Assert.Equal("precondition_required", (await server.Admin.PutAsync(state, body, 428)).Code);
        await server.Admin.PutAsync(state, body, 200, ("If-Match", "\"1\""));
        var stale = await server.Admin.PutAsync(state, body, 412, ("If-Match", "\"1\""));
        Assert.Equal(2, stale.At("current").GetInt32());
    }

    [Fact]
    public async Task What_cannot_be_evaluated_is_refused_with_its_place()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var state = $"{project}/flags/f/environments/prod";
        foreach (var (serve, condition, code, path) in new (string, string, string, string)[]
        {
            ("""{"variant":"gone"}""", """{"and":[]}""", "unknown_variant", "/default"),
            ("""{"variant":"on"}""", """{"segment":"none"}""", "unknown_segment", "/rules/0/if"),
            ("""{"variant":"on"}""", """{"attribute":"a","operator":"matches","value":"(?=x)"}""", "", "/rules/0/if"),
            ("""{"variant":"on"}""", """{"attribute":"a","operator":"nope","value":"x"}""", "", "/rules/0/if"),
            ("""{"rollout":{"variations":[{"key":"on","weight":0}]}}""", """{"and":[]}""", "", "/default"),
            ("""{"variant":"on","surprise":1}""", """{"and":[]}""", "unknown_property", "/default"),
        })
        {
            var body = $$$"""{"default":{{{serve}}},"rules":[{"id":"r","if":{{{condition}}},"then":{"variant":"on"}}]}""";
            var refused = await server.Admin.PutAsync(state, body, 400, ("If-Match", "*"));
            Assert.Equal("validation_failed", refused.Code);
            Assert.StartsWith(path, refused.Get("errors", "0", "path"), StringComparison.Ordinal);
            if (code.Length > 0)
                Assert.Equal(code, refused.Get("errors", "0", "code"));
            var analysis = await server.Admin.PostAsync($"{state}/analyze", body);
            Assert.Equal("error", analysis.Get("problems", "0", "severity"));
        }
        Assert.Equal("1", (await server.Admin.GetAsync(state)).Get("version"));
    }

    [Fact]
    public async Task Prerequisites_in_a_circle_are_refused()
    {
        var project = await server.CreateProjectAsync();
        foreach (var key in new[] { "a", "b" })
            await server.Admin.PostAsync($"{project}/flags", new { key, type = "boolean" });
        object Needs(string flag) => new { prerequisites = new[] { new { flag, variants = new[] { "on" } } }, @default = new { variant = "on" } };
        await server.Admin.PutAsync($"{project}/flags/a/environments/prod", Needs("b"), 200, ("If-Match", "*"));
        Assert.Equal("cycle", (await server.Admin.PutAsync($"{project}/flags/b/environments/prod", Needs("a"), 400, ("If-Match", "*"))).Get("errors", "0", "code"));
        var inUse = await server.Admin.PostAsync($"{project}/flags/b/archive", null, 409);
        Assert.Equal("in_use", inUse.Code);
        Assert.Equal("a", inUse.Get("usedBy", "0", "key"));
        Assert.Equal("prod", inUse.Get("usedBy", "0", "environments", "0"));
        Assert.Equal("a", (await server.Admin.GetAsync($"{project}/flags/b/references")).Get("flags", "0", "key"));
    }

    [Fact]
    public async Task The_kill_switch_needs_a_reason_and_is_undone_explicitly()
    {
        var project = await server.CreateProjectAsync();
        var flag = $"{project}/flags/f";
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean", environments = new { prod = new { enabled = true }, dev = new { enabled = true } } });
        await server.Admin.PostAsync($"{flag}/kill", new { reason = " " }, 400);
        await server.Admin.PostAsync($"{flag}/kill", new { }, 400);
        await server.Admin.PostAsync($"{flag}/kill", new { reason = "fire", environments = new[] { "nowhere" } }, 400);
        var killed = await server.Admin.PostAsync($"{flag}/kill", new { reason = "fire" });
        Assert.All(killed.At("environments").EnumerateObject(), state => Assert.True(state.Value.GetProperty("killed").GetBoolean()));
        var result = await server.Admin.PostAsync($"{project}/environments/prod/evaluate", new { context = new { targetingKey = "u" } });
        Assert.Equal("DISABLED", result.Get("results", "0", "reason"));
        var revived = await server.Admin.PostAsync($"{flag}/revive", new { reason = "put out", environments = new[] { "prod" } });
        Assert.False(revived.At("environments", "prod", "killed").GetBoolean());
        Assert.True(revived.At("environments", "dev", "killed").GetBoolean());
        var audit = await server.Admin.GetAsync($"/api/v1/orgs/default/audit?entityKey=f&project={project.Split('/')[^1]}");
        Assert.Equal("flag.revived", audit.Get("items", "0", "action"));
        Assert.Equal("put out", audit.Get("items", "0", "reason"));
        Assert.Equal("flag.killed", audit.Get("items", "1", "action"));
    }

    [Fact]
    public async Task Only_archived_flags_are_deleted_and_archiving_twice_changes_nothing()
    {
        var project = await server.CreateProjectAsync();
        var flag = $"{project}/flags/f";
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        Assert.Equal("not_archived", (await server.Admin.DeleteAsync(flag, 409)).Code);
        var archived = await server.Admin.PostAsync($"{flag}/archive", new { reason = "old" });
        var again = await server.Admin.PostAsync($"{flag}/archive");
        Assert.Equal(archived.ETag, again.ETag);
        Assert.Equal("archived", (await server.Admin.PostAsync($"{flag}/environments/prod/toggle", new { enabled = true }, 409)).Code);
        Assert.Equal("0", (await server.Admin.GetAsync($"{project}/flags")).Get("total"));
        Assert.Equal("1", (await server.Admin.GetAsync($"{project}/flags?archived=true")).Get("total"));
        await server.Admin.PostAsync($"{flag}/restore");
        await server.Admin.PostAsync($"{flag}/environments/prod/toggle", new { enabled = true });
        await server.Admin.PostAsync($"{flag}/archive");
        await server.Admin.DeleteAsync(flag, 204);
        await server.Admin.GetAsync(flag, 404);
    }

    /// <summary>The admin UI checks while somebody types, by the same cases (<c>web/tests/jsonSchema.test.ts</c>).</summary>
    [Fact]
    public async Task Schemas_and_values_are_judged_as_the_shared_cases_say()
    {
        var project = await server.CreateProjectAsync();
        using var cases = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "spec", "json-schema-cases.json"), TestContext.Current.CancellationToken));
        Assert.True(cases.RootElement.GetArrayLength() > 50);
        var number = 0;
        foreach (var one in cases.RootElement.EnumerateArray())
        {
            var isRefused = one.TryGetProperty("refused", out var refused);
            var value = isRefused ? JsonDocument.Parse("1").RootElement : one.GetProperty("value");
            string[] expected = isRefused
                ? [.. refused.EnumerateArray().Select(path => $"/jsonSchema{path.GetString()}")]
                : [.. new[] { 0, 1 }.SelectMany(index => one.GetProperty("faults").EnumerateArray().Select(path => $"/variants/{index}/value{path.GetString()}"))];
            var body = new { key = $"case-{number++}", type = "json", jsonSchema = one.GetProperty("schema"), variants = new[] { new { key = "a", value }, new { key = "b", value } } };
            var answer = await server.Admin.PostAsync($"{project}/flags", body, expected.Length == 0 ? 201 : 400);
            if (expected.Length > 0)
                Assert.Equal(expected, answer.At("errors").EnumerateArray().Select(error => error.GetProperty("path").GetString()));
        }
    }

    [Fact]
    public async Task Values_of_json_flags_are_held_to_their_schema()
    {
        var project = await server.CreateProjectAsync();
        object Body(object second, object? schema = null) => new
        {
            key = "limits", type = "json", jsonSchema = schema ?? new { type = "object", required = new[] { "max" }, properties = new { max = new { type = "integer", minimum = 1 } } },
            variants = new[] { new { key = "small", value = (object)new { max = 1 } }, new { key = "large", value = second } },
        };
        var refused = await server.Admin.PostAsync($"{project}/flags", Body(new { max = 0 }), 400);
        Assert.Equal("/variants/1/value/max", refused.Get("errors", "0", "path"));
        Assert.Equal("/jsonSchema/nonsense", (await server.Admin.PostAsync($"{project}/flags", Body(new { max = 2 }, new { nonsense = 1 }), 400)).Get("errors", "0", "path"));
        await server.Admin.PostAsync($"{project}/flags", Body(new { max = 2 }));
        await server.Admin.PatchAsync($"{project}/flags/limits", new { variants = new[] { new { key = "small", value = new { max = "x" } }, new { key = "large", value = new { max = "y" } } } }, 400);
        var cleared = await server.Admin.PatchAsync($"{project}/flags/limits", """{"jsonSchema":null,"owner":null,"description":"d"}""");
        Assert.Equal(JsonValueKind.Null, cleared.At("jsonSchema").ValueKind);
        Assert.Equal(JsonValueKind.Null, cleared.At("owner").ValueKind);
        Assert.Equal("d", cleared.Get("description"));
    }

    [Fact]
    public async Task A_variant_in_use_stays()
    {
        var project = await server.CreateProjectAsync();
        var variants = new[] { new { key = "a", value = 1 }, new { key = "b", value = 2 }, new { key = "c", value = 3 } };
        await server.Admin.PostAsync($"{project}/flags", new { key = "n", type = "number", variants });
        Assert.Equal("in_use", (await server.Admin.PatchAsync($"{project}/flags/n", new { variants = variants[1..], defaultVariant = "b" }, 409)).Code);
        await server.Admin.PatchAsync($"{project}/flags/n", new { variants = variants[..2] });
    }
}
