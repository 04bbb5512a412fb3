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

    /// <summary>The length of the steps of <see cref="ReadEnvironment"/>.</summary>
    public const int StepSeconds = 10;

    /// <summary>How many steps <see cref="ReadEnvironment"/> has: ten minutes.</summary>
    public const int StepCount = 60;

    private readonly ConcurrentDictionary<Guid, Pulse> _environments = new();

    private readonly ConcurrentDictionary<(Guid Environment, string Flag), Window> _flags = new();

    /// <summary>How far back the window reaches: ten minutes.</summary>
    public static TimeSpan Span { get; } = TimeSpan.FromMinutes(Slots);

    /// <summary>Adds evaluations that happened now.</summary>
    public void AddEvaluations(Guid environment, string flag, long count)
    {
        var now = time.GetUtcNow();
        Get(environment, flag)?.Add(now, count, 0);
        PulseOf(environment).Add(now, count);
    }

    /// <summary>A stream of an environment was opened (1) or has ended (-1).</summary>
    public void AddStream(Guid environment, int change) => PulseOf(environment).AddStream(change);

    /// <summary>What happens in an environment: open streams, evaluations per second over the last minute, and evaluations by step, the oldest first.</summary>
    public EnvironmentPulse ReadEnvironment(Guid environment) =>
        _environments.TryGetValue(environment, out var pulse) ? pulse.Read(time.GetUtcNow()) : new EnvironmentPulse(0, 0, new long[StepCount]);

    /// <summary>Adds one reported error.</summary>
    public void AddError(Guid environment, string flag) => Get(environment, flag)?.Add(time.GetUtcNow(), 0, 1);

    /// <summary>The sums of the window and the time of the last error, if this process has seen one.</summary>
    public (long Evaluations, long Errors, DateTimeOffset? LastErrorAt) Read(Guid environment, string flag) =>
        _flags.TryGetValue((environment, flag), out var window) ? window.Read(time.GetUtcNow()) : (0, 0, null);

    // Environments are few, and those that were deleted cost little until the process ends.
    private Pulse PulseOf(Guid environment) => _environments.GetOrAdd(environment, static _ => new Pulse());

    private Window? Get(Guid environment, string flag)
    {
        if (_flags.TryGetValue((environment, flag), out var window))
            return window;
        // Callers check that flags exist, so this bounds what many short-lived flags leave behind.
        return _flags.Count >= FlagLimit ? null : _flags.GetOrAdd((environment, flag), static _ => new Window());
    }

    private sealed class Pulse
    {
        private const int MinuteSteps = 60 / StepSeconds;

        private readonly Lock _gate = new();
        private readonly long[] _steps = new long[StepCount];
        private readonly long[] _counts = new long[StepCount];
        private int _streams;

        public void AddStream(int change) => Interlocked.Add(ref _streams, change);

        public void Add(DateTimeOffset now, long count)
        {
            var step = now.ToUnixTimeSeconds() / StepSeconds;
            var slot = (int)(step % StepCount);
            lock (_gate)
            {
                if (_steps[slot] != step)
                    (_steps[slot], _counts[slot]) = (step, 0);
                _counts[slot] += count;
            }
        }

        public EnvironmentPulse Read(DateTimeOffset now)
        {
            var last = now.ToUnixTimeSeconds() / StepSeconds;
            var counts = new long[StepCount];
            lock (_gate)
            {
                for (var i = 0; i < StepCount; i++)
                {
                    var step = last - StepCount + 1 + i;
                    if (_steps[(int)(step % StepCount)] == step)
                        counts[i] = _counts[(int)(step % StepCount)];
                }
            }
            // The current step is not over: the six before it are a whole minute.
            var minute = counts.AsSpan(StepCount - 1 - MinuteSteps, MinuteSteps);
            long sum = 0;
            foreach (var count in minute)
                sum += count;
            return new EnvironmentPulse(Volatile.Read(ref _streams), sum / 60.0, counts);
        }
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

/// <summary>What this process sees happening in an environment.</summary>
/// <param name="Streams">Open streams.</param>
/// <param name="PerSecond">Evaluations per second over the last minute.</param>
/// <param name="Steps">Evaluations by step of <see cref="FlagActivity.StepSeconds"/>, the oldest first.</param>
public sealed record EnvironmentPulse(int Streams, double PerSecond, IReadOnlyList<long> Steps);
