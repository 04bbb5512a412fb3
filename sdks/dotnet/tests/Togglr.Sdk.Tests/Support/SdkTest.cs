using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Togglr.Evaluation;

namespace Togglr.Sdk.Tests.Support;

/// <summary>What most tests need: a scripted server, clients that are disposed at the end, a directory of their own, the log.</summary>
public abstract class SdkTest : IAsyncLifetime
{
    private readonly List<TogglrClient> _clients = [];
    private readonly Lazy<string> _directory = new(() => System.IO.Directory.CreateTempSubdirectory("togglr-sdk-").FullName);

    protected static EvaluationContext Somebody { get; } = EvaluationContext.Of("user-1");

    internal ScriptedEdge Edge { get; private set; } = null!;

    internal RecordingLogger Log { get; } = new();

    protected string TemporaryDirectory => _directory.Value;

    public async ValueTask InitializeAsync() => Edge = await ScriptedEdge.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        await Edge.DisposeAsync();
        if (_directory.IsValueCreated)
            System.IO.Directory.Delete(_directory.Value, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected TogglrClientOptions Options(Action<TogglrClientOptions>? configure = null)
    {
        var options = new TogglrClientOptions
        {
            SdkKey = "tgs_" + new string('k', 32),
            Endpoint = Edge.Address,
            ReconnectDelay = TimeSpan.FromMilliseconds(20),
            PollInterval = TimeSpan.FromSeconds(1),
            CountsInterval = TimeSpan.Zero,
            Logger = Log,
        };
        configure?.Invoke(options);
        return options;
    }

    protected TogglrClient Client(Action<TogglrClientOptions>? configure = null)
    {
        var client = new TogglrClient(Options(configure));
        _clients.Add(client);
        return client;
    }

    protected async Task<TogglrClient> ReadyClientAsync(Action<TogglrClientOptions>? configure = null)
    {
        var client = Client(configure);
        Assert.True(await client.WaitUntilReadyAsync(TimeSpan.FromSeconds(30)), client.Status.ToString());
        return client;
    }

    internal static async Task Until(Func<bool> condition, string what, int seconds = 30) => await Eventually.HoldsAsync(condition, what, seconds);

    internal sealed class RecordingLogger : ILogger
    {
        public ConcurrentQueue<(LogLevel Level, int Id, string Text)> Entries { get; } = new();

        public bool Has(int id) => Entries.Any(entry => entry.Id == id);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
    }
}
