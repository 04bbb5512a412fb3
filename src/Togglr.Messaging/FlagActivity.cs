using System.Collections.Concurrent;

namespace Togglr.Messaging;

/// <summary>
/// What this process has seen of each flag over the last minutes: evaluations and reported errors. It answers the health question of the SDK
/// protocol. It is a view of one process since its start, never a total: other edges and local evaluations that were not reported are not in it.
/// </summary>
public sealed class FlagActivity(TimeProvider time)
{
    private const int Slots = 10;
    private const int FlagLimit = 100_000;

    private readonly ConcurrentDictionary<(Guid Environment, string Flag), Window> _flags = new();

    /// <summary>How far back the window reaches: ten minutes.</summary>
    public static TimeSpan Span { get; } = TimeSpan.FromMinutes(Slots);

    /// <summary>Adds evaluations that happened now.</summary>
    public void AddEvaluations(Guid environment, string flag, long count) => Get(environment, flag)?.Add(time.GetUtcNow(), count, 0);

    /// <summary>Adds one reported error.</summary>
    public void AddError(Guid environment, string flag) => Get(environment, flag)?.Add(time.GetUtcNow(), 0, 1);

    /// <summary>The sums of the window and the time of the last error, if this process has seen one.</summary>
    public (long Evaluations, long Errors, DateTimeOffset? LastErrorAt) Read(Guid environment, string flag) =>
        _flags.TryGetValue((environment, flag), out var window) ? window.Read(time.GetUtcNow()) : (0, 0, null);

    private Window? Get(Guid environment, string flag)
    {
        if (_flags.TryGetValue((environment, flag), out var window))
            return window;
        // Callers check that flags exist, so this bounds what many short-lived flags leave behind.
        return _flags.Count >= FlagLimit ? null : _flags.GetOrAdd((environment, flag), static _ => new Window());
    }

    private sealed class Window
    {
        private readonly Lock _gate = new();
        private readonly long[] _minutes = new long[Slots];
        private readonly long[] _evaluations = new long[Slots];
        private readonly long[] _errors = new long[Slots];
        private DateTimeOffset? _lastError;

        public void Add(DateTimeOffset now, long evaluations, long errors)
        {
            var minute = now.UtcTicks / TimeSpan.TicksPerMinute;
            var slot = (int)(minute % Slots);
            lock (_gate)
            {
                if (_minutes[slot] != minute)
                    (_minutes[slot], _evaluations[slot], _errors[slot]) = (minute, 0, 0);
                _evaluations[slot] += evaluations;
                _errors[slot] += errors;
                if (errors > 0)
                    _lastError = now;
            }
        }

        public (long, long, DateTimeOffset?) Read(DateTimeOffset now)
        {
            var oldest = now.UtcTicks / TimeSpan.TicksPerMinute - Slots + 1;
            long evaluations = 0, errors = 0;
            lock (_gate)
            {
                for (var i = 0; i < Slots; i++)
                {
                    if (_minutes[i] < oldest)
                        continue;
                    evaluations += _evaluations[i];
                    errors += _errors[i];
                }
                return (evaluations, errors, _lastError);
            }
        }
    }
}
