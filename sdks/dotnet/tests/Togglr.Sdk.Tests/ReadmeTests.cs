using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Evaluation;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

/// <summary>The snippets of the README, compiled here and run.</summary>
public sealed partial class ReadmeTests : SdkTest
{
    private sealed record Theme(string Name);

    [Fact]
    public async Task Every_snippet_of_the_readme_is_compiled_in_this_file()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var folder = Path.Combine(RepositoryRoot.Path, "sdks", "dotnet");
        var source = Normalized(await File.ReadAllTextAsync(Path.Combine(folder, "tests", "Togglr.Sdk.Tests", "ReadmeTests.cs"), cancellation));
        var readme = await File.ReadAllTextAsync(Path.Combine(folder, "README.md"), cancellation);
        var snippets = Snippet().Matches(readme).Select(match => match.Groups["code"].Value).ToList();
        Assert.True(snippets.Count >= 8, "The README lost its snippets.");
        foreach (var snippet in snippets)
            Assert.Contains(Normalized(snippet), source, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_is_in_the_readme()
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "sdks", "dotnet", "README.md"));
        foreach (var option in typeof(TogglrClientOptions).GetProperties())
            Assert.Contains($"| `{option.Name}` |", readme, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_snippets_run()
    {
        var file = Path.Combine(TemporaryDirectory, "flags.json");
        await File.WriteAllTextAsync(
            file,
            Snapshot(1, Flag("new-checkout", on: true), Flag("title", "string", "\"Hi\""), Flag("limit", "number", "5"), Flag("theme", "json", """{"Name":"dark"}""")),
            TestContext.Current.CancellationToken);
        var before = Directory.GetCurrentDirectory();
        await using var client = Client(options =>
        {
            options.Offline = true;
            options.BootstrapFile = file;
        });
        Assert.Equal((true, "Hi", 1.5, 5L, "dark"), Evaluate(client));
        Follow(client);
        Tell(client, new InvalidOperationException());
        Measure(client);
        Assert.Contains("new-checkout", Page(client), StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetCurrentDirectory());
    }

    [Fact]
    public async Task The_starts_start()
    {
        Edge.OnStream = stream => stream.FullAsync(Snapshot(1, Flag("a", on: true)), 1);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["TOGGLR_SDK_KEY"] = "tgs_readme";
        Register(builder);
        await using (var application = builder.Build())
            Assert.NotNull(application.Services.GetRequiredService<TogglrClient>());
        await using var alone = AloneOffline();
        Assert.Equal(ClientState.Offline, alone.Status.State);
    }

    private static void Register(WebApplicationBuilder builder)
    {
        builder.Services.AddTogglr(options =>
        {
            options.SdkKey = builder.Configuration["TOGGLR_SDK_KEY"] ?? "";
            options.Endpoint = new Uri("http://127.0.0.1:8080");
        });
        builder.Services.AddHealthChecks().AddTogglr();
    }

#pragma warning disable IDE0051, xUnit1051 // Compiled only: it needs the key of a running server.
    private static async Task AloneAsync()
    {
        await using var togglr = new TogglrClient(new TogglrClientOptions
        {
            SdkKey = Environment.GetEnvironmentVariable("TOGGLR_SDK_KEY") ?? "",
            Endpoint = new Uri("http://127.0.0.1:8080"),
        });
        await togglr.WaitUntilReadyAsync();
    }

    private static async Task OfflineAsync()
    {
        await using var togglr = new TogglrClient(new TogglrClientOptions { Offline = true, BootstrapFile = "flags.json" });
    }
#pragma warning restore IDE0051, xUnit1051

    private static TogglrClient AloneOffline() => new(new TogglrClientOptions { Offline = true, BootstrapFile = "flags.json" });

    private static (bool On, string Title, double Rate, long Limit, string Theme) Evaluate(TogglrClient togglr)
    {
        var user = EvaluationContext.Builder("user-1").Set("country", "US").Set("plan", "pro").Build();

        bool isOn = togglr.BooleanVariation("new-checkout", user, defaultValue: false);
        string title = togglr.StringVariation("title", user, "Welcome");
        double rate = togglr.DoubleVariation("rate", user, 1.5);
        long limit = togglr.IntegerVariation("limit", user, 10);
        Theme theme = togglr.JsonVariation("theme", user, new Theme("light"));

        EvaluationDetail<bool> detail = togglr.BooleanVariationDetail("new-checkout", user, false);
        Console.WriteLine($"{detail.Value} {detail.Variant} {detail.Reason} {detail.RuleId} {detail.ErrorCode}");
        return (isOn, title, rate, limit, theme.Name);
    }

    private static string Page(TogglrClient togglr)
    {
        var user = EvaluationContext.Of("user-1");
        string json = togglr.AllFlags(user, clientVisibleOnly: true).ToJson();
        return json;
    }

    private static void Follow(TogglrClient togglr)
    {
        var user = EvaluationContext.Of("user-1");
        togglr.FlagsChanged += (_, change) => Console.WriteLine($"revision {change.Revision}: {string.Join(", ", change.Keys)}");

        using IDisposable watch = togglr.Watch("new-checkout", user, false, change => Console.WriteLine($"{change.Old} → {change.New}"));
    }

    private static void Tell(TogglrClient togglr, Exception exception)
    {
        var user = EvaluationContext.Of("user-1");
        togglr.Track("new-checkout", user, FeedbackKind.Success, variant: "on", reward: 19.90);
        togglr.ReportError("new-checkout", user, exception);
    }

    private static void Measure(TogglrClient togglr)
    {
        var user = EvaluationContext.Of("user-1");
        togglr.Track("purchase", 19.90, user);
        togglr.Track("purchase", 19.90, user, new Dictionary<string, object?> { ["currency"] = "EUR" });
        togglr.Track("signup", null, user);
        togglr.Track("seats", 4, user, unit: "company-17");
    }

    private static string Normalized(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Blanks();
}
