using System.Diagnostics;
using System.Text.Json;

namespace Togglr.IntegrationTests.Infrastructure;

/// <summary>A Node program of a folder below <c>tests</c> with packages of its own, which says on its first line, in JSON, that it is ready.</summary>
public sealed class NodePeer : IAsyncDisposable
{
    private static readonly SemaphoreSlim Installing = new(1);
    private readonly Process _process;
    private readonly Task<string> _errors;

    private NodePeer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it said on its first line.</summary>
    public JsonElement Ready { get; private set; }

    /// <summary>Installs the packages if that was not done yet, and starts the program.</summary>
    /// <param name="folder">Below <c>tests</c>.</param>
    /// <param name="package">One of its packages, by which it is seen whether they are there.</param>
    /// <param name="arguments">Program and arguments.</param>
    public static async Task<NodePeer> StartAsync(string folder, string package, params string[] arguments)
    {
        var directory = await InstallAsync(folder, package);
        var peer = new NodePeer(Process.Start(new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (await peer._process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith('{'))
                continue;
            using var document = JsonDocument.Parse(line);
            peer.Ready = document.RootElement.Clone();
            _ = peer._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return peer;
        }
        var errors = await peer._errors;
        await peer.DisposeAsync();
        throw new InvalidOperationException($"{folder} did not start: {errors}");
    }

    /// <summary>Installs the packages of a folder if that was not done yet.</summary>
    /// <param name="folder">Below <c>tests</c>.</param>
    /// <param name="package">One of its packages, by which it is seen whether they are there.</param>
    /// <returns>The folder's full path.</returns>
    public static async Task<string> InstallAsync(string folder, string package)
    {
        var directory = Path.Combine(RepositoryRoot.Path, "tests", folder);
        await Installing.WaitAsync();
        try
        {
            if (!Directory.Exists(Path.Combine(directory, "node_modules", package)))
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
        return directory;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
