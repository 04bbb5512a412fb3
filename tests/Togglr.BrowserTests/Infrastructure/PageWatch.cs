using Microsoft.Playwright;

namespace Togglr.BrowserTests.Infrastructure;

/// <summary>Keeps what must never happen in a window: dialogs, scripts from texts, errors, requests to elsewhere, breaches of the policy, and failures of the server.</summary>
internal sealed class PageWatch
{
    private readonly List<string> _complaints = [];
    private readonly Uri _home;

    private PageWatch(Uri home) => _home = home;

    /// <summary>Watches everything that happens in a window from now on.</summary>
    public static PageWatch Over(IPage page, Site site)
    {
        var watch = new PageWatch(site.Address);
        page.Dialog += (_, dialog) =>
        {
            watch.Note(dialog.Type == "beforeunload" ? null : $"{page.Url}: a dialog says {dialog.Message}");
            _ = dialog.AcceptAsync();
        };
        page.PageError += (_, error) => watch.Note($"{page.Url}: {error}");
        page.Console += (_, message) => watch.Note(IsComplaint(message.Text) ? $"{page.Url}: {message.Text}" : null);
        page.Request += (_, request) => watch.Note(watch.IsElsewhere(request.Url) ? $"{page.Url}: asks {request.Url}" : null);
        page.Response += (_, response) => watch.Note(response.Status >= 500 ? $"{page.Url}: {response.Request.Method} {response.Url} gave {response.Status}" : null);
        page.Popup += (_, popup) => watch.Note($"{page.Url}: opened {popup.Url}");
        return watch;
    }

    /// <summary>Everything that was noticed.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
                return [.. _complaints];
        }
    }

    private void Note(string? complaint)
    {
        if (complaint is null)
            return;
        lock (_complaints)
            _complaints.Add(complaint);
    }

    private static bool IsComplaint(string text) =>
        text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase) || text.Contains("Refused to", StringComparison.Ordinal)
        || text.Contains("Minified React error", StringComparison.Ordinal);

    private bool IsElsewhere(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "ws" or "wss" && (address.Host != _home.Host || address.Port != _home.Port);
}

/// <summary>What pages show of a text.</summary>
internal static class ShownTexts
{
    private const string Shows =
        """
        (text) => {
          const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value)
          return [document.body.textContent, ...fields].some((shown) => shown.includes(text))
        }
        """;

    /// <summary>Waits until the page shows a text exactly as it is, as text or in a field; and nothing that the text asked for has happened.</summary>
    public static async Task ExpectLiteralAsync(this IPage page, string text)
    {
        try
        {
            await page.WaitForFunctionAsync(Shows, text);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{page.Url} does not show: {text}");
        }
        await page.ExpectNothingRanAsync();
    }

    /// <summary>No text became a part of the page.</summary>
    public static async Task ExpectNothingRanAsync(this IPage page)
    {
        Assert.Null(await page.EvaluateAsync<string?>("() => window.ran === undefined ? null : String(window.ran)"));
        Assert.Equal(0, await page.Locator("img[src=x], svg[onload], iframe, [onerror], [onfocus], [onmouseover], a[href^='javascript:' i], a[href^='data:' i]").CountAsync());
        Assert.False(await page.EvaluateAsync<bool>("() => Object.prototype.hasOwnProperty.call(Object.prototype, 'polluted')"));
    }
}
