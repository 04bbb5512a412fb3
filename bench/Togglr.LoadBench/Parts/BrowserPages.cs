using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>The admin UI in a real Chromium, with a project of 5,000 flags: what is loaded, what moves, what makes one wait.</summary>
internal static class BrowserPages
{
    private const int FlagCount = 5000;
    private const int Rounds = 20;
    private const string Project = "browser";

    /// <summary>Notes what the browser itself measures: paints, shifts that nobody asked for, tasks that held the page up.</summary>
    private const string Observe = """
        window.__seen = { lcp: 0, cls: 0, long: [] };
        new PerformanceObserver(list => list.getEntries().forEach(e => __seen.lcp = e.startTime)).observe({ type: 'largest-contentful-paint', buffered: true });
        new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) __seen.cls += e.value; })).observe({ type: 'layout-shift', buffered: true });
        new PerformanceObserver(list => list.getEntries().forEach(e => __seen.long.push(e.duration))).observe({ type: 'longtask', buffered: true });
        """;

    /// <summary>Types a search and waits for the frame that shows its only answer.</summary>
    private const string Filter = """
        ([input, text, wanted]) => new Promise((resolve, reject) => {
          const start = performance.now();
          const shown = () => [...document.querySelectorAll('main a[href*="/flags/"]')].map(a => a.getAttribute('href').split('?')[0]);
          Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
          input.dispatchEvent(new Event('input', { bubbles: true }));
          const look = () => {
            const all = shown();
            if (all.length === 1 && all[0].endsWith('/' + wanted)) resolve(performance.now() - start);
            else if (performance.now() - start > 10000) reject(new Error('never filtered: ' + all.slice(0, 3)));
            else requestAnimationFrame(look);
          };
          look();
        })
        """;

    /// <summary>Scrolls for a while, a screen or so every frame, and gives the time of every frame.</summary>
    private const string Scroll = """
        () => new Promise(resolve => {
          const row = document.querySelector('main [role=row] a');
          let box = row?.parentElement;
          while (box && !(box.scrollHeight > box.clientHeight + 50 && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement;
          box ??= document.scrollingElement;
          __seen.long = [];
          const frames = [];
          let last = performance.now(), count = 0;
          const step = now => {
            frames.push(now - last);
            last = now;
            box.scrollTop += 240;
            if (++count < 180) requestAnimationFrame(step);
            else setTimeout(() => resolve({ frames: frames.slice(1), long: __seen.long, top: box.scrollTop }), 200);
          };
          requestAnimationFrame(step);
        })
        """;

    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management, int port)
    {
        await management.CreateProjectAsync(Project);
        var flags = management.Project(Project) + "/flags";
        for (var i = 0; i < FlagCount; i++)
            await management.PostAsync(flags, new JsonObject { ["key"] = $"browser-{i:0000}", ["name"] = $"Flag {i}", ["type"] = "boolean" });

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("TOGGLR_TEST_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var address = $"http://127.0.0.1:{port}";
        var list = $"/p/{management.Organization}/{Project}/flags?env=dev";
        var goals = new List<Goal>();

        var page = await OpenAsync(browser, address);
        await page.GotoAsync($"/login?to={Uri.EscapeDataString(list)}");
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        var scripts = await ScriptBytesAsync(page);
        goals.AddRange(await PaintedAsync(page, "sign-in"));
        await page.GetByLabel("E-mail").FillAsync(Management.Email);
        await page.GetByLabel("Password", new PageGetByLabelOptions { Exact = true }).FillAsync(Management.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.Locator("main [role=row] a").First.WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        var both = await ScriptBytesAsync(page);
        goals.Insert(0, new Goal("JavaScript of the sign-in and the list of flags, as sent", 300, both / 1024.0, "KB", $"of it the sign-in {scripts / 1024.0:0} KB"));

        await page.GotoAsync(list);
        await page.Locator("main [role=row] a").First.WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        goals.AddRange(await PaintedAsync(page, "list of 5,000 flags"));
        goals.AddRange(await ScrolledAsync(page));
        goals.Add(await FilteredAsync(page));

        await page.GotoAsync($"/p/{management.Organization}/{Project}/flags/browser-0001?env=dev");
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        goals.AddRange(await PaintedAsync(page, "page of a flag"));
        goals.Add(await FollowedAsync(browser, page, address, list));
        return goals;
    }

    private static async Task<IPage> OpenAsync(IBrowser browser, string address)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = address, ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        await context.AddInitScriptAsync(Observe);
        return await context.NewPageAsync();
    }

    private static Task<double> ScriptBytesAsync(IPage page) => page.EvaluateAsync<double>(
        "performance.getEntriesByType('resource').filter(e => new URL(e.name).pathname.endsWith('.js')).reduce((sum, e) => sum + e.encodedBodySize, 0)");

    private static async Task<IEnumerable<Goal>> PaintedAsync(IPage page, string name)
    {
        var seen = await page.EvaluateAsync<JsonElement>("__seen");
        return
        [
            new Goal($"largest paint: {name}", 2500, seen.GetProperty("lcp").GetDouble(), "ms", "on loopback, processor shared with the server"),
            new Goal($"layout shift: {name}", 0.1, seen.GetProperty("cls").GetDouble(), "CLS"),
        ];
    }

    private static async Task<IEnumerable<Goal>> ScrolledAsync(IPage page)
    {
        var seen = await page.EvaluateAsync<JsonElement>(Scroll);
        if (seen.GetProperty("top").GetDouble() < 10_000)
            throw new InvalidOperationException("The list did not scroll.");
        var frames = new Samples();
        foreach (var frame in seen.GetProperty("frames").EnumerateArray())
            frames.Add(frame.GetDouble());
        var tasks = seen.GetProperty("long").EnumerateArray().Select(static task => task.GetDouble()).ToArray();
        return
        [
            new Goal("tasks over 50 ms while 5,000 flags are scrolled", 0, tasks.Length, "tasks", tasks.Length == 0 ? "180 steps of 240 pixels" : $"the longest {tasks.Max():0} ms"),
            new Goal("frames while they are scrolled, p95", null, frames.Percentile(95), "ms", $"p50 {frames.Median:0.0} ms"),
        ];
    }

    private static async Task<Goal> FilteredAsync(IPage page)
    {
        var input = await page.GetByRole(AriaRole.Searchbox).First.ElementHandleAsync();
        var times = new Samples();
        for (var i = 0; i < Rounds; i++)
        {
            var key = $"browser-{(i * 241) + 7:0000}";
            times.Add(await page.EvaluateAsync<double>(Filter, new object[] { input!, key, key }));
        }
        return new Goal("search in the list of 5,000 flags, key to frame, p95", 50, times.Percentile(95), "ms", $"p50 {times.Median:0.0} ms, {Rounds} times");
    }

    /// <summary>From the click in one window to the frame in which another window, of another browser context, shows it.</summary>
    private static async Task<Goal> FollowedAsync(IBrowser browser, IPage page, string address, string list)
    {
        var other = await OpenAsync(browser, address);
        await other.GotoAsync($"/login?to={Uri.EscapeDataString(list + "&search=browser-0001")}");
        await other.GetByLabel("E-mail").FillAsync(Management.Email);
        await other.GetByLabel("Password", new PageGetByLabelOptions { Exact = true }).FillAsync(Management.Password);
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        var there = other.GetByRole(AriaRole.Switch, new() { Name = "browser-0001 in Development" }).First;
        await there.WaitForAsync();
        await other.GetByText("Live", new PageGetByTextOptions { Exact = true }).WaitForAsync();
        var here = page.GetByRole(AriaRole.Switch, new() { Name = "browser-0001 in Development" }).First;
        await here.WaitForAsync();
        await page.EvaluateAsync("window.addEventListener('click', () => window.__clicked = Date.now(), { capture: true })");
        var times = new Samples();
        for (var i = 0; i < Rounds; i++)
        {
            var on = await there.IsCheckedAsync();
            var follows = other.EvaluateAsync<double>(
                "([name, was]) => new Promise(resolve => { const look = () => { const s = document.querySelector(`[role=switch][aria-label='${name}']`); if (s && (s.checked ?? s.getAttribute('aria-checked') === 'true') !== was) resolve(Date.now()); else requestAnimationFrame(look); }; look(); })",
                new object[] { "browser-0001 in Development", on });
            await here.ClickAsync(new LocatorClickOptions { Force = true });
            times.Add(await follows - await page.EvaluateAsync<double>("window.__clicked"));
            await Task.Delay(300);
        }
        return new Goal("a switch in one browser seen in another, p95", 200, times.Percentile(95), "ms", $"p50 {times.Median:0} ms, click to frame, {Rounds} times");
    }
}
