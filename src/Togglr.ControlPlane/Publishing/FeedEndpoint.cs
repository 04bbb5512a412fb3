using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;

namespace Togglr.ControlPlane.Publishing;

/// <summary>The feed for edges in other processes, see <c>spec/streaming.md</c>.</summary>
internal sealed class FeedEndpoint(ConfigurationHub hub, string? token, TimeProvider time, CancellationToken stopping)
{
    private const int KnownLimit = 16 * 1024 * 1024;
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);

    public async Task ServeAsync(HttpContext context)
    {
        if (EdgeToken.Check(context, token) is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }
        var body = await RequestBody.ReadAsync(context, KnownLimit);
        if (body.Refusal is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }
        var text = body.Bytes.IsEmpty ? context.Request.Query["known"].ToString() : Encoding.UTF8.GetString(body.Bytes.Span);
        body.Release();
        if (ReadKnown(text) is not { } known)
        {
            await Problem.BadRequest("validation_failed", "The request is not valid", new ProblemItem("invalid", "known", "known is a list of <environment id>:<revision>.")).ExecuteAsync(context);
            return;
        }
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await WriteAsync(context, known, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The edge went away, or this process stops: the edge connects again, elsewhere if it can.
        }
    }

    private async Task WriteAsync(HttpContext context, Dictionary<Guid, long> known, CancellationToken cancellationToken)
    {
        var output = context.Response.BodyWriter;
        FeedCodec.WriteHello(output, Environment.MachineName);
        await output.FlushAsync(cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var messages = hub.ConnectAsync(known, ending.Token).GetAsyncEnumerator(ending.Token);
        var next = messages.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                while (await Task.WhenAny(next, Task.Delay(HeartbeatInterval, time, cancellationToken)) != next)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    FeedCodec.Write(output, HeartbeatMessage.Instance);
                    await output.FlushAsync(cancellationToken);
                }
                if (!await next)
                    return;
                FeedCodec.Write(output, messages.Current);
                await output.FlushAsync(cancellationToken);
                next = messages.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            // An iterator must not be disposed while it is under way.
            await ending.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Dictionary<Guid, long>? ReadKnown(string text)
    {
        var known = new Dictionary<Guid, long>();
        foreach (var range in text.AsSpan().Split(','))
        {
            var part = text.AsSpan(range).Trim();
            if (part.IsEmpty)
                continue;
            var colon = part.IndexOf(':');
            if (colon < 0 || !Guid.TryParse(part[..colon], out var id) || !long.TryParse(part[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
                return null;
            known[id] = revision;
        }
        return known;
    }
}
