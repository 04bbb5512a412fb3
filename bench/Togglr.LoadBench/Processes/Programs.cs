using Npgsql;

namespace Togglr.LoadBench.Processes;

/// <summary>Where the published programs are, and how each is started.</summary>
/// <param name="Togglr">The server's executable.</param>
/// <param name="BareKestrel">The yardstick's executable.</param>
/// <param name="Scratch">A folder for data, removed at the end.</param>
internal sealed record Programs(string Togglr, string BareKestrel, string Scratch)
{
    /// <summary>The secret between control plane and edge; both run for minutes and on loopback only.</summary>
    private const string EdgeToken = "bench-edge-token-0123456789";

    public ServerProcess StartBare(params int[] answerSizes) =>
        ServerProcess.Start(BareKestrel, port => [$"{port}", .. answerSizes.Select(size => $"{size}")]);

    /// <summary>All roles in one process, as <c>make run</c> starts it.</summary>
    public ServerProcess StartServer(string data) => ServerProcess.Start(Togglr, port =>
        ["serve", "--demo", "true", "--log-level", "warning", "--listen", $"127.0.0.1:{port}", "--data-dir", Path.Combine(Scratch, data), "--edge-token", EdgeToken]);

    /// <summary>The edge alone. With <paramref name="controlPlanePort"/> 9 (discard) nobody answers and it has only its disk.</summary>
    public ServerProcess StartEdge(string data, int controlPlanePort) => ServerProcess.Start(Togglr, port =>
    [
        "serve", "--roles", "edge", "--log-level", "warning", "--listen", $"127.0.0.1:{port}", "--data-dir", Path.Combine(Scratch, data),
        "--control-plane-url", $"http://127.0.0.1:{controlPlanePort}", "--edge-token", EdgeToken,
    ]);

    /// <summary>The embedded database of a server, as its superuser: for what no request can do.</summary>
    /// <param name="data">The server's data folder.</param>
    public static async Task<string> DatabaseOfAsync(string data) => new NpgsqlConnectionStringBuilder
    {
        Host = (await File.ReadAllTextAsync(Path.Combine(data, "postgres.socket"))).Trim(), Username = "togglr", Database = "postgres",
        Password = (await File.ReadAllTextAsync(Path.Combine(data, "postgres.password"))).Trim(), CommandTimeout = 0,
    }.ConnectionString;
}
