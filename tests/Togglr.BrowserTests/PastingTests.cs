using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Anything that can be in a clipboard or in a file, put into lists, JSON and segments.</summary>
[Collection(SiteTests.Name)]
public sealed partial class PastingTests(Site site)
{
    private const string Shop = "orgs/default/projects/shop";

    [Fact]
    public async Task A_column_of_ten_thousand_values_is_pasted_into_chips_whatever_is_between_them()
    {
        var page = await OpenRuleAsync("pasted-column");
        var watch = PageWatch.Over(page, site);
        var values = page.GetByRole(AriaRole.Combobox, new() { Name = "Values" });
        // Some by hand, as a spreadsheet gives them; values that differ in case only are different.
        await PasteAsync(page, values, "\uFEFFDE\tde;\"Doe, Jane\",  \"say \"\"hi\"\"\"\r\n\r\n;;,DE\nit's 5\" wide");
        foreach (var text in new[] { "DE", "de", "Doe, Jane", "say \"hi\"", "it's 5\" wide", "first" })
            await Expect(page.GetByText(text, new() { Exact = true }).First).ToBeVisibleAsync();
        await Expect(page.GetByText("6 values")).ToBeVisibleAsync();

        var many = new StringBuilder();
        for (var i = 0; i < 10_000; i++)
            many.Append("user-").Append(i).Append((i % 4) switch { 0 => "\r\n", 1 => ",", 2 => "\t", _ => "\n\n" });
        await PasteAsync(page, values, many.Append(many).ToString());
        await Expect(page.GetByText(TenThousand())).ToBeVisibleAsync();
        // As many are edited as text, and again whatever is between them.
        var text2 = page.GetByRole(AriaRole.Textbox, new() { Name = "Values" });
        await Expect(text2).ToHaveValueAsync(LastOfMany());
        await text2.FillAsync("one\n\"two, three\"\tfour,,;\n\n");
        await text2.BlurAsync();
        await Expect(page.GetByText("two, three", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
        using var api = await site.AdministratorAsync();
        var saved = await api.SendAsync(HttpMethod.Get, $"{Shop}/flags/pasted-column/environments/dev");
        Assert.Equal(["one", "two, three", "four"], saved.GetProperty("rules")[0].GetProperty("if").GetProperty("value").EnumerateArray().Select(static value => value.GetString()));
        Assert.Empty(watch.Complaints);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Garbage_in_place_of_JSON_is_explained_cannot_be_saved_and_breaks_nothing()
    {
        var page = await OpenRuleAsync("pasted-json");
        var watch = PageWatch.Over(page, site);
        await page.GetByText("JSON", new() { Exact = true }).ClickAsync();
        var editor = page.GetByRole(AriaRole.Textbox, new() { Name = "Configuration as JSON" });
        foreach (var garbage in new[]
        {
            "", "{", "null", "[]", "\"text\"", "{\"rules\":null}", "{\"rules\":[null]}", "{\"rules\":[{\"if\":[]}]}", "{\"rules\":\"<script>window.ran=1</script>\"}", "{\"__proto__\":{\"polluted\":true}}",
            "{\"rules\":[{\"id\":\"a\",\"if\":{\"attribute\":\"x\",\"operator\":\"constructor\"},\"then\":{\"variant\":\"toString\"}}]}", "MZ\u0001\u0002\uFFFD\u0000", "{\"default\":{\"variant\":1e999}}", new string('[', 200),
        })
        {
            await editor.FillAsync(garbage);
            await Expect(page.GetByText(NotUsable()).Or(page.GetByText("/rules/0").First).First).ToBeVisibleAsync();
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save", Disabled = false })).ToHaveCountAsync(0);
        }
        // Typed into, not laid out anew for seconds with every key.
        await editor.FillAsync(string.Concat(Enumerable.Repeat("{\"a\":", 3000)));
        await page.Keyboard.PressAsync("Control+Home");
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 5; i++)
        {
            await page.Keyboard.PressAsync("1");
            await page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
        }
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 10);
        await page.ExpectNothingRanAsync();
        await editor.FillAsync("""{"rules":[],"default":{"variant":"on"}}""");
        await page.GetByText("Form", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByText("No rules yet")).ToBeVisibleAsync();
        Assert.True(watch.Complaints.Count == 0, string.Join('\n', watch.Complaints));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_text_is_refused_before_it_is_sent_and_a_better_one_is_taken()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, $"{Shop}/segments", new { key = "pasted-files", name = "Files", included = new[] { "kept" } });
        var page = await site.SignInAsync();
        var watch = PageWatch.Over(page, site);
        await page.GotoAsync("/p/default/shop/segments/pasted-files");
        await page.GetByRole(AriaRole.Region, new() { Name = "Included" }).GetByRole(AriaRole.Button, new() { Name = "Change the list" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByText("Replace the list", new() { Exact = true }).ClickAsync();
        await dialog.GetByText("File", new() { Exact = true }).ClickAsync();
        var compare = dialog.GetByRole(AriaRole.Button, new() { Name = "Compare with the list" });
        foreach (var (name, content, says) in new[]
        {
            ("nothing.txt", Array.Empty<byte>(), "The file is empty."),
            ("utf-16.txt", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("a\r\nb\r\n")).ToArray(), "This is no text in UTF-8."),
            ("table.xlsx", [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00, 0x06, 0x00], "This is no text in UTF-8."),
            ("<img src=x onerror=window.ran=1>.csv", [0xCF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2], "This is no text in UTF-8."),
        })
        {
            await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/plain", Buffer = content });
            await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync(says);
            await Expect(compare).ToBeDisabledAsync();
        }
        await page.ExpectLiteralAsync("<img src=x onerror=window.ran=1>.csv");
        // Good at its beginning only: the server says where it goes wrong, and the list stays.
        var late = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 40_000).Select(static number => $"user-{number}\n"))).Concat(new byte[] { 0xFF, 0x0A }).ToArray();
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "late.txt", MimeType = "text/plain", Buffer = late });
        await Expect(compare).ToBeEnabledAsync();
        await compare.ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("UTF-8");
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "good.txt", MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes("\uFEFFkept\r\nnew\r\n\r\nnew\r\n") });
        await compare.ClickAsync();
        await Expect(dialog).ToContainTextAsync("+1");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Replace the list" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        var keys = await api.SendAsync(HttpMethod.Get, $"{Shop}/segments/pasted-files/keys?list=included");
        Assert.Equal(["kept", "new"], keys.GetProperty("items").EnumerateArray().Select(static key => key.GetString()).Order(StringComparer.Ordinal));
        Assert.True(watch.Complaints.Count == 0, string.Join('\n', watch.Complaints));
        await page.Context.CloseAsync();
    }

    private static async Task PasteAsync(IPage page, ILocator field, string text)
    {
        await page.EvaluateAsync("(text) => navigator.clipboard.writeText(text)", text);
        await field.FocusAsync();
        await page.Keyboard.PressAsync("Control+v");
    }

    /// <summary>A flag with one rule that has one value, and that rule open.</summary>
    private async Task<IPage> OpenRuleAsync(string key)
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, $"{Shop}/flags", new { key, type = "boolean" });
        using var request = new HttpRequestMessage(HttpMethod.Put, $"api/v1/{Shop}/flags/{key}/environments/dev")
        {
            Content = new StringContent(
                JsonSerializer.Serialize(new { rules = new[] { new { id = "one", name = "One", @if = new { attribute = "country", @operator = "in", value = new[] { "first" } }, then = new { variant = "on" } } }, @default = new { variant = "off" } }),
                null, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await api.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/shop/flags/{key}?env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit Rule 1: One" }).ClickAsync();
        return page;
    }

    [GeneratedRegex("10.?006 values", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TenThousand();

    [GeneratedRegex(@"user-9999\s*$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LastOfMany();

    [GeneratedRegex("This cannot be used|This is no", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotUsable();
}
