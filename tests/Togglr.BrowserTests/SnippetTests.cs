using System.Diagnostics;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>The code that the page shows for connecting an application is copied from it and run.</summary>
[Collection(SiteTests.Second)]
public sealed class SnippetTests(Site site)
{
    private const string Project = "snippets";

    [Fact]
    public async Task What_the_page_shows_runs_as_it_is()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = Project });
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{Project}/flags", new { key = "hello", type = "boolean", clientVisible = true, environments = new { dev = new { enabled = true } } });
        var page = await site.SignInAsync(height: 1400);
        await page.GotoAsync($"/p/default/{Project}/connect?env=dev");

        Assert.Contains("\"value\":true", await RunAsync(await CodeAsync(page, "curl"), static (directory, code) => Start(directory, "bash", "-c", code)), StringComparison.Ordinal);
        Assert.Contains("hello true", await RunAsync(await CodeAsync(page, "Node.js"), StartNode), StringComparison.Ordinal);
        Assert.Contains("hello true", await RunAsync(await CodeAsync(page, "Browser"), StartNode), StringComparison.Ordinal);
        Assert.Contains("hello True", await RunAsync(await CodeAsync(page, ".NET"), StartDotnet), StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }

    /// <summary>The code of a language, with a key in it.</summary>
    private static async Task<string> CodeAsync(IPage page, string language)
    {
        await page.GetByRole(AriaRole.Radiogroup, new() { Name = "Language" }).GetByText(language, new() { Exact = true }).ClickAsync();
        var create = page.GetByRole(AriaRole.Button, new() { Name = "Create a key for Development" });
        var code = page.GetByRole(AriaRole.Region, new() { Name = "Ask for a flag" });
        await code.WaitForAsync();
        if (await create.IsVisibleAsync())
        {
            await create.ClickAsync();
            await create.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        }
        return await code.InnerTextAsync();
    }

    private static async Task<string> RunAsync(string code, Func<string, string, Task<Process>> start)
    {
        Assert.DoesNotContain("…", code, StringComparison.Ordinal);
        var directory = Directory.CreateTempSubdirectory("togglr-snippet-").FullName;
        try
        {
            var (output, attempts) = ("", 0);
            // A key that was just made may not be known for some milliseconds.
            await Eventually.TrueAsync(async () =>
            {
                using var process = await start(directory, code);
                var (said, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
                using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
                await process.WaitForExitAsync(limit.Token);
                output = await said + await errors;
                Assert.True(process.ExitCode == 0 || ++attempts < 5, output);
                return process.ExitCode == 0;
            }, timeoutSeconds: 180);
            return output;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Task<Process> Start(string directory, string program, params string[] arguments) =>
        Task.FromResult(Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!);

    /// <summary>In a folder from which the packages are found that the page tells to install.</summary>
    private static async Task<Process> StartNode(string directory, string code)
    {
        var packages = await NodePeer.InstallAsync("ofrep", "eventsource");
        var link = Path.Combine(directory, "node_modules");
        if (!Directory.Exists(link))
            Directory.CreateSymbolicLink(link, Path.Combine(packages, "node_modules"));
        // The web's provider listens for changes as long as the page is open, which has no end here.
        await File.WriteAllTextAsync(Path.Combine(directory, "snippet.mjs"), code + "\nprocess.exit(0)\n");
        return await Start(directory, "node", "snippet.mjs");
    }

    private static async Task<Process> StartDotnet(string directory, string code)
    {
        // What the package Togglr.Sdk consists of.
        var sdk = Path.Combine(Site.Root, "sdks", "dotnet", "src", "Togglr.Sdk", "Togglr.Sdk.csproj");
        var evaluation = Path.Combine(Site.Root, "src", "Togglr.Evaluation", "Togglr.Evaluation.csproj");
        await File.WriteAllTextAsync(Path.Combine(directory, "Snippet.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
              <ItemGroup><ProjectReference Include="{sdk}" /><ProjectReference Include="{evaluation}" /></ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(directory, "Program.cs"), code);
        // As the tests were built, so that what is referenced is there already.
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        return await Start(directory, "dotnet", "run", "--configuration", configuration);
    }
}
