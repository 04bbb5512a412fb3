using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Hostile texts in every field of a project: shown as they are, wherever they are shown, and never run.</summary>
[Collection(SiteTests.Second)]
public sealed class HostileTextTests(Site site)
{
    private const string Name = HostileTexts.Name;
    private static int _number;

    [Fact]
    public async Task What_is_typed_into_the_forms_of_a_project_is_shown_literally_on_every_page()
    {
        using var api = await site.AdministratorAsync();
        var project = $"hostile-{Interlocked.Increment(ref _number)}";
        var page = await site.SignInAsync();
        var watch = PageWatch.Over(page, site);

        // The project itself.
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch project" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "New project" }).ClickAsync();
        await Dialog(page).GetByLabel("Project name").FillAsync(Name);
        await Dialog(page).GetByLabel("Key", new() { Exact = true }).FillAsync(project);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Create a project" }).ClickAsync();
        await page.WaitForURLAsync($"**/p/default/{project}/**");
        await page.ExpectLiteralAsync(Name);
        var at = $"/p/default/{project}";

        // An environment and a key for it.
        await page.GotoAsync($"{at}/environments");
        await page.GetByRole(AriaRole.Button, new() { Name = "New environment" }).ClickAsync();
        await Dialog(page).GetByLabel("Name").FillAsync(Name);
        await Dialog(page).GetByLabel("Key", new() { Exact = true }).FillAsync("hostile");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(Dialog(page)).ToBeHiddenAsync();
        await page.ExpectLiteralAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "New key" }).First.ClickAsync();
        await Dialog(page).GetByLabel("What is it for?").FillAsync(Name[..100]);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await page.ExpectLiteralAsync(Name[..100]);

        // A flag with texts for values.
        await page.GotoAsync($"{at}/flags");
        await page.GetByRole(AriaRole.Button, new() { Name = "New flag" }).First.ClickAsync();
        await Dialog(page).GetByLabel("Name", new() { Exact = true }).FillAsync(Name);
        await Dialog(page).GetByLabel("Key", new() { Exact = true }).FillAsync("hostile");
        await Dialog(page).GetByLabel("Description").FillAsync(HostileTexts.Long);
        await Dialog(page).GetByRole(AriaRole.Radio, new() { Name = "String" }).ClickAsync();
        await Dialog(page).GetByLabel("Variant 1").FillAsync("constructor");
        await Dialog(page).GetByLabel("Value constructor").FillAsync(HostileTexts.Long);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Create flag" }).ClickAsync();
        await page.WaitForURLAsync("**/flags/hostile*");
        await page.ExpectLiteralAsync(HostileTexts.Long);
        await page.GotoAsync($"{at}/flags/hostile?tab=settings&env=hostile");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Name + "!");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Name + "!");
        await page.GotoAsync($"{at}/flags/hostile?tab=variants&env=hostile");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add variant" }).ClickAsync();
        await page.GetByLabel("Value variant-3").FillAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save variants" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Discard" })).ToHaveCountAsync(0);

        // A segment: who belongs, and lists of keys.
        await page.GotoAsync($"{at}/segments");
        await page.GetByRole(AriaRole.Button, new() { Name = "New segment" }).First.ClickAsync();
        await Dialog(page).GetByLabel("Name").FillAsync(Name);
        await Dialog(page).GetByLabel("Key", new() { Exact = true }).FillAsync("constructor");
        await Dialog(page).GetByLabel("Description").FillAsync(HostileTexts.Long);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await page.WaitForURLAsync("**/segments/constructor*");
        await page.ExpectLiteralAsync(HostileTexts.Long);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add conditions" }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("toString");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync(HostileTexts.Long);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save segment" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Discard" })).ToHaveCountAsync(0);
        var list = page.GetByRole(AriaRole.Region, new() { Name = "Included" });
        await list.GetByRole(AriaRole.Button, new() { Name = "Change the list" }).ClickAsync();
        await Dialog(page).GetByLabel("Keys, one a line").FillAsync(string.Join('\n', HostileTexts.All));
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Compare with the list" }).ClickAsync();
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Add these keys" }).ClickAsync();
        await Expect(Dialog(page)).ToBeHiddenAsync();
        await page.ExpectLiteralAsync(HostileTexts.All[0]);

        // Rules, individuals and the reason of a save.
        await page.GotoAsync($"{at}/flags/hostile?env=hostile");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByLabel("Name (optional)").FillAsync(Name[..100]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("hasOwnProperty");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync(HostileTexts.Long);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.ExpectLiteralAsync(Name[..100]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Target individuals" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "constructor" }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Individuals for constructor" }).FillAsync(HostileTexts.All[1]);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await Dialog(page).GetByLabel("Reason (optional)").FillAsync(Name);
        await page.ExpectLiteralAsync(HostileTexts.All[1]);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Kill switch" }).ClickAsync();
        await Dialog(page).GetByLabel("Why?").FillAsync(HostileTexts.All[6]);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Kill now" }).ClickAsync();
        await page.ExpectLiteralAsync(HostileTexts.All[6]);

        // A view of the list and a context that is kept.
        await page.GotoAsync($"{at}/flags?search=hostile");
        await page.GetByRole(AriaRole.Button, new() { Name = "Views" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Save as a view…" }).ClickAsync();
        await Dialog(page).GetByLabel("Name").FillAsync(Name);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(Dialog(page)).ToBeHiddenAsync();
        await page.ExpectLiteralAsync(Name);
        await page.GotoAsync($"{at}/evaluate");
        await page.GetByLabel("Targeting key").FillAsync(HostileTexts.Long);
        await page.GetByRole(AriaRole.Button, new() { Name = "Evaluate", Exact = true }).ClickAsync();
        await page.ExpectLiteralAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Dialog(page).GetByLabel("Name").FillAsync(Name);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(Dialog(page)).ToBeHiddenAsync();

        // Everywhere it is read.
        foreach (var (path, text) in new[]
        {
            ("", Name), ("/connect", Name), ("/flags", Name), ("/flags/hostile?env=hostile", Name[..100]), ("/flags/hostile?tab=variants", HostileTexts.Long), ("/flags/hostile?tab=settings", HostileTexts.Long),
            ("/flags/hostile?tab=history", Name), ("/flags/hostile?tab=code", Name), ("/flags/hostile?tab=usage", Name), ("/segments", HostileTexts.Name), ("/segments/constructor", HostileTexts.Long),
            ("/environments", Name), ("/environments/compare?from=hostile&to=prod", Name), ("/audit", Name), ("/evaluate?flag=hostile", Name),
        })
        {
            await page.GotoAsync(at + path);
            await page.ExpectLiteralAsync(text);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await page.ExpectNothingRanAsync();
        }
        await page.GotoAsync($"{at}/audit?search=hostile");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch project" }).ClickAsync();
        await page.ExpectLiteralAsync(Name);
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Control+k");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Search and commands" }).FillAsync("hostile");
        await Expect(page.GetByRole(AriaRole.Listbox, new() { Name = "Results" }).GetByRole(AriaRole.Option).Filter(new() { HasText = "onerror" }).First).ToBeVisibleAsync();
        await page.ExpectNothingRanAsync();
        await page.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/default/projects/{project}");
        Assert.True(watch.Complaints.Count == 0, string.Join('\n', watch.Complaints));
    }

    [Fact]
    public async Task Each_hostile_text_is_shown_literally_in_lists_and_can_be_searched_for()
    {
        using var api = await site.AdministratorAsync();
        var project = await CreateProjectAsync(api);
        for (var i = 0; i < HostileTexts.All.Length; i++)
        {
            await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key = $"text-{i}", name = HostileTexts.All[i], description = HostileTexts.All[i], type = "boolean" });
            await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments", new { key = $"text-{i}", name = HostileTexts.All[i], @if = new { attribute = "text", @operator = "eq", value = HostileTexts.All[i] } });
            await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/tags", new { key = $"text-{i}", name = HostileTexts.All[i] });
        }
        var page = await site.SignInAsync();
        var watch = PageWatch.Over(page, site);
        foreach (var path in new[] { "/flags", "/segments" })
        {
            await page.GotoAsync($"/p/default/{project}{path}");
            foreach (var text in HostileTexts.All)
                await page.ExpectLiteralAsync(text);
        }
        await page.GotoAsync($"/p/default/{project}/flags?columns=serves,owner,created");
        foreach (var text in HostileTexts.All)
        {
            await page.GetByRole(AriaRole.Searchbox).FillAsync(text);
            await page.ExpectLiteralAsync(text);
            await page.ReloadAsync();
            await Expect(page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync(text);
            await page.ExpectNothingRanAsync();
        }
        await page.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/default/projects/{project}");
        Assert.True(watch.Complaints.Count == 0, string.Join('\n', watch.Complaints));
    }

    [Fact]
    public async Task Keys_that_are_the_names_of_what_every_object_has_are_keys_like_others()
    {
        using var api = await site.AdministratorAsync();
        var project = await CreateProjectAsync(api);
        var orgs = $"orgs/default/projects/{project}";
        await api.SendAsync(HttpMethod.Post, $"{orgs}/environments", new { key = "constructor", name = "constructor", color = "#0090ff" });
        foreach (var key in new[] { "constructor", "toString", "hasOwnProperty" })
        {
            await api.SendAsync(HttpMethod.Post, $"{orgs}/flags", new { key, type = "string", variants = new[] { new { key = "constructor", value = "a" }, new { key = "valueOf", value = "b" } } });
            await api.SendAsync(HttpMethod.Post, $"{orgs}/segments", new { key, @if = new { attribute = "constructor", @operator = "eq", value = "toString" } });
        }
        await api.SendAsync(HttpMethod.Post, $"{orgs}/tags", new { key = "constructor", name = "constructor" });
        var page = await site.SignInAsync();
        var watch = PageWatch.Over(page, site);
        var broken = new List<string>();
        foreach (var path in new[]
        {
            "?env=constructor", "/flags?env=constructor&columns=serves,constructor", "/flags?columns=constructor,toString,__proto__", "/flags?state=constructor:on", "/flags?state=__proto__:on&sort=constructor&lifecycle=constructor",
            "/flags/constructor?env=constructor", "/flags/toString?env=constructor&tab=usage", "/flags/hasOwnProperty?tab=toString", "/flags/constructor?tab=variants", "/flags/constructor?tab=settings",
            "/flags/constructor?tab=history", "/flags/constructor?tab=code", "/segments/constructor", "/evaluate?flag=constructor&env=constructor", "/environments/compare?from=constructor&to=toString",
            "/environments/compare?from=constructor&to=prod&aspect=constructor", "/audit?entity=constructor&action=toString", "/connect?env=constructor",
        })
        {
            await page.GotoAsync($"/p/default/{project}{path}");
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First.WaitForAsync();
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            if (await page.GetByText("Something went wrong on this page").CountAsync() > 0)
                broken.Add(path);
        }
        Assert.True(broken.Count == 0, string.Join('\n', broken.Concat(watch.Complaints)));
        await page.GotoAsync($"/p/default/{project}/flags/constructor?env=constructor");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("__proto__");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("polluted");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "__proto__" }).FillAsync("polluted");
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.ExpectNothingRanAsync();
        await page.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, orgs);
        Assert.True(watch.Complaints.Count == 0, string.Join('\n', watch.Complaints));
    }

    [Fact]
    public async Task What_the_server_refuses_is_explained_and_stays_in_the_form()
    {
        using var api = await site.AdministratorAsync();
        var project = await CreateProjectAsync(api);
        var tooLong = new string('W', 201);
        var page = await site.SignInAsync();
        var watch = PageWatch.Over(page, site);
        foreach (var (path, open, create, label, key) in new[]
        {
            ($"/p/default/{project}/flags", "New flag", "Create flag", "Name", "refused"),
            ($"/p/default/{project}/segments", "New segment", "Create", "Name", "refused"),
            ($"/p/default/{project}/environments", "New environment", "Create", "Name", "refused"),
            ("/o/default/groups", "New group", "Create", "Name", "refused"),
            ("/o/default/service-accounts", "New service account", "Create", "Name", "refused"),
            ("/o/default/roles", "New role", "Create", "Name", "refused"),
        })
        {
            await page.GotoAsync(path);
            await page.GetByRole(AriaRole.Button, new() { Name = open }).First.ClickAsync();
            var name = Dialog(page).GetByLabel(label, new() { Exact = true });
            await name.FillAsync(tooLong);
            await Dialog(page).GetByLabel("Key", new() { Exact = true }).FillAsync(key);
            await Dialog(page).GetByRole(AriaRole.Button, new() { Name = create, Exact = true }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "at most 200 characters" }).First).ToBeVisibleAsync();
            await Expect(name).ToHaveValueAsync(tooLong);
        }
        await page.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/default/projects/{project}");
        Assert.True(watch.Complaints.Count == 0, string.Join('\n', watch.Complaints));
    }

    private static ILocator Dialog(IPage page) => page.GetByRole(AriaRole.Dialog);

    private static async Task<string> CreateProjectAsync(HttpClient api)
    {
        var project = $"hostile-{Interlocked.Increment(ref _number)}";
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = project, name = project });
        return project;
    }
}
