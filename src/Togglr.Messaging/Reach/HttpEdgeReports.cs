using System.Text.Json;

namespace Togglr.Messaging.Reach;

/// <summary>Reports to a control plane that is reached over the network.</summary>
/// <param name="client">A client whose base address is the control plane's.</param>
/// <param name="token">The secret that edges and control planes share.</param>
public sealed class HttpEdgeReports(HttpClient client, string token) : IEdgeReports
{
    /// <summary>The path that takes reports.</summary>
    public const string Path = "/internal/v1/edge-reports";

    /// <summary>The most revisions of a report.</summary>
    public const int MaximumRevisions = 1_000;

    /// <summary>The most bytes of a report.</summary>
    public const int MaximumBytes = 512 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public Task ReportAsync(EdgeReport report, CancellationToken cancellationToken) =>
        client.PostReportAsync(Path, token, JsonSerializer.SerializeToUtf8Bytes(report, JsonSerializerOptions.Web), Patience, cancellationToken);

    /// <summary>Reads a report.</summary>
    /// <returns>Null when it is none.</returns>
    public static EdgeReport? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<EdgeReport>(body.Span, JsonSerializerOptions.Web) is { Revisions: { Count: <= MaximumRevisions } revisions } report && revisions.All(IsSound) ? report : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private static bool IsSound(RevisionReach reach) =>
        reach is { Revision: > 0, Total: >= 0, Reached: >= 0, Left: >= 0, Milliseconds: >= 0, Polling: >= 0, PollSeconds: >= 0 } && reach.Reached + (long)reach.Left <= reach.Total;
}
