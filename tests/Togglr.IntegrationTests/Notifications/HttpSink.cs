using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Notifications;

/// <summary>What somebody posted.</summary>
public sealed record Posted(string Path, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>An HTTP server on loopback that takes what is posted to it, and answers as a test says.</summary>
public sealed class HttpSink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Posted> _posted = new();
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new(StringComparer.Ordinal);

    private HttpSink(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public static async Task<HttpSink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var sink = new HttpSink(builder.Build());
        sink._app.Run(sink.TakeAsync);
        await sink._app.StartAsync();
        sink.Address = new Uri(sink._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return sink;
    }

    /// <summary>A new address at the sink; the path from its slash on.</summary>
    public static string NewPath() => $"/hook/{Guid.CreateVersion7():n}";

    public string UrlOf(string path) => new Uri(Address, path).AbsoluteUri;

    /// <summary>What came to a path so far, in order.</summary>
    public IReadOnlyList<Posted> At(string path) => [.. _posted.Where(posted => posted.Path == path)];

    /// <summary>Answers a path so from now on.</summary>
    public void Answer(string path, Func<HttpContext, Task> answer) => _answers[path] = answer;

    /// <summary>Answers a path with a status from now on.</summary>
    public void Answer(string path, int status) => Answer(path, http =>
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    /// <summary>Waits for the <paramref name="count"/>th.</summary>
    public async Task<Posted> NextAsync(string path, int count = 1)
    {
        await Eventually.TrueAsync(() => Task.FromResult(At(path).Count >= count), timeoutSeconds: 30);
        return At(path)[count - 1];
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        _posted.Enqueue(new Posted(http.Request.Path, body, http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        if (_answers.TryGetValue(http.Request.Path, out var answer))
            await answer(http);
    }
}
