using Microsoft.Extensions.Logging;
using Togglr.Evaluation;
using Togglr.Sdk.Reporting;
using Togglr.Sdk.Snapshots;
using Togglr.Sdk.Sync;

namespace Togglr.Sdk;

/// <summary>
/// Evaluates the flags of one environment inside this process and keeps them current. Make one per application and keep it; every member may be used from any
/// thread. After construction no member throws because of Togglr, the network or its arguments: evaluations give the caller's default and say why.
/// </summary>
public sealed partial class TogglrClient : IAsyncDisposable, IDisposable
{
    private readonly TogglrClientOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly StatusBoard _status;
    private readonly Notifications _notifications;
    private readonly SnapshotHolder _snapshots;
    private readonly TogglrHttp? _http;
    private readonly EventQueue? _events;
    private readonly CountsReporter? _counts;
    private readonly EventBatches? _batches;
    private readonly ExperimentEvents? _experiments;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _synchronizing;
    private readonly Lock _disposing = new();
    private Task? _disposed;

    /// <summary>Makes a client and starts it: a stored snapshot is read at once, the network is used in the background.</summary>
    /// <exception cref="ArgumentException">An option is invalid; the message names it.</exception>
    public TogglrClient(TogglrClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } errors)
            throw new ArgumentException(string.Join(' ', errors), nameof(options));
        _options = options;
        _logger = options.Logger;
        _time = options.TimeProvider;
        _status = new StatusBoard(_time, OnStatus);
        _notifications = new Notifications(_logger, Publish);
        _snapshots = new SnapshotHolder(options, _status, _notifications.Post);
        _snapshots.LoadStored();
        if (options.Offline)
        {
            _status.Offline();
            _synchronizing = Task.CompletedTask;
            return;
        }

        _http = new TogglrHttp(options);
        _events = new EventQueue(_http, options);
        _batches = new EventBatches(_http, options);
        _experiments = new ExperimentEvents(_batches, options);
        if (options.CountsInterval > TimeSpan.Zero)
            _counts = new CountsReporter(_http, options);
        _synchronizing = Task.Run(() => new Synchronizer(_snapshots, _http, _status, options).RunAsync(_stop.Token));
    }

    /// <summary>Tells on another thread, in order and one at a time, that flags may serve something else.</summary>
    public event EventHandler<FlagsChangedEventArgs>? FlagsChanged;

    /// <summary>Tells on another thread, in order and one at a time, that <see cref="Status"/> has another <see cref="ClientStatus.State"/>.</summary>
    public event EventHandler<ClientStatusChangedEventArgs>? StatusChanged;

    /// <summary>How the client is doing now.</summary>
    public ClientStatus Status => _status.Current;

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>
    /// Waits until flags come from Togglr itself. True: they do, or the client is offline by option. False: the time is over, the key was refused, or the client is
    /// disposed; evaluations then use the stored snapshot where there is one, else defaults.
    /// </summary>
    /// <param name="timeout">How long; <see cref="TogglrClientOptions.StartTimeout"/> by default.</param>
    /// <param name="cancellation">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public async Task<bool> WaitUntilReadyAsync(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var patience = timeout ?? _options.StartTimeout;
        if (!_status.Settled.IsCompleted && patience != TimeSpan.Zero)
        {
            try
            {
                // Not the client's clock: somebody is waiting for real.
                await _status.Settled.WaitAsync(patience, cancellation).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                LogNotReady(_logger, patience, Status.Error);
            }
        }

        var status = Status;
        return status.State is ClientState.Ready or ClientState.Offline || status is { State: ClientState.Stale, Source: SnapshotSource.Network };
    }

    /// <summary>Sends the evaluation counts and events that are waiting. Returns when they are sent, given up or <paramref name="cancellation"/> is cancelled.</summary>
    public async Task FlushAsync(CancellationToken cancellation = default)
    {
        if (_events is null || _disposed is not null)
            return;
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
            if (_counts is not null)
                await _counts.SendAsync(end.Token).ConfigureAwait(false);
            await _events.WaitUntilEmptyAsync(end.Token).ConfigureAwait(false);
            if (_batches is not null)
                await _batches.SendAsync(end.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // Given up, or the client is being disposed, which sends what is left.
        }
    }

    /// <summary>Stops the client and sends what is waiting, for at most <see cref="TogglrClientOptions.ShutdownTimeout"/>.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_disposing)
            return new ValueTask(_disposed ??= Task.Run(StopAsync));
    }

    /// <inheritdoc cref="DisposeAsync" />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task StopAsync()
    {
        _status.Disposed();
        await _stop.CancelAsync().ConfigureAwait(false);
        using var deadline = new CancellationTokenSource(_options.ShutdownTimeout);
        await _synchronizing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _snapshots.Dispose();
        if (_counts is not null)
            await _counts.StopAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_batches is not null)
            await _batches.StopAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_events is not null)
            await _events.DrainAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _notifications.DrainAsync(deadline.Token).ConfigureAwait(false);
        _counts?.Dispose();
        _events?.Dispose();
        _batches?.Dispose();
        _http?.Dispose();
        _stop.Dispose();
    }

    private void OnStatus(ClientStatus status)
    {
        LogStatus(_logger, status.State, status.Source, status.Revision);
        _notifications.Post(() => Raise(StatusChanged, new ClientStatusChangedEventArgs(status)));
    }

    private void Publish(SnapshotChange change)
    {
        if (change.Keys.Count > 0)
            Raise(FlagsChanged, new FlagsChangedEventArgs(change.Keys, change.Snapshot.Revision));
        foreach (var watch in _watches.Values)
            _notifications.Guard(() => watch(change));
    }

    private void Raise<T>(EventHandler<T>? handlers, T arguments)
    {
        // One by one: a handler that throws must not cut off those after it.
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
            _notifications.Guard(() => handler(this, arguments));
    }

    [LoggerMessage(1, LogLevel.Information, "Togglr is {State}: snapshot from {Source}, revision {Revision}")]
    private static partial void LogStatus(ILogger logger, ClientState state, SnapshotSource source, long? revision);

    [LoggerMessage(2, LogLevel.Warning, "No snapshot from Togglr after {Patience}: {Error} Going on without")]
    private static partial void LogNotReady(ILogger logger, TimeSpan patience, string? error);

    [LoggerMessage(3, LogLevel.Error, "The evaluation of {Flag} failed")]
    private static partial void LogEvaluationFailed(ILogger logger, Exception exception, string flag);

    [LoggerMessage(4, LogLevel.Error, "An event for {Flag} was not understood")]
    private static partial void LogEventFailed(ILogger logger, Exception exception, string flag);
}
