using System.Diagnostics;

namespace Togglr.IntegrationTests.Ofrep;

/// <summary>The official OpenFeature providers in a Node process (<c>tests/ofrep</c>), which reports line by line.</summary>
internal sealed class OfrepProviders : IAsyncDisposable
{
    private static readonly SemaphoreSlim Installing = new(1);
    private readonly Process _process;
    private readonly Task<string> _errors;

    private OfrepProviders(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static async Task<OfrepProviders> StartAsync(Uri address, string key)
    {
        var directory = Path.Combine(RepositoryRoot.Path, "tests", "ofrep");
        await Installing.WaitAsync();
        try
        {
            if (!Directory.Exists(Path.Combine(directory, "node_modules", "@openfeature")))
            {
                using var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]) { WorkingDirectory = directory })!;
                await install.WaitForExitAsync();
                Assert.Equal(0, install.ExitCode);
            }
        }
        finally
        {
            Installing.Release();
        }
        var start = new ProcessStartInfo("node", ["providers.mjs", address.ToString().TrimEnd('/'), key])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new OfrepProviders(Process.Start(start)!);
    }

    /// <summary>Waits for the next line.</summary>
    public async Task ExpectAsync(string line)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var next = await _process.StandardOutput.ReadLineAsync(limit.Token);
        if (next is null)
            Assert.Fail($"The providers ended before '{line}': {await _errors}");
        Assert.Equal(line, next);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
