using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Togglr.Evaluation;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;

namespace Togglr.Sdk.Reporting;

/// <summary>
/// Makes the events that experiments are measured with and algorithms learn from: an exposure when a unit is given a variant of either for the first time in this process, and whatever the application tracks. Asking again costs a
/// look into a table and allocates nothing.
/// </summary>
internal sealed partial class ExperimentEvents(EventBatches batches, TogglrClientOptions options)
{
    /// <summary>How many exposures a generation remembers; there are two. A unit that is forgotten is reported again, which changes no result.</summary>
    private const int Generation = 100_000;

    /// <summary>What the server accepts of a unit, a name and a text.</summary>
    private const int LongestUnit = 500;
    private const int LongestName = 100;
    private const int LongestText = 500;
    private const int MostProperties = 50;

    private readonly Lock _turning = new();
    private ConcurrentDictionary<ulong, byte> _newer = new();
    private ConcurrentDictionary<ulong, byte> _older = new();
    private int _count;

    /// <summary>Reports that somebody was given a variant of an experiment, unless that was reported before.</summary>
    public void Expose(Outcome outcome, EvaluationContext context)
    {
        Span<byte> digits = stackalloc byte[Unit.MaxNumberLength];
        var now = outcome.UnitAttribute is { IsNow: true } ? options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() : 0;
        var unit = Unit.Read(new Inquiry(context.Data, now, null), outcome.UnitAttribute, digits);
        if (unit.IsEmpty || unit.Length > LongestUnit)
            return;
        var key = KeyOf(outcome, unit);
        if (_newer.ContainsKey(key) || _older.ContainsKey(key) || !_newer.TryAdd(key, 0))
            return;
        if (Interlocked.Increment(ref _count) >= Generation)
            Turn();
        Add("exposure"u8, unit, (outcome, context), static (json, state) =>
        {
            if (state.outcome.Experiment is { } experiment)
                json.WriteString("experiment"u8, experiment);
            else
                WriteShare(json, state.outcome.Algorithm!, state.context);
            if (state.outcome.ExperimentPhase > 0)
                json.WriteNumber("phase"u8, state.outcome.ExperimentPhase);
            json.WriteString("flag"u8, state.outcome.Flag!.Key);
            json.WriteString("variant"u8, state.outcome.Variant!.Key);
        });
    }

    /// <summary>Writes with what share a unit was served, and what the algorithm tells units apart by. Nothing else of the context is sent.</summary>
    private static void WriteShare(Utf8JsonWriter json, AlgorithmShare share, EvaluationContext context)
    {
        json.WriteNumber("propensity"u8, share.Propensity);
        json.WriteNumber("weightsVersion"u8, share.WeightsVersion);
        if (share.Attributes.Count == 0)
            return;
        json.WriteStartObject("attributes"u8);
        foreach (var attribute in share.Attributes)
        {
            var value = context.Data.Find(attribute);
            if (value.Kind == ContextKind.Text && context.Data.TextOf(value) is { Length: <= LongestText } text)
                json.WriteString(attribute.Utf8, text);
            else if (value.Kind == ContextKind.Number)
                json.WriteNumber(attribute.Utf8, value.Number);
            else if (value.Kind is ContextKind.True or ContextKind.False)
                json.WriteBoolean(attribute.Utf8, value.Kind == ContextKind.True);
        }

        json.WriteEndObject();
    }

    /// <summary>Reports that somebody did something.</summary>
    public void Track(string metric, double? value, string? unit, EvaluationContext context, IReadOnlyDictionary<string, object?>? properties)
    {
        if (string.IsNullOrEmpty(metric) || metric.Length > LongestName || metric.Any(char.IsControl))
        {
            LogIgnored(options.Logger, "its name is not 1 to 100 characters");
            return;
        }

        if (value is { } number && !double.IsFinite(number))
        {
            LogIgnored(options.Logger, $"the value of {metric} is not finite");
            return;
        }

        var who = unit is null ? context.Data.TextOf(context.Data.TargetingKey) : System.Text.Encoding.UTF8.GetBytes(unit);
        if (who.IsEmpty || who.Length > LongestUnit)
        {
            LogIgnored(options.Logger, $"nobody is named whom {metric} is about");
            return;
        }

        Add("metric"u8, who, (metric, value, properties), static (json, state) =>
        {
            json.WriteString("event"u8, state.metric);
            if (state.value is { } amount)
                json.WriteNumber("value"u8, amount);
            if (state.properties is { Count: > 0 } given)
                WriteProperties(json, given);
        });
    }

    private static void WriteProperties(Utf8JsonWriter json, IReadOnlyDictionary<string, object?> properties)
    {
        json.WriteStartObject("properties"u8);
        foreach (var (name, value) in properties.Where(static pair => pair.Key is { Length: > 0 and <= LongestName } && !pair.Key.Any(char.IsControl)).Take(MostProperties))
        {
            switch (value)
            {
                case string text:
                    json.WriteString(name, (text.Length <= LongestText ? text : text[..LongestText]).Replace("\0", "", StringComparison.Ordinal));
                    break;
                case bool truth:
                    json.WriteBoolean(name, truth);
                    break;
                case sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal
                    when Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture) is var number && double.IsFinite(number):
                    json.WriteNumber(name, number);
                    break;
                default:
                    // Nothing that can be compared; the event is worth more than the property.
                    break;
            }
        }

        json.WriteEndObject();
    }

    private static ulong KeyOf(Outcome outcome, ReadOnlySpan<byte> unit)
    {
        // FNV-1a, twice as wide as what string.GetHashCode gives: two units that meet would hide one of them.
        var hash = 14695981039346656037UL;
        foreach (var letter in outcome.Experiment ?? outcome.Flag!.Key)
            hash = (hash ^ letter) * 1099511628211UL;
        hash = (hash ^ (uint)outcome.ExperimentPhase ^ ((ulong)outcome.Variant!.Index << 32)) * 1099511628211UL;
        foreach (var part in unit)
            hash = (hash ^ part) * 1099511628211UL;
        return hash;
    }

    private void Turn()
    {
        lock (_turning)
        {
            if (Volatile.Read(ref _count) < Generation)
                return;
            Volatile.Write(ref _count, 0);
            _older = _newer;
            _newer = new ConcurrentDictionary<ulong, byte>();
        }
    }

    private void Add<T>(ReadOnlySpan<byte> type, ReadOnlySpan<byte> unit, T state, Action<Utf8JsonWriter, T> members)
    {
        using var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteString("id"u8, Guid.CreateVersion7());
            json.WriteString("at"u8, Timestamp.Write(options.TimeProvider.GetUtcNow()));
            json.WriteString("unit"u8, unit);
            members(json, state);
            json.WriteEndObject();
        }

        batches.Add(buffer.ToArray());
    }

    [LoggerMessage(221, LogLevel.Warning, "A tracked event was ignored: {Reason}")]
    private static partial void LogIgnored(ILogger logger, string reason);
}
