using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Togglr.ControlPlane.Accounts;
using Togglr.Hosting.Security;

namespace Togglr.BrowserTests.Infrastructure;

/// <summary>Somebody with an account.</summary>
/// <param name="Email">Their address.</param>
/// <param name="Api">Signed in as them, apart from every window.</param>
internal sealed record Person(string Email, HttpClient Api)
{
    /// <summary>Everybody's password here.</summary>
    public const string Password = "correct horse battery";
}

/// <summary>The secret of an authenticator app, which is used without a phone.</summary>
internal sealed class Authenticator(byte[] secret)
{
    private long _last;

    /// <summary>Reads what the page shows to type.</summary>
    public static Authenticator Of(string base32)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bytes = new List<byte>();
        var (buffer, bits) = (0, 0);
        foreach (var letter in base32.Where(static letter => letter != ' '))
        {
            (buffer, bits) = (((buffer << 5) | alphabet.IndexOf(letter, StringComparison.Ordinal)) & 0xFFF, bits + 5);
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)(buffer >> bits));
            }
        }
        return new Authenticator([.. bytes]);
    }

    /// <summary>A code that was not used before: the current one, or, when that was used, the next one, which is good already.</summary>
    public string Code()
    {
        _last = Math.Max(Totp.StepOf(TimeProvider.System.GetUtcNow()), _last + 1);
        return Totp.CodeOf(secret, _last);
    }

    /// <summary>A code that is not good now, and was not and will not be a minute from now.</summary>
    public string WrongCode()
    {
        var step = Totp.StepOf(TimeProvider.System.GetUtcNow());
        var good = Enumerable.Range(-3, 9).Select(offset => Totp.CodeOf(secret, step + offset)).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(0, 20).Select(static number => number.ToString("D6", System.Globalization.CultureInfo.InvariantCulture)).First(code => !good.Contains(code));
    }
}

/// <summary>People of the site, made by way of the API.</summary>
internal static class People
{
    private static int _number;

    /// <summary>An address that nobody has.</summary>
    public static string NewEmail() => $"person{Interlocked.Increment(ref _number)}@example.com";

    /// <summary>A client signed in with a password.</summary>
    public static async Task<HttpClient> ApiAsync(this Site site, string email, string password)
    {
        var client = new HttpClient { BaseAddress = site.Address };
        var answer = await client.SendAsync(HttpMethod.Post, "auth/login", new { email, password });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.GetProperty("accessToken").GetString());
        return client;
    }

    /// <summary>A client of the administrator.</summary>
    public static Task<HttpClient> AdministratorAsync(this Site site) => site.ApiAsync(FirstStart.DemoEmail, FirstStart.DemoPassword);

    /// <summary>Reports an error as an application does.</summary>
    public static async Task ReportErrorAsync(this Site site, string sdkKey, string flag, string message = "late")
    {
        using var client = new HttpClient { BaseAddress = site.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"sdk/v1/features/{flag}/report-error")
        {
            Content = JsonContent.Create(new { error_type = "timeout", error_message = message }), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", sdkKey) },
        };
        using var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Invites an address; the path of the link.</summary>
    public static async Task<string> InviteAsync(this HttpClient api, string email, string organization, params object[] grants)
    {
        var invitation = await api.SendAsync(HttpMethod.Post, $"orgs/{organization}/invitations", new { email, grants });
        return new Uri(invitation.GetProperty("link").GetString()!).AbsolutePath;
    }

    /// <summary>Somebody new with these roles in an organization.</summary>
    public static async Task<Person> AddPersonAsync(this Site site, string name, string organization = "default", params object[] grants)
    {
        using var administrator = await site.AdministratorAsync();
        var email = NewEmail();
        var link = await administrator.InviteAsync(email, organization, grants.Length > 0 ? grants : [new { role = "member" }]);
        using var anonymous = new HttpClient { BaseAddress = site.Address };
        await anonymous.SendAsync(HttpMethod.Post, $"auth{link}/accept", new { name, password = Person.Password });
        return new Person(email, await site.ApiAsync(email, Person.Password));
    }

    /// <summary>Turns the second factor on: the app and the recovery codes.</summary>
    public static async Task<(Authenticator App, string[] RecoveryCodes)> AddTwoFactorAsync(this Person person)
    {
        var setup = await person.Api.SendAsync(HttpMethod.Post, "me/two-factor", new { password = Person.Password });
        var app = Authenticator.Of(setup.GetProperty("secret").GetString()!);
        var codes = await person.Api.SendAsync(HttpMethod.Post, "me/two-factor/confirm", new { code = app.Code() });
        return (app, [.. codes.GetProperty("recoveryCodes").EnumerateArray().Select(static code => code.GetString()!)]);
    }

    /// <summary>Types address and password into the login page and sends them.</summary>
    public static async Task EnterAsync(this IPage page, string email, string password = Person.Password)
    {
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.EnterPasswordAsync(password);
    }

    /// <summary>Types the password and sends it.</summary>
    public static async Task EnterPasswordAsync(this IPage page, string password = Person.Password)
    {
        await page.PasswordField().FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    /// <summary>The field of the password.</summary>
    public static ILocator PasswordField(this IPage page) => page.GetByLabel("Password", new PageGetByLabelOptions { Exact = true });

    /// <summary>A window of somebody, on the flags of the demo shop.</summary>
    public static async Task<IPage> SignInAsync(this Site site, Person person, int width = 1440, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await site.OpenAsync(width, scheme: scheme);
        await page.GotoAsync("/login?to=/p/default/shop/flags");
        await page.EnterAsync(person.Email);
        await page.ArriveAsync("/p/default/shop/flags");
        return page;
    }

    /// <summary>Waits until the page is at a path: a pattern would also match what the login page is to go on to.</summary>
    public static Task ArriveAsync(this IPage page, string path) =>
        page.WaitForURLAsync(url => new Uri(url).AbsolutePath == path);

    /// <summary>Calls the API; an answer that is no success fails the test with what it says.</summary>
    public static async Task<JsonElement> SendAsync(this HttpClient api, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"api/v1/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await api.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }
}
