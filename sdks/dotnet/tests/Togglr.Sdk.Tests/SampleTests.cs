using System.Diagnostics;
using System.Text.Json;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

/// <summary>The samples as their reader starts them: as programs of their own, over real connections.</summary>
public sealed class SampleTests : SdkTest
{
    private const string Key = "tgs_sample";

    private TaskCompletionSource ServeAndWaitForChange()
    {
        var change = new TaskCompletionSource();
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("new-checkout", on: false), Flag("hidden", "string", "\"secret\"")), 1);
            await change.Task;
            await stream.PatchAsync(Patch(1, 2, Flag("new-checkout", on: true)), 2);
            await stream.StayOpenAsync();
        };
        return change;
    }

    [Fact]
    public async Task The_web_sample_shows_a_change_to_an_open_page()
    {
        var change = ServeAndWaitForChange();
        await using var sample = Sample.Start("dotnet-web", Edge.Address, ["--urls", "http://127.0.0.1:0"]);
        var line = await sample.LineAsync("Now listening on: ");
        var address = new Uri(line[(line.IndexOf("on: ", StringComparison.Ordinal) + 4)..].Trim());
        using var http = new HttpClient { BaseAddress = address };

        Assert.Contains("Flags, live", await http.GetStringAsync("/", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("Healthy", await http.GetStringAsync("/health", TestContext.Current.CancellationToken));
        var one = JsonDocument.Parse(await http.GetStringAsync("/api/flags/new-checkout?user=ann", TestContext.Current.CancellationToken)).RootElement;
        Assert.False(one.GetProperty("value").GetBoolean());
        Assert.Equal("STATIC", one.GetProperty("reason").GetString());

        using var page = new StreamReader(await http.GetStreamAsync("/live?user=ann", TestContext.Current.CancellationToken));
        var first = await EventAsync(page);
        Assert.False(first.GetProperty("flags").GetProperty("new-checkout").GetProperty("value").GetBoolean());
        Assert.False(first.GetProperty("flags").TryGetProperty("hidden", out _));
        change.SetResult();
        var second = await EventAsync(page);
        Assert.True(second.GetProperty("flags").GetProperty("new-checkout").GetProperty("value").GetBoolean());
        Assert.Equal(2, second.GetProperty("revision").GetInt64());
        Assert.Equal(Key, Edge.Streams.Single().Authorization);
    }

    [Fact]
    public async Task The_console_sample_prints_a_change()
    {
        var change = ServeAndWaitForChange();
        await using var sample = Sample.Start("dotnet-console", Edge.Address, ["new-checkout", "ann"]);
        Assert.Equal("new-checkout = False (Static)", await sample.LineAsync("new-checkout ="));
        change.SetResult();
        Assert.Equal("new-checkout = True (was False)", await sample.LineAsync("was"));
    }

    [Fact]
    public async Task A_sample_without_a_key_says_which_option_is_missing()
    {
        await using var sample = Sample.Start("dotnet-web", Edge.Address, ["--urls", "http://127.0.0.1:0"], key: "");
        await sample.LineAsync("SdkKey is required");
    }

    private static async Task<JsonElement> EventAsync(StreamReader page)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await page.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return JsonDocument.Parse(line[6..]).RootElement;
        }

        throw new EndOfStreamException("The page's stream ended.");
    }

    private sealed class Sample : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly List<string> _lines = [];

        private Sample(Process process)
        {
            _process = process;
            process.OutputDataReceived += (_, line) => Add(line.Data);
            process.ErrorDataReceived += (_, line) => Add(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public static Sample Start(string name, Uri endpoint, string[] arguments, string key = Key)
        {
            // Built together with the tests, in the same configuration.
            var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
            var program = Path.Combine(RepositoryRoot.Path, "samples", name, "bin", configuration, "net10.0", name + ".dll");
            var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList = { "exec", program },
                Environment = { ["TOGGLR_SDK_KEY"] = key, ["TOGGLR_ENDPOINT"] = endpoint.AbsoluteUri },
            };
            foreach (var argument in arguments)
                start.ArgumentList.Add(argument);
            return new Sample(Process.Start(start)!);
        }

        public async Task<string> LineAsync(string part)
        {
            string? found = null;
            await Until(
                () =>
                {
                    lock (_lines)
                        found = _lines.Find(line => line.Contains(part, StringComparison.Ordinal));
                    return found is not null || _process.HasExited && _process.WaitForExit(200);
                },
                $"'{part}' in the output",
                30);
            lock (_lines)
                return found ?? _lines.Find(line => line.Contains(part, StringComparison.Ordinal)) ?? throw new InvalidOperationException(string.Join('\n', _lines));
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        private void Add(string? line)
        {
            if (line is null)
                return;
            lock (_lines)
                _lines.Add(line);
        }
    }
}
