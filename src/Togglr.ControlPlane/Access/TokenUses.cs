using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>Writes down when API tokens were last used, to the minute and behind the requests' backs.</summary>
internal sealed partial class TokenUses(IServiceProvider services, IServiceScopeFactory scopes, TimeProvider time, ILogger<TokenUses> logger)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private static readonly TimeSpan Grain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, (DateTimeOffset At, string? Address)> _uses = new();

    /// <summary>Notes a use unless one of the same minute is known.</summary>
    public void Note(Guid token, DateTimeOffset? known, DateTimeOffset now, string? address)
    {
        if (known is null || now - known >= Grain)
            _uses[token] = (now, address);
    }

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        foreach (var noted in _uses)
        {
            var (token, use) = noted;
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            await db.ApiTokens.IgnoreQueryFilters().Where(row => row.Id == token && (row.LastUsedAt == null || row.LastUsedAt < use.At))
                .ExecuteUpdateAsync(row => row.SetProperty(it => it.LastUsedAt, use.At).SetProperty(it => it.LastUsedAddress, use.Address), cancellationToken);
            // Not before it is written, and not a later use.
            _uses.TryRemove(noted);
        }
        return Interval;
    }

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(logger, failure.Message);

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "The last use of an API token could not be written down: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
