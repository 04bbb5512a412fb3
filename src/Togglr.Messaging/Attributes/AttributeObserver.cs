using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Togglr.Messaging.Events;

namespace Togglr.Messaging.Attributes;

/// <summary>
/// Looks at contexts, so that editors of rules can offer the attributes and values that there really are. What is seen is handed to the event log every few seconds. Best effort: nothing here may make
/// a request slower or fail, so callers offer it a few of many.
/// </summary>
/// <param name="isOn">Whether anything is looked at.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where what was seen goes; without one nothing is looked at.</param>
public sealed class AttributeObserver(bool isOn, TimeProvider time, IEventLog? log = null) : BackgroundService
{
    private const int MaximumEnvironments = 2_000;
    private const int MaximumAttributes = 200;
    private const int MaximumValues = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);

    private readonly bool _isOn = isOn && log is not null;
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Dictionary<string, Seen>> _environments = [];

    /// <summary>Looks at a context.</summary>
    /// <param name="environment">Where it was seen.</param>
    /// <param name="body">A valid JSON object.</param>
    /// <param name="isFlat">Whether the object is the context itself, else its member <c>context</c> is.</param>
    public void Look(Guid environment, ReadOnlySpan<byte> body, bool isFlat = false)
    {
        if (!_isOn)
            return;
        // Somebody else is looking, or it is handed on: there will be other requests.
        if (!_gate.TryEnter())
            return;
        try
        {
            if (!_environments.TryGetValue(environment, out var attributes))
            {
                if (_environments.Count >= MaximumEnvironments)
                    return;
                _environments.Add(environment, attributes = new Dictionary<string, Seen>(StringComparer.Ordinal));
            }
            var reader = new Utf8JsonReader(body);
            var now = time.GetUtcNow();
            ObservedContext.Read(ref reader, isFlat, (name, type, value) => Note(attributes, name, type, value, now));
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_isOn)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await HandOnAsync();
        }
        catch (OperationCanceledException)
        {
            // The host stops; what was seen since the last time is seen again.
        }
    }

    private static void Note(Dictionary<string, Seen> attributes, string name, string type, string? value, DateTimeOffset now)
    {
        if (!attributes.TryGetValue(name, out var seen))
        {
            if (attributes.Count >= MaximumAttributes)
                return;
            attributes.Add(name, seen = new Seen());
        }
        if (seen.Type != type || now - seen.SentAt >= Repeat)
            seen.IsNews = true;
        seen.Type = type;
        // One more than are ever shown, so that there being too many is told.
        if (value is null || (!seen.Values.ContainsKey(value) && seen.Values.Count > MaximumValues))
            return;
        if (now - seen.Values.GetValueOrDefault(value) < Repeat)
            return;
        seen.Values[value] = now;
        seen.News.Add(value);
        seen.IsNews = true;
    }

    private async Task HandOnAsync()
    {
        var now = time.GetUtcNow();
        var events = new List<LogEvent>();
        lock (_gate)
        {
            foreach (var (environment, attributes) in _environments)
            {
                foreach (var (name, seen) in attributes)
                {
                    if (!seen.IsNews)
                        continue;
                    events.Add(new LogEvent(EventKind.Attributes, environment, "", now, null, Payload(name, seen)));
                    seen.News.Clear();
                    (seen.IsNews, seen.SentAt) = (false, now);
                }
                if (attributes.Count >= MaximumAttributes)
                    attributes.Clear();
            }
            if (_environments.Count >= MaximumEnvironments)
                _environments.Clear();
        }
        if (events.Count > 0)
            await log!.AppendAsync(events, CancellationToken.None);
    }

    private static byte[] Payload(string name, Seen seen)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, name);
            writer.WriteString("type"u8, seen.Type);
            writer.WriteStartArray("values"u8);
            foreach (var value in seen.News)
                writer.WriteStringValue(value);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private sealed class Seen
    {
        public string Type { get; set; } = "";

        public bool IsNews { get; set; }

        public DateTimeOffset SentAt { get; set; }

        /// <summary>When each value was told last.</summary>
        public Dictionary<string, DateTimeOffset> Values { get; } = new(StringComparer.Ordinal);

        public List<string> News { get; } = [];
    }
}
