using System.Text.Json;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.IntegrationTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Editing the targeting of a flag: testing a draft, keeping it, merging it with somebody else's, and moving rules.</summary>
[Collection(SiteTests.Second)]
public sealed class FlagEditingTests(Site site)
{
    private const string Hostile = "<img src=x onerror=window.ran=1> \"'{{7*7}}${7*7} </script><script>window.ran=1</script>";

    [Fact]
    public async Task A_draft_is_tested_before_it_is_saved_and_shows_what_decided()
    {
        await CreateFlagAsync("tested-draft", Rule("first", "Pro", "plan", "pro"));
        var page = await OpenFlagAsync("tested-draft");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }).ClickAsync();
        var test = page.GetByRole(AriaRole.Region, new() { Name = "Who gets what?" });
        await Expect(test.GetByRole(AriaRole.Status)).ToContainTextAsync("like everybody else");
        await Expect(test).ToContainTextAsync("The flag is off in Development");
        await test.GetByRole(AriaRole.Combobox, new() { Name = "plan" }).FillAsync("pro");
        await Expect(test.GetByRole(AriaRole.Status)).ToContainTextAsync("by Rule 1: Pro");
        await Expect(RuleCard(page, "Rule 1: Pro")).ToContainTextAsync("decides");

        await page.GetByRole(AriaRole.Button, new() { Name = "Edit Rule 1: Pro" }).ClickAsync();
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("team");
        await Expect(test.GetByRole(AriaRole.Status)).ToContainTextAsync("like everybody else");
        await Expect(RuleCard(page, "Rule 1: Pro")).ToContainTextAsync("does not match");
        await Expect(test).ToContainTextAsync("Unsaved changes are included.");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_both_changed_is_asked_about_and_everything_else_is_merged()
    {
        await CreateFlagAsync("merged-edits", Rule("one", "One", "plan", "pro"), Rule("two", "Two", "country", "DE"));
        var mine = await OpenFlagAsync("merged-edits");
        var theirs = await OpenFlagAsync("merged-edits");

        await ChangeValueAsync(mine, "Rule 1: One", "mine");
        await RenameAsync(mine, "Rule 2: Two", "Second");
        await ChangeValueAsync(theirs, "Rule 1: One", "theirs");
        await ChangeValueAsync(theirs, "Rule 2: Two", "FR");
        await SaveAsync(theirs);

        await mine.GetByRole(AriaRole.Button, new() { Name = "Somebody else saved first" }).ClickAsync();
        var dialog = mine.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("One thing was changed by both of you");
        await Expect(dialog.GetByRole(AriaRole.Radiogroup)).ToHaveCountAsync(1);
        await Expect(dialog.GetByRole(AriaRole.Radio, new() { Name = "You: plan is mine" })).ToBeCheckedAsync();
        await dialog.GetByRole(AriaRole.Radio, new() { Name = "plan is theirs" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Region, new() { Name = "What you would then save" })).Not.ToContainTextAsync("mine");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Put my changes on top" }).ClickAsync();
        await SaveAsync(mine);

        await Expect(RuleCard(theirs, "Rule 1: One")).ToContainTextAsync("plan is theirs");
        await Expect(RuleCard(theirs, "Rule 2: Second")).ToContainTextAsync("country is FR");
        await mine.Context.CloseAsync();
        await theirs.Context.CloseAsync();
    }

    [Fact]
    public async Task A_draft_outlives_a_reload_and_another_environment_until_it_is_discarded()
    {
        await CreateFlagAsync("kept-draft", Rule("one", "One", "plan", "pro"));
        var page = await OpenFlagAsync("kept-draft");
        await ChangeValueAsync(page, "Rule 1: One", "kept");
        await page.ReloadAsync();
        await Expect(page.GetByText("They were kept in this window")).ToBeVisibleAsync();
        await Expect(RuleCard(page, "Rule 1: One")).ToContainTextAsync("plan is kept");

        var environments = page.GetByRole(AriaRole.Group, new() { Name = "Environments" });
        await environments.GetByRole(AriaRole.Button, new() { Name = "Staging" }).ClickAsync();
        await Expect(page.GetByText("No rules yet")).ToBeVisibleAsync();
        await environments.GetByRole(AriaRole.Button, new() { Name = "Development" }).ClickAsync();
        await Expect(RuleCard(page, "Rule 1: One")).ToContainTextAsync("plan is kept");

        await page.GetByRole(AriaRole.Region, new() { Name = "1 unsaved change" }).GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await Expect(RuleCard(page, "Rule 1: One")).ToContainTextAsync("plan is pro");
        await page.ReloadAsync();
        await Expect(RuleCard(page, "Rule 1: One")).ToContainTextAsync("plan is pro");
        await Expect(page.GetByText("They were kept in this window")).ToBeHiddenAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Form_and_JSON_are_two_views_of_one_draft_and_a_mistake_is_shown_where_it_is()
    {
        await CreateFlagAsync("as-json", Rule("one", "One", "plan", "pro"));
        var page = await OpenFlagAsync("as-json");
        await ChangeValueAsync(page, "Rule 1: One", "from-form");
        await page.GetByText("JSON", new() { Exact = true }).ClickAsync();
        var editor = page.GetByRole(AriaRole.Textbox, new() { Name = "Configuration as JSON" });
        await Expect(editor).ToContainTextAsync("from-form");

        await editor.FillAsync("""{"rules":[{"id":"one","name":"Changed","if":{"attribute":"plan","operator":"nope","value":"x"},"then":{"variant":"on"}}],"default":{"variant":"off"}}""");
        await Expect(page.GetByText("/rules/0/if/operator: unknown operator").First).ToBeVisibleAsync();
        await Expect(page.Locator(".cm-lintRange-error")).ToHaveTextAsync("\"nope\"");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeDisabledAsync();
        await editor.FillAsync("""{"rules":[{"id":"one","name":"Changed","if":{"attribute":"plan","operator":"eq","value":"from-json"},"then":{"variant":"on"}}],"default":{"variant":"off"}}""");
        await page.GetByText("Form", new() { Exact = true }).ClickAsync();
        await Expect(RuleCard(page, "Rule 1: Changed")).ToContainTextAsync("plan is from-json");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Rules_are_moved_by_keyboard_and_each_step_is_announced()
    {
        await CreateFlagAsync("moved-rules", Rule("one", "One", "plan", "a"), Rule("two", "Two", "plan", "b"));
        var page = await OpenFlagAsync("moved-rules");
        var handle = page.GetByRole(AriaRole.Button, new() { Name = "Move Rule 1: One" });
        await handle.FocusAsync();
        await page.Keyboard.PressAsync("Space");
        var announced = page.Locator("[role=status][aria-live=assertive]").Filter(new() { HasText = "One" });
        await Expect(announced).ToContainTextAsync("lace 1 of 2");
        // The list measures its rules after it has said that one is picked up; keys pressed before that move nothing.
        await Eventually.TrueAsync(async () =>
        {
            await page.Keyboard.PressAsync("ArrowDown");
            return (await announced.TextContentAsync())!.Contains("place 2 of 2", StringComparison.Ordinal);
        });
        await page.Keyboard.PressAsync("Space");
        await Expect(RuleCard(page, "Rule 2: One")).ToBeVisibleAsync();
        await SaveAsync(page);
        await Expect(RuleCard(page, "Rule 1: Two")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Somebody_who_may_only_look_sees_the_rules_and_why_they_cannot_be_changed()
    {
        await CreateFlagAsync("only-looking", Rule("one", "One", "plan", "pro"));
        var person = await site.AddPersonAsync("Flag Viewer", "default", new { role = "viewer" });
        var page = await site.SignInAsync(person);
        await page.GotoAsync("/p/default/shop/flags/only-looking?env=dev");
        await Expect(page.GetByText("you do not have the right to change flags in Development")).ToBeVisibleAsync();
        await Expect(RuleCard(page, "Rule 1: One")).ToContainTextAsync("plan is pro");
        foreach (var name in new[] { "Add rule", "Kill switch", "Add prerequisite", "Target individuals" })
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = name })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "plan" }).FillAsync("pro");
        await Expect(RuleCard(page, "Rule 1: One")).ToContainTextAsync("decides");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Hostile_texts_in_every_field_are_shown_and_never_run()
    {
        await CreateFlagAsync("hostile-flag");
        var page = await OpenFlagAsync("hostile-flag");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByLabel("Name (optional)").FillAsync(Hostile[..60]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("constructor");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync(Hostile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }).ClickAsync();
        var test = page.GetByRole(AriaRole.Region, new() { Name = "Who gets what?" });
        await test.GetByLabel("Targeting key").FillAsync(Hostile);
        await test.GetByRole(AriaRole.Combobox, new() { Name = "constructor" }).FillAsync(Hostile);
        await Expect(test.GetByRole(AriaRole.Status)).ToContainTextAsync("by Rule 1");
        await page.GetByText("JSON", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Textbox, new() { Name = "Configuration as JSON" })).ToContainTextAsync("onerror=window.ran=1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Reason (optional)").FillAsync(Hostile);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "onerror=window.ran=1" }).First).ToBeVisibleAsync();
        Assert.False(await page.EvaluateAsync<bool>("() => 'ran' in window"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Settings_that_two_people_edit_are_merged_field_by_field()
    {
        await CreateFlagAsync("shared-settings");
        using var api = await site.AdministratorAsync();
        var page = await OpenFlagAsync("shared-settings", "settings");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("My name");
        await page.GetByLabel("Description").FillAsync("My words");
        await api.SendAsync(HttpMethod.Patch, "orgs/default/projects/shop/flags/shared-settings", new { name = "Their name", clientVisible = true });
        await Expect(page.GetByText("while you were editing it")).ToContainTextAsync("Their name");
        await Expect(page.GetByRole(AriaRole.Switch, new() { Name = "Visible to client keys" })).ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Use that" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Discard" })).ToHaveCountAsync(0);
        var saved = await api.SendAsync(HttpMethod.Get, "orgs/default/projects/shop/flags/shared-settings");
        Assert.Equal("Their name", saved.GetProperty("name").GetString());
        Assert.Equal("My words", saved.GetProperty("description").GetString());
        Assert.True(saved.GetProperty("clientVisible").GetBoolean());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_values_of_a_JSON_flag_are_checked_by_its_schema_and_the_mistake_is_shown_where_it_is()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/flags", new
        {
            key = "checked-json",
            type = "json",
            variants = new[] { new { key = "a", value = new { limit = 1 } }, new { key = "b", value = new { limit = 2 } } },
            jsonSchema = new { type = "object", properties = new { limit = new { type = "integer" } }, required = new[] { "limit" } },
        });
        var page = await OpenFlagAsync("checked-json", "variants");
        var value = page.GetByRole(AriaRole.Textbox, new() { Name = "Value b" });
        await value.FillAsync("{\"limit\": ");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save variants" })).ToBeDisabledAsync();
        await value.FillAsync("{\"limit\": \"many\"}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save variants" }).ClickAsync();
        await Expect(page.Locator(".cm-lintRange-error")).ToHaveTextAsync("\"many\"");
        await value.FillAsync("{\"limit\": 20}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save variants" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Discard" })).ToHaveCountAsync(0);
        var saved = await api.SendAsync(HttpMethod.Get, "orgs/default/projects/shop/flags/checked-json");
        Assert.Equal(20, saved.GetProperty("variants")[1].GetProperty("value").GetProperty("limit").GetInt32());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Dependencies_are_drawn_and_a_flag_that_would_close_a_circle_cannot_be_chosen()
    {
        await CreateFlagAsync("graph-root");
        await CreateFlagAsync("graph-leaf");
        using var api = await site.AdministratorAsync();
        await ConfigureAsync(api, "graph-leaf", new { prerequisites = new[] { new { flag = "graph-root", variants = new[] { "on" } } }, @default = new { variant = "on" } });
        var page = await OpenFlagAsync("graph-root");
        var drawing = page.GetByRole(AriaRole.Group, new() { Name = "How flags depend on each other" });
        await Expect(drawing.GetByRole(AriaRole.Link, new() { Name = "graph-leaf" })).ToContainTextAsync("needs graph-root to serve on");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add prerequisite" }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Flag" }).FillAsync("graph-leaf");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "needs this flag itself" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await drawing.GetByRole(AriaRole.Link, new() { Name = "graph-leaf" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Leave" }).ClickAsync();
        await page.ArriveAsync("/p/default/shop/flags/graph-leaf");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_rule_that_another_hides_is_told_so_and_moved_with_one_click()
    {
        await CreateFlagAsync(
            "hidden-rule",
            new { id = "wide", name = "Wide", @if = new { attribute = "region", @operator = "in", value = new[] { "EU", "US" } }, then = new { variant = "on" } },
            Rule("narrow", "Narrow", "region", "EU"));
        var page = await OpenFlagAsync("hidden-rule");
        var narrow = RuleCard(page, "Rule 2: Narrow");
        await Expect(narrow).ToContainTextAsync("Rule 2 'Narrow' never decides: whenever it holds, rule 1 'Wide' holds before it");
        await narrow.GetByRole(AriaRole.Button, new() { Name = "Move rule 2 'Narrow' before rule 1 'Wide'" }).ClickAsync();
        var moved = RuleCard(page, "Rule 1: Narrow");
        await Expect(moved).ToBeVisibleAsync();
        await Expect(RuleCard(page, "Rule 2: Wide")).ToBeVisibleAsync();
        await Expect(page.GetByText("never decides")).ToHaveCountAsync(0);
        await SaveAsync(page);
        using var api = await site.AdministratorAsync();
        var saved = await api.GetStringAsync("api/v1/orgs/default/projects/shop/flags/hidden-rule/environments/dev", TestContext.Current.CancellationToken);
        Assert.True(saved.IndexOf("\"narrow\"", StringComparison.Ordinal) < saved.IndexOf("\"wide\"", StringComparison.Ordinal), saved);
        await page.Context.CloseAsync();
    }

    private static object Rule(string id, string name, string attribute, string value) =>
        new { id, name, @if = new { attribute, @operator = "eq", value }, then = new { variant = "on" } };

    private async Task CreateFlagAsync(string key, params object[] rules)
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/flags", new { key, type = "boolean" });
        if (rules.Length > 0)
            await ConfigureAsync(api, key, new { rules, @default = new { variant = "off" } });
    }

    private static async Task ConfigureAsync(HttpClient api, string key, object configuration)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"api/v1/orgs/default/projects/shop/flags/{key}/environments/dev")
        {
            Content = new StringContent(JsonSerializer.Serialize(configuration), null, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await api.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<IPage> OpenFlagAsync(string key, string? tab = null)
    {
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/shop/flags/{key}?env=dev{(tab is null ? "" : $"&tab={tab}")}");
        return page;
    }

    private static ILocator RuleCard(IPage page, string name) => page.GetByRole(AriaRole.Listitem, new() { Name = name });

    private static async Task ChangeValueAsync(IPage page, string rule, string value)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = $"Edit {rule}" }).ClickAsync();
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync(value);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
    }

    private static async Task RenameAsync(IPage page, string rule, string name)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = $"Edit {rule}" }).ClickAsync();
        await page.GetByLabel("Name (optional)").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
    }

    private static async Task SaveAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
    }
}
