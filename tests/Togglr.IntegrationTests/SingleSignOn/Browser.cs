using System.Net;
using System.Text.RegularExpressions;

namespace Togglr.IntegrationTests.SingleSignOn;

/// <summary>What a browser does during a sign-in: keeps cookies, follows redirects, submits forms. It shows each step, so that a test can interfere.</summary>
public sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser() => _http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = Cookies });

    /// <summary>Its cookies.</summary>
    public CookieContainer Cookies { get; } = new();

    /// <summary>Gets an address and follows redirects until <paramref name="stop"/> says that the next address is not to be fetched, or a page comes.</summary>
    public async Task<Page> GetAsync(Uri address, Func<Uri, bool>? stop = null) => await FollowAsync(address, await _http.GetAsync(address), stop);

    /// <summary>Submits the first form of a page.</summary>
    public async Task<Page> SubmitAsync(Page page, IReadOnlyDictionary<string, string> fields, Func<Uri, bool>? stop = null)
    {
        var form = FormPattern().Match(page.Body);
        Assert.True(form.Success, $"{page.Address} has no form: {page.Body}");
        var action = new Uri(page.Address, WebUtility.HtmlDecode(form.Groups["action"].Value));
        var values = HiddenPattern().Matches(page.Body).ToDictionary(match => match.Groups["name"].Value, match => WebUtility.HtmlDecode(match.Groups["value"].Value), StringComparer.Ordinal);
        foreach (var (name, value) in fields)
            values[name] = value;
        return await PostAsync(action, values, stop);
    }

    /// <summary>Posts a form.</summary>
    public async Task<Page> PostAsync(Uri action, IReadOnlyDictionary<string, string> values, Func<Uri, bool>? stop = null) =>
        await FollowAsync(action, await _http.PostAsync(action, new FormUrlEncodedContent(values)), stop);

    public void Dispose() => _http.Dispose();

    private async Task<Page> FollowAsync(Uri address, HttpResponseMessage response, Func<Uri, bool>? stop)
    {
        for (var i = 0; i < 20; i++)
        {
            if (response.Headers.Location is not { } location)
                return new Page(address, (int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
            var next = new Uri(address, location);
            if (stop?.Invoke(next) == true)
                return new Page(next, (int)response.StatusCode, "", response);
            address = next;
            response = await _http.GetAsync(address);
        }
        throw new InvalidOperationException("The redirects do not end.");
    }

    [GeneratedRegex("<form[^>]*?action=\"(?<action>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FormPattern();

    [GeneratedRegex("<input[^>]*?type=\"hidden\"[^>]*?name=\"(?<name>[^\"]+)\"[^>]*?value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HiddenPattern();
}

/// <summary>Where a browser is.</summary>
/// <param name="Address">The address; of the next request where the test stopped.</param>
/// <param name="Status">Of the last answer.</param>
/// <param name="Body">Its body.</param>
/// <param name="Response">The last answer.</param>
public sealed record Page(Uri Address, int Status, string Body, HttpResponseMessage Response)
{
    /// <summary>The code that the login page is to explain.</summary>
    public string? Error => System.Web.HttpUtility.ParseQueryString(Address.Query)["error"];
}
