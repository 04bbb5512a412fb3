using System.Collections.Concurrent;

namespace Togglr.Messaging.Health;

/// <summary>What was counted of a flag's variant in an environment since it was delivered last.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Flag">Key of the flag.</param>
/// <param name="Variant">Key of the variant; empty: none was named.</param>
/// <param name="Evaluations">How often it was served, as told with server keys.</param>
/// <param name="Errors">Errors, as told with server keys.</param>
/// <param name="ClientEvaluations">How often it was served, as told with public keys.</param>
/// <param name="ClientErrors">Errors, as told with public keys.</param>
public readonly record struct HealthDelta(Guid EnvironmentId, string Flag, string Variant, long Evaluations, long Errors, long ClientEvaluations, long ClientErrors);

/// <summary>
/// Counts evaluations and errors by environment, flag and variant: an addition to a number that is there already, without a lock and without garbage. Only flags that the caller has found in a
/// snapshot are counted, and variants that they have, so that nobody makes any number of cells by inventing names.
/// </summary>
public sealed class HealthCounters(TimeProvider time)
{
    /// <summary>How many flags, by environment, are counted at most.</summary>
    public const int FlagLimit = 100_000;

    /// <summary>What is written of the errors of one flag in one second; more are counted only.</summary>
    public const int DetailsPerSecond = 50;

    /// <summary>For so long after an error evaluations are delivered at once; else only now and then.</summary>
    private static readonly TimeSpan Alert = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Idle = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(Guid Environment, string Flag), Cells> _flags = new();
    private long _dropped;

    /// <summary>How many counts of new flags found no room since the start.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Adds evaluations.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="flag">A flag that it has.</param>
    /// <param name="variant">A variant that the flag has; anything else counts for the flag as a whole.</param>
    /// <param name="count">How many.</param>
    /// <param name="isPublic">Whether the key that told of them is public.</param>
    public void AddEvaluations(Guid environment, Evaluation.Flag flag, string? variant, long count, bool isPublic)
    {
        ArgumentNullException.ThrowIfNull(flag);
        if (Find(environment, flag.Key) is not { } cells)
            return;
        var cell = cells.Of(Known(flag, variant));
        Interlocked.Add(ref isPublic ? ref cell.ClientEvaluations : ref cell.Evaluations, count);
    }

    /// <summary>Adds an error.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="flag">A flag that it has.</param>
    /// <param name="variant">A variant that the flag has; anything else counts for the flag as a whole.</param>
    /// <param name="isPublic">Whether the key that told of it is public.</param>
    public void AddError(Guid environment, Evaluation.Flag flag, string? variant, bool isPublic) => AddErrors(environment, flag, variant, 1, isPublic);

    /// <summary>Adds errors.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="flag">A flag that it has.</param>
    /// <param name="variant">A variant that the flag has; anything else counts for the flag as a whole.</param>
    /// <param name="count">How many.</param>
    /// <param name="isPublic">Whether the key that told of them is public.</param>
    public void AddErrors(Guid environment, Evaluation.Flag flag, string? variant, long count, bool isPublic)
    {
        ArgumentNullException.ThrowIfNull(flag);
        if (Find(environment, flag.Key) is not { } cells)
            return;
        var cell = cells.Of(Known(flag, variant));
        Interlocked.Add(ref isPublic ? ref cell.ClientErrors : ref cell.Errors, count);
    }

    /// <summary>Whether what an error says of itself is kept: the first of every second are.</summary>
    public bool TakeDetails(Guid environment, string flag) => Find(environment, flag)?.TakeDetails(time.GetTimestamp() / time.TimestampFrequency) ?? false;

    /// <summary>Takes what was counted since the last call.</summary>
    /// <param name="everything">Also of flags without errors.</param>
    public IReadOnlyList<HealthDelta> Drain(bool everything)
    {
        var now = time.GetTimestamp();
        var taken = new List<HealthDelta>();
        foreach (var (key, cells) in _flags)
        {
            var list = cells.All;
            if (Array.Exists(list, static cell => Volatile.Read(ref cell.Errors) + Volatile.Read(ref cell.ClientErrors) > 0))
                cells.AlertUntil = now + (long)(Alert.TotalSeconds * time.TimestampFrequency);
            if (!everything && cells.AlertUntil < now)
                continue;
            var before = taken.Count;
            foreach (var cell in list)
            {
                var delta = new HealthDelta(
                    key.Environment, key.Flag, cell.Variant, Interlocked.Exchange(ref cell.Evaluations, 0), Interlocked.Exchange(ref cell.Errors, 0),
                    Interlocked.Exchange(ref cell.ClientEvaluations, 0), Interlocked.Exchange(ref cell.ClientErrors, 0));
                if (delta.Evaluations + delta.Errors + delta.ClientEvaluations + delta.ClientErrors > 0)
                    taken.Add(delta);
            }

            if (taken.Count > before)
                cells.UsedAt = now;
            else if (time.GetElapsedTime(cells.UsedAt, now) > Idle)
                _flags.TryRemove(key, out _);
        }

        return taken;
    }

    private Cells? Find(Guid environment, string flag)
    {
        if (_flags.TryGetValue((environment, flag), out var cells))
            return cells;
        if (_flags.Count >= FlagLimit)
        {
            Interlocked.Increment(ref _dropped);
            return null;
        }

        return _flags.GetOrAdd((environment, flag), static (_, now) => new Cells { UsedAt = now }, time.GetTimestamp());
    }

    private static string Known(Evaluation.Flag flag, string? variant)
    {
        if (variant is not null)
        {
            var variants = flag.Variants;
            for (var i = 0; i < variants.Count; i++)
            {
                if (variants[i].Key == variant)
                    return variants[i].Key;
            }
        }

        return "";
    }

    private sealed class Cells
    {
        private readonly Lock _gate = new();
        private Cell[] _all = [];
        private long _second;
        private int _details;

        public long UsedAt { get; set; }

        public long AlertUntil { get; set; } = long.MinValue;

        public Cell[] All => Volatile.Read(ref _all);

        public Cell Of(string variant)
        {
            foreach (var cell in Volatile.Read(ref _all))
            {
                if (cell.Variant == variant)
                    return cell;
            }

            return Add(variant);
        }

        // Apart, because a lambda that captures is paid for at the beginning of its method.
        private Cell Add(string variant)
        {
            lock (_gate)
            {
                if (Array.Find(_all, cell => cell.Variant == variant) is { } made)
                    return made;
                var added = new Cell(variant);
                Volatile.Write(ref _all, [.. _all, added]);
                return added;
            }
        }

        public bool TakeDetails(long second)
        {
            // Two that meet at the turn of a second may both begin it: then there are a few more.
            if (Interlocked.Exchange(ref _second, second) != second)
                Volatile.Write(ref _details, 0);
            return Interlocked.Increment(ref _details) <= DetailsPerSecond;
        }
    }

    private sealed class Cell(string variant)
    {
        public readonly string Variant = variant;
        public long Evaluations;
        public long Errors;
        public long ClientEvaluations;
        public long ClientErrors;
    }
}
