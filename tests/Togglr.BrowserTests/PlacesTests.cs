using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Segments with large lists, the evaluation debugger, and environments that are compared, promoted, ordered and deleted.</summary>
[Collection(SiteTests.Name)]
public sealed class PlacesTests(Site site)
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>{{7*7}}";
    private static int _number;

    [Fact]
    public async Task A_list_of_a_million_keys_is_compared_uploaded_and_searched()
    {
        var (project, api) = await CreateProjectAsync();
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments", new { key = "readers", name = "Readers", included = new[] { "somebody-else" } });
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 1_000_000).Select(static number => $"reader-{number:D7}"), new UTF8Encoding(false));
        var page = await site.SignInAsync();
        try
        {
            await page.GotoAsync($"/p/default/{project}/segments/readers");
            var list = page.GetByRole(AriaRole.Region, new() { Name = "Included" });
            await list.GetByRole(AriaRole.Button, new() { Name = "Change the list" }).ClickAsync();
            var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Change who is included" });
            await dialog.GetByText("Replace the list", new() { Exact = true }).ClickAsync();
            await dialog.GetByText("File", new() { Exact = true }).ClickAsync();
            await page.Locator("input[type=file]").SetInputFilesAsync(file);
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Compare with the list" }).ClickAsync();
            await Expect(dialog).ToContainTextAsync("+1,000,000", new() { Timeout = 120_000 });
            await Expect(dialog.GetByRole(AriaRole.List, new() { Name = "Some of those that go" })).ToHaveTextAsync("somebody-else");
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Replace the list" }).ClickAsync();
            await Expect(dialog).ToBeHiddenAsync(new() { Timeout = 180_000 });
            await Expect(list).ToContainTextAsync("1,000,000 keys", new() { Timeout = 60_000 });
            await list.GetByRole(AriaRole.Searchbox).FillAsync("0777777");
            await Expect(list.GetByRole(AriaRole.List)).ToHaveTextAsync("reader-0777777", new() { Timeout = 60_000 });
        }
        finally
        {
            File.Delete(file);
            await page.Context.CloseAsync();
            await api.SendAsync(HttpMethod.Delete, $"orgs/default/projects/{project}");
        }
    }

    [Fact]
    public async Task Pasted_keys_are_added_whatever_they_look_like_and_a_used_segment_says_where()
    {
        var (project, api) = await CreateProjectAsync();
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments", new { key = "testers", name = Hostile, included = new[] { "a" } });
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments", new { key = "all-testers", @if = new { segment = "testers" } });
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/segments/testers");
        var list = page.GetByRole(AriaRole.Region, new() { Name = "Included" });
        await list.GetByRole(AriaRole.Button, new() { Name = "Change the list" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Keys, one a line").FillAsync($"a\n{Hostile}\nb, b");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Compare with the list" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("+2");
        await Expect(dialog).ToContainTextAsync(Hostile);
        // Somebody else is quicker: nothing happens before the new state was compared.
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments/testers/keys", new { list = "included", add = new[] { "quick" } });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add these keys" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("Compare again");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Compare with the list" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add these keys" }).ClickAsync();
        await Expect(list).ToContainTextAsync("4 keys");

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("all-testers");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_promotion_is_previewed_and_a_critical_target_asks_for_its_key_and_a_reason()
    {
        var (project, api) = await CreateProjectAsync();
        await api.SendAsync(HttpMethod.Patch, $"orgs/default/projects/{project}/environments/prod", new { critical = true });
        foreach (var key in new[] { "first", "second" })
        {
            await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key, name = Hostile, type = "boolean" });
            await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags/{key}/environments/stage/toggle", new { enabled = true });
        }
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/environments/compare?from=stage&to=prod");
        await Expect(page.GetByText("2 flags differ")).ToBeVisibleAsync();
        Assert.Empty(await page.FindViolationsAsync("compare"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Show what differs in first" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table)).ToContainTextAsync("On or off");
        await page.GetByLabel("Select first").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview the promotion" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByRole(AriaRole.List)).ToContainTextAsync("copied");
        Assert.Empty(await page.FindViolationsAsync("promote"));
        var promote = dialog.GetByRole(AriaRole.Button, new() { Name = "Promote 1 flag" });
        await Expect(promote).ToBeDisabledAsync();
        await dialog.GetByLabel("Type prod to confirm").FillAsync("prod");
        await Expect(promote).ToBeDisabledAsync();
        await dialog.GetByLabel("Reason").FillAsync("Tried in stage");
        await promote.ClickAsync();
        await Expect(page.GetByText("1 flag differs")).ToBeVisibleAsync();
        Assert.True((await StateAsync(api, project, "first")).GetProperty("enabled").GetBoolean());
        Assert.False((await StateAsync(api, project, "second")).GetProperty("enabled").GetBoolean());

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Undone: 1 flag in Production as before.")).ToBeVisibleAsync();
        await Expect(page.GetByText("2 flags differ")).ToBeVisibleAsync();
        Assert.False((await StateAsync(api, project, "first")).GetProperty("enabled").GetBoolean());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Environments_are_moved_by_keyboard_and_deleted_by_typing_their_key()
    {
        var (project, api) = await CreateProjectAsync();
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/environments");
        var names = page.GetByRole(AriaRole.Heading, new() { Level = 2 });
        await Expect(names).ToHaveCountAsync(3);
        var first = await names.First.InnerTextAsync();
        var handle = page.GetByRole(AriaRole.Button, new() { Name = $"Move {first}", Exact = true });
        await handle.FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.GetByText("is over place 1")).ToBeAttachedAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.GetByText("is over place 2")).ToBeAttachedAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(names.Nth(1)).ToHaveTextAsync(first);

        await page.GetByRole(AriaRole.Button, new() { Name = $"More actions: {first}" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Delete environment" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var delete = dialog.GetByRole(AriaRole.Button, new() { Name = "Delete environment" });
        await Expect(delete).ToBeDisabledAsync();
        await dialog.GetByLabel("Type prod to confirm").FillAsync("prod");
        await delete.ClickAsync();
        await Expect(names).ToHaveCountAsync(2);
        var left = await api.SendAsync(HttpMethod.Get, $"orgs/default/projects/{project}/environments");
        Assert.Equal(["stage", "dev"], left.GetProperty("items").EnumerateArray().Select(static row => row.GetProperty("key").GetString()));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_question_is_answered_in_all_environments_saved_and_sent_as_a_link_that_no_server_sees()
    {
        var (project, api) = await CreateProjectAsync();
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key = "lamp", type = "boolean" });
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags/lamp/environments/stage/toggle", new { enabled = true });
        var page = await site.SignInAsync();
        var seen = new List<string>();
        page.Context.Request += (_, request) => seen.Add(request.Url);
        await page.GotoAsync($"/p/default/{project}/evaluate?flag=lamp");
        await page.GetByLabel("Targeting key").FillAsync(Hostile);
        await page.GetByRole(AriaRole.Switch, new() { Name = "All environments side by side" }).ClickAsync(new() { Force = true });
        await page.GetByRole(AriaRole.Button, new() { Name = "Evaluate", Exact = true }).ClickAsync();
        var results = page.GetByRole(AriaRole.Region, new() { Name = "Results" }).First;
        await Expect(results).ToContainTextAsync("1 of 1 flag");
        Assert.Empty(await page.FindViolationsAsync("side by side"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("A strange customer");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("A strange customer was saved.")).ToBeVisibleAsync();
        var link = page.Url;
        Assert.Contains("#", link, StringComparison.Ordinal);

        var other = await site.SignInAsync();
        other.Context.Request += (_, request) => seen.Add(request.Url);
        await other.GotoAsync(link);
        await Expect(other.GetByRole(AriaRole.Region, new() { Name = "Results" }).First).ToContainTextAsync("1 of 1 flag");
        await Expect(other.GetByLabel("Targeting key")).ToHaveValueAsync(Hostile);
        await other.GetByLabel("Targeting key").FillAsync("another");
        await other.GetByRole(AriaRole.Button, new() { Name = "Contexts" }).ClickAsync();
        await other.GetByRole(AriaRole.Menuitem, new() { Name = "A strange customer" }).ClickAsync();
        await Expect(other.GetByLabel("Targeting key")).ToHaveValueAsync(Hostile);
        Assert.DoesNotContain(seen, static url => url.Split('#')[0].Contains("onerror", StringComparison.Ordinal));
        await page.Context.CloseAsync();
        await other.Context.CloseAsync();
    }

    private static Task<JsonElement> StateAsync(HttpClient api, string project, string flag) =>
        api.SendAsync(HttpMethod.Get, $"orgs/default/projects/{project}/flags/{flag}/environments/prod");

    private async Task<(string Project, HttpClient Api)> CreateProjectAsync()
    {
        var api = await site.AdministratorAsync();
        var key = $"places-{Interlocked.Increment(ref _number)}";
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key, name = key });
        return (key, api);
    }
}
