using System.Net.Http.Headers;

namespace Togglr.Messaging;

/// <summary>How an edge reports to the control plane over the network, whatever it reports.</summary>
internal static class ControlPlaneReports
{
    /// <summary>Posts a report in JSON.</summary>
    /// <param name="client">A client whose base address is the control plane's.</param>
    /// <param name="path">The path that takes it.</param>
    /// <param name="token">The secret that edges and control planes share.</param>
    /// <param name="json">The report.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="HttpRequestException">Nobody took it.</exception>
    public static async Task PostReportAsync(this HttpClient client, string path, string token, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ReadOnlyMemoryContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The same, given up after a while.</summary>
    /// <param name="client">A client whose base address is the control plane's.</param>
    /// <param name="path">The path that takes it.</param>
    /// <param name="token">The secret that edges and control planes share.</param>
    /// <param name="json">The report.</param>
    /// <param name="longest">For how long it may take.</param>
    /// <param name="cancellationToken">Gives it up earlier.</param>
    /// <exception cref="HttpRequestException">Nobody took it.</exception>
    public static async Task PostReportAsync(this HttpClient client, string path, string token, ReadOnlyMemory<byte> json, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(longest);
        await client.PostReportAsync(path, token, json, patience.Token);
    }
}
