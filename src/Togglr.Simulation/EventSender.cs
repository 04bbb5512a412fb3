using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Togglr.Simulation;

/// <summary>Sends events in batches, packed, as SDKs do: what the server has no room for is sent again, with the same ids.</summary>
internal sealed class EventSender(HttpClient http, SimulationOptions options, SimulationReport report, TimeProvider time)
{
    private const int BatchSize = 1_000;
    private const int MostAttempts = 60;

    private readonly List<ReadOnlyMemory<byte>> _batch = new(BatchSize);
    private readonly List<ReadOnlyMemory<byte>> _late = [];

    /// <summary>What was evaluated; it goes with the events.</summary>
    public EvaluationCounts Evaluations { get; } = new();

    /// <summary>A request to the server, with the key.</summary>
    public static HttpRequestMessage Request(SimulationOptions options, HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(options.Url, path));
        request.Headers.TryAddWithoutValidation("Authorization", options.Key);
        return request;
    }

    /// <summary>Takes an event.</summary>
    public void Add(SimulatedEvent simulated)
    {
        (simulated.IsLate ? _late : _batch).Add(simulated.Json);
        if (!simulated.IsRepeated)
            return;
        report.Duplicates++;
        _late.Add(simulated.Json);
    }

    /// <summary>Sends what is there, if it is a batch or if everything has to go.</summary>
    public async Task SendAsync(bool everything, CancellationToken cancel)
    {
        while (_batch.Count >= BatchSize || (everything && _batch.Count > 0))
        {
            var count = Math.Min(BatchSize, _batch.Count);
            await PostAsync(_batch.GetRange(0, count), cancel).ConfigureAwait(false);
            _batch.RemoveRange(0, count);
        }
        if (!everything)
            return;
        foreach (var counted in Evaluations.Drain())
        {
            if (await PostAsync("sdk/v1/counts", counted, null, cancel).ConfigureAwait(false) is { Length: > 0 } refusal)
                Count(refusal);
        }
    }

    /// <summary>Sends what comes late or twice.</summary>
    public async Task SendLateAsync(CancellationToken cancel)
    {
        foreach (var batch in _late.Chunk(BatchSize))
            await PostAsync(batch, cancel).ConfigureAwait(false);
        _late.Clear();
    }

    private async Task PostAsync(IReadOnlyCollection<ReadOnlyMemory<byte>> events, CancellationToken cancel)
    {
        Count(await PostAsync("sdk/v1/events", Pack(events), "gzip", cancel).ConfigureAwait(false));
    }

    private async Task<byte[]> PostAsync(string path, byte[] body, string? encoding, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = Request(options, HttpMethod.Post, path);
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (encoding is not null)
                request.Content.Headers.ContentEncoding.Add(encoding);
            using var response = await http.SendAsync(request, cancel).ConfigureAwait(false);
            var answer = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && attempt < MostAttempts)
            {
                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), time, cancel).ConfigureAwait(false);
                continue;
            }
            if (response.StatusCode is not (HttpStatusCode.Accepted or HttpStatusCode.BadRequest))
                throw new HttpRequestException($"The server answered {(int)response.StatusCode} to {path}.", null, response.StatusCode);
            return answer;
        }
    }

    private void Count(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        if (!document.RootElement.TryGetProperty("rejected", out var rejected) || rejected.ValueKind != JsonValueKind.Array)
        {
            report.Refusal = document.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : "The batch was refused.";
            report.Rejected++;
            return;
        }
        report.Rejected += rejected.GetArrayLength();
        if (rejected.GetArrayLength() > 0)
            report.Refusal = rejected[0].GetProperty("message").GetString();
    }

    private static byte[] Pack(IEnumerable<ReadOnlyMemory<byte>> events)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write("{\"events\":["u8);
            var isFirst = true;
            foreach (var json in events)
            {
                if (!isFirst)
                    gzip.Write(","u8);
                gzip.Write(json.Span);
                isFirst = false;
            }
            gzip.Write("]}"u8);
        }
        return packed.ToArray();
    }
}
