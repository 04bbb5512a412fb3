using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Togglr.Store;

/// <summary>
/// Starts the database before anything else of the host and stops it after everything else. A database of somebody else that does not answer within five
/// seconds is waited for in the background, so that a dead database never keeps an edge in the same process from serving what it knows.
/// </summary>
internal sealed partial class StoreStartup(
    TogglrDatabase database, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<StoreStartup> log) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stopping = new();
    private Task _background = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var start = database.StartAsync(_stopping.Token);
        if (database.IsExternal)
            await Task.WhenAny(start, Task.Delay(Patience, time, cancellationToken)).ConfigureAwait(false);
        if (database.IsExternal && !database.HasAnswered && !start.IsCompleted)
            _background = GoOnAsync(start);
        else
            await start.ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _background.ConfigureAwait(false);
        await database.StopAsync().ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task GoOnAsync(Task start)
    {
        while (true)
        {
            try
            {
                await start.ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failed) when (failed is StoreStartException { IsTransient: true } || TogglrDbContext.IsUnavailable(failed))
            {
                start = database.StartAsync(_stopping.Token);
            }
            catch (Exception failed)
            {
                LogUnusable(failed.Message);
                lifetime.StopApplication();
                return;
            }
        }
    }

    [LoggerMessage(3022, LogLevel.Critical, "{Problem}")]
    private partial void LogUnusable(string problem);
}
