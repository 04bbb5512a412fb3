using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Togglr.Sdk.Tests.Support;

/// <summary>A real HTTP server on a free port that answers the SDK API the way the test says, misbehaviour included.</summary>
internal sealed class ScriptedEdge : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _open;

    private ScriptedEdge(WebApplication application) => _application = application;

    public Uri Address { get; private set; } = null!;

    /// <summary>What a stream does; the default sends nothing and stays open.</summary>
    public Func<StreamConnection, Task> OnStream { get; set; } = connection => connection.StayOpenAsync();

    /// <summary>What a poll gets.</summary>
    public Func<HttpContext, Task> OnConfig { get; set; } = context => Answer(context, HttpStatusCode.ServiceUnavailable);

    /// <summary>What every POST gets; its body was recorded before.</summary>
    public Func<HttpContext, Task> OnPost { get; set; } = context => Answer(context, HttpStatusCode.Accepted);

    public ConcurrentQueue<StreamConnection> Streams { get; } = new();

    public ConcurrentQueue<string?> Polls { get; } = new();

    public ConcurrentQueue<(string Path, JsonElement Body)> Posts { get; } = new();

    /// <summary>Streams that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    public static async Task<ScriptedEdge> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(50));
        var application = builder.Build();
        var edge = new ScriptedEdge(application);
        application.MapGet("/sdk/v1/stream", edge.StreamAsync);
        application.MapGet("/sdk/v1/config", context =>
        {
            edge.Polls.Enqueue(context.Request.Headers.IfNoneMatch.ToString());
            return edge.OnConfig(context);
        });
        application.MapPost("/{**path}", async (HttpContext context) =>
        {
            var isPacked = context.Request.Headers.ContentEncoding == "gzip";
            await using var unpacked = isPacked ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
            using var body = await JsonDocument.ParseAsync(unpacked);
            edge.Posts.Enqueue((context.Request.Path.Value!, body.RootElement.Clone()));
            await edge.OnPost(context);
        });
        await application.StartAsync();
        edge.Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return edge;
    }

    public static Task Answer(HttpContext context, HttpStatusCode status)
    {
        context.Response.StatusCode = (int)status;
        return Task.CompletedTask;
    }

    public static async Task Config(HttpContext context, string document, long revision)
    {
        context.Response.Headers.ETag = $"\"{revision}\"";
        if (context.Request.Headers.IfNoneMatch == $"\"{revision}\"")
        {
            context.Response.StatusCode = 304;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(document);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private async Task StreamAsync(HttpContext context)
    {
        var connection = new StreamConnection(context);
        Interlocked.Increment(ref _open);
        Streams.Enqueue(connection);
        try
        {
            await OnStream(connection);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}

/// <summary>One client on the stream.</summary>
internal sealed class StreamConnection(HttpContext context)
{
    public string? LastEventId { get; } = context.Request.Headers["Last-Event-ID"].FirstOrDefault();

    public string Authorization { get; } = context.Request.Headers.Authorization.ToString();

    public HttpContext Context => context;

    public async Task StayOpenAsync()
    {
        await BeginAsync();
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    public async Task BeginAsync()
    {
        if (context.Response.HasStarted)
            return;
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public async Task RawAsync(string text)
    {
        await BeginAsync();
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public Task FullAsync(string document, long revision) => RawAsync($"event: full\nid: {revision}\ndata: {document}\n\n");

    public Task PatchAsync(string patch, long revision) => RawAsync($"event: patch\nid: {revision}\ndata: {patch}\n\n");

    public Task HeartbeatAsync() => RawAsync(": hb\n\n");

    /// <summary>Cuts the connection in the middle of whatever was said.</summary>
    public void Cut() => context.Abort();
}
