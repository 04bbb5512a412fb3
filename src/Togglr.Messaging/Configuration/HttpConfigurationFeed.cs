using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Togglr.Messaging.Configuration;

/// <summary>The feed of a control plane that is reached over the network: lines of JSON over one long response.</summary>
/// <param name="client">A client without an overall timeout, whose base address is the control plane's.</param>
/// <param name="token">The secret that edges and control planes share.</param>
/// <param name="time">The clock.</param>
public sealed class HttpConfigurationFeed(HttpClient client, string token, TimeProvider time) : IConfigurationFeed
{
    /// <summary>The path of the feed.</summary>
    public const string Path = "/internal/v1/feed";

    private const long LongestLine = 1L << 30;

    /// <summary>How long nothing may arrive, heartbeats included, before the connection counts as lost.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <inheritdoc />
    public async IAsyncEnumerable<FeedMessage> ConnectAsync(IReadOnlyDictionary<Guid, long> known, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var silence = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), alive, SilenceLimit, Timeout.InfiniteTimeSpan);
        using var request = new HttpRequestMessage(HttpMethod.Post, Path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        // In the body: the list grows with the environments, and addresses are limited.
        request.Content = new StringContent(Known(known), Encoding.UTF8, "text/plain");
        using var response = await SendAsync(request, alive, cancellationToken);
        var input = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellationToken), new StreamPipeReaderOptions(bufferSize: 32 * 1024));
        try
        {
            var scanned = 0L;
            while (true)
            {
                ReadResult read;
                try
                {
                    read = await input.ReadAsync(alive.Token);
                }
                catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
                {
                    throw new TimeoutException($"The feed was silent for {SilenceLimit.TotalSeconds} s.", exception);
                }
                silence.Change(SilenceLimit, Timeout.InfiniteTimeSpan);
                var buffer = read.Buffer;
                while (buffer.Slice(scanned).PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end).ToArray();
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    scanned = 0;
                    if (FeedCodec.Read(line) is { } message)
                        yield return message;
                }
                scanned = buffer.Length;
                if (scanned > LongestLine)
                    throw new JsonException("A line of the feed is longer than a gigabyte.");
                input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                    yield break;
            }
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationTokenSource alive, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, alive.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The control plane did not answer.", exception);
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            throw new HttpRequestException(response.StatusCode == HttpStatusCode.Unauthorized
                ? "The control plane refused the edge token (TOGGLR_EDGE_TOKEN must be the same on both sides)."
                : $"The control plane answered {(int)response.StatusCode}.", null, response.StatusCode);
        }
    }

    private static string Known(IReadOnlyDictionary<Guid, long> known)
    {
        var text = new StringBuilder();
        foreach (var (id, revision) in known)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(id.ToString()).Append(':').Append(revision);
        }
        return text.ToString();
    }
}
