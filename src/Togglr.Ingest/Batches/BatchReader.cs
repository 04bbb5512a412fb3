using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Hosting.Problems;
using Togglr.Messaging;
using Togglr.Messaging.Attributes;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;

namespace Togglr.Ingest.Batches;

/// <summary>Where events come from, and what holds for them.</summary>
/// <param name="Environment">The environment of the key.</param>
/// <param name="State">Its newest state.</param>
/// <param name="Units">The key under which its units are hashed.</param>
/// <param name="IsPublic">Whether the key is public: then flags must be visible to clients.</param>
/// <param name="Now">The time.</param>
/// <param name="Lateness">How old an event may be.</param>
internal sealed record BatchTerms(Guid Environment, EnvironmentState State, UnitKey Units, bool IsPublic, DateTimeOffset Now, TimeSpan Lateness);

/// <summary>
/// Reads a body of events and decides on each of them. What is accepted is written in the form of the log, so nothing unexpected gets further; units are hashed here, and their text goes no further either.
/// </summary>
internal sealed class BatchReader(BatchTerms terms, RecentSet<Guid> recent, RefusalBudget budget, AttributeObserver attributes) : IDisposable
{
    /// <summary>The most events of one body.</summary>
    public const int MostEvents = 10_000;

    private const int MaxDepth = 16;

    /// <summary>Exposures of a body whose attributes are looked at: there will be other bodies.</summary>
    private const int MostLooked = 2;

    private readonly HashSet<Guid> _ids = [];
    private readonly Scalars _scalars = new();
    private readonly Dictionary<string, int> _unkept = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _content = new(256);
    private ReadOnlyMemory<byte> _lastUnit;
    private Guid _lastStandIn;
    private int _looked;

    /// <summary>What is to be stored.</summary>
    public EventBatch Batch { get; } = new(terms.Environment, terms.Now, 16 * 1024);

    /// <summary>How many events are accepted.</summary>
    public int Accepted => _ids.Count;

    /// <summary>How many have been accepted before.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Those that were refused.</summary>
    public List<Verdict> Refused { get; } = [];

    /// <summary>The names of the accepted events.</summary>
    public IReadOnlyCollection<Guid> Ids => _ids;

    /// <summary>Errors among the accepted events.</summary>
    public List<(Guid Id, Flag Flag, string? Variant, long Count)> Errors { get; } = [];

    /// <summary>Reads the body.</summary>
    /// <returns>What is wrong with it as a whole, or null.</returns>
    public Problem? Read(ReadOnlyMemory<byte> body)
    {
        if (!System.Text.Unicode.Utf8.IsValid(body.Span))
            return Problem.MalformedJson("The body is not UTF-8.");
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            var found = false;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return EventReader.Invalid("wrong_type", "", "The body must be an object.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!reader.ValueTextEquals("events"u8))
                {
                    reader.Read();
                    reader.Skip();
                    continue;
                }
                if (found || !reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                    return EventReader.Invalid("wrong_type", "/events", "events is one list.");
                found = true;
                if (ReadEvents(ref reader, body) is { } problem)
                    return problem;
            }
            // What follows the object is no JSON.
            reader.Read();
            WriteUnkept();
            return found ? null : EventReader.Invalid("required", "/events", "events is required.");
        }
        catch (JsonException exception)
        {
            return exception.Message.Contains("maximum configured depth", StringComparison.Ordinal)
                ? Problem.BadRequest("too_deep", "The body is nested too deeply", new ProblemItem("too_deep", "", $"At most {MaxDepth} levels are accepted."))
                : Problem.MalformedJson($"The body is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
    }

    /// <inheritdoc />
    public void Dispose() => _scalars.Dispose();

    private Problem? ReadEvents(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        var item = new EventItem();
        var index = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (index == MostEvents)
                return EventReader.Invalid("too_many", "/events", $"At most {MostEvents} events are accepted at once.");
            var fault = item.Read(ref reader, body) ? Take(item) : new Fault("", "wrong_type", "An event is an object.");
            if (fault.IsFault)
                Refuse(item, index, fault);
            index++;
        }
        return null;
    }

    private Fault Take(EventItem item)
    {
        var recorded = default(RecordedEvent);
        var type = item.Type.Text.Span;
        var count = 0L;
        if (!item.Type.IsText(20))
            return new Fault("type", item.Type.IsMissing ? "required" : "invalid", "type is exposure, metric, feedback or error.");
        var fault = EventChecks.Common(item, terms.Now, terms.Lateness, out var at);
        if (!fault.IsFault)
        {
            if (type.SequenceEqual("exposure"u8))
            {
                recorded.Kind = RecordedKind.Exposure;
                fault = EventChecks.Exposure(item, ref recorded);
            }
            else if (type.SequenceEqual("metric"u8))
            {
                recorded.Kind = RecordedKind.Metric;
                fault = EventChecks.Metric(item, ref recorded);
            }
            else if (type.SequenceEqual("feedback"u8))
            {
                recorded.Kind = RecordedKind.Feedback;
                fault = EventChecks.Feedback(item, ref recorded);
            }
            else if (type.SequenceEqual("error"u8))
            {
                recorded.Kind = RecordedKind.Error;
                fault = EventChecks.Error(item, ref recorded, out count);
            }
            else
            {
                fault = new Fault("type", "unknown_type", "type is exposure, metric, feedback or error.");
            }
        }
        if (fault.IsFault)
            return fault;
        return Record(item, ref recorded, at, count);
    }

    private Fault Record(EventItem item, ref RecordedEvent recorded, long at, long count)
    {
        Flag? flag = null;
        // Exposures of flags that are gone may come late; what is public must be something that the page could see.
        if ((recorded.Kind is RecordedKind.Feedback or RecordedKind.Error || (recorded.Kind == RecordedKind.Exposure && terms.IsPublic))
            && (!terms.State.Snapshot.TryGetFlag(item.Flag.Text.Span, out flag) || (terms.IsPublic && !flag.ClientVisible)))
            return new Fault("flag", "unknown_flag", "There is no such flag.");
        var details = recorded.Kind is RecordedKind.Exposure or RecordedKind.Feedback ? item.Attributes : recorded.Kind == RecordedKind.Metric ? item.Properties : default;
        if (!details.IsMissing)
        {
            var member = recorded.Kind == RecordedKind.Metric ? "properties" : "attributes";
            if (details.Kind != JsonTokenType.StartObject)
                return new Fault(member, "wrong_type", $"{member} is an object of texts, numbers and booleans.");
            if (_scalars.Read(details.Text.Span, StandInText) is var (name, code, message))
                return new Fault(name.Length == 0 ? member : $"{member}/{Pointer(name)}", code, message);
            recorded.Content = _scalars.Written;
        }

        recorded.Id = EventBatch.IdOf(terms.Environment, item.Id.Text.Span);
        recorded.At = at;
        if (_ids.Contains(recorded.Id) || recent.Contains(recorded.Id))
        {
            Duplicates++;
            return default;
        }
        recorded.Unit = item.Unit.IsMissing ? Guid.Empty : StandIn(item.Unit.Text);
        if (recorded is { Kind: RecordedKind.Exposure, Phase: 0, Name.IsEmpty: false })
            recorded.Phase = terms.State.Snapshot.PhaseOf(Encoding.UTF8.GetString(recorded.Name));
        if (recorded.Kind is RecordedKind.Feedback or RecordedKind.Error)
            recorded.Content = Payload(item, recorded);
        if (flag is not null && (recorded.Kind == RecordedKind.Error || (recorded.Kind == RecordedKind.Feedback && item.Outcome.Text.Span.SequenceEqual("error"u8))))
            Errors.Add((recorded.Id, flag, item.Variant.IsMissing ? null : Encoding.UTF8.GetString(item.Variant.Text.Span), Math.Max(count, 1)));
        if (recorded.Kind == RecordedKind.Exposure && !details.IsMissing && _looked++ < MostLooked)
            attributes.Look(terms.Environment, details.Text.Span, isFlat: true);
        _ids.Add(recorded.Id);
        Batch.Add(recorded);
        return default;
    }

    /// <summary>What the log keeps of feedback and errors, in the form that <c>track</c> and <c>report-error</c> leave there.</summary>
    private ReadOnlySpan<byte> Payload(EventItem item, scoped in RecordedEvent recorded)
    {
        _content.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_content);
        writer.WriteStartObject();
        if (recorded.Kind == RecordedKind.Feedback)
        {
            writer.WriteString("type"u8, item.Outcome.Text.Span);
            if (!item.Variant.IsMissing)
                writer.WriteString("variant"u8, item.Variant.Text.Span);
            writer.WriteNumber("reward"u8, item.Reward.TryNumber(out var reward) ? reward : 0);
        }
        else
        {
            writer.WriteString("type"u8, item.ErrorType.Text.Span);
            writer.WriteString("message"u8, item.Message.Text.Span);
            if (!item.Variant.IsMissing)
                writer.WriteString("variant"u8, item.Variant.Text.Span);
            if (recorded.Value is > 1)
                writer.WriteNumber("count"u8, (long)recorded.Value.Value);
        }
        if (recorded.Unit != Guid.Empty)
            writer.WriteString("unit"u8, recorded.Unit);
        if (!recorded.Content.IsEmpty)
        {
            writer.WritePropertyName("context"u8);
            writer.WriteRawValue(recorded.Content, skipInputValidation: true);
        }
        writer.WriteEndObject();
        writer.Flush();
        return _content.WrittenSpan;
    }

    private void Refuse(EventItem item, int index, Fault fault)
    {
        Refused.Add(new Verdict(index, fault.Code, fault.Member, fault.Message));
        if (!budget.TryTake(terms.Environment))
        {
            _unkept[fault.Code] = _unkept.GetValueOrDefault(fault.Code) + 1;
            return;
        }
        _content.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_content))
        {
            writer.WriteStartObject();
            writer.WriteString("message"u8, fault.Message);
            Write(writer, "id", item.Id);
            Write(writer, "at", item.At);
            Write(writer, "experiment", item.Experiment);
            Write(writer, "event", item.Event);
            Write(writer, "flag", item.Flag);
            Write(writer, "variant", item.Variant);
            if (item.Unit is { Kind: JsonTokenType.String, IsUsable: true })
                writer.WriteString("unit"u8, terms.Units.StandInOf(item.Unit.Text.Span));
            writer.WriteEndObject();
        }
        Batch.Add(new RecordedEvent
        {
            Kind = RecordedKind.Refused, At = EventBatch.Microseconds(terms.Now), Value = 1, Name = Encoding.UTF8.GetBytes(fault.Code),
            Detail = Encoding.UTF8.GetBytes(fault.Member.Length == 0 ? "" : "/" + fault.Member), Flag = item.Type.IsText(20) ? item.Type.Text.Span : default, Content = _content.WrittenSpan,
        });
    }

    // Only texts that could be names: what stands in the wrong place may be anything.
    private static void Write(Utf8JsonWriter writer, string name, EventMember member)
    {
        if (member.IsText(EventChecks.LongestKey))
            writer.WriteString(name, member.Text.Span);
    }

    /// <summary>Refused events of which nothing is kept are counted still.</summary>
    private void WriteUnkept()
    {
        foreach (var (code, count) in _unkept)
            Batch.Add(new RecordedEvent { Kind = RecordedKind.Refused, At = EventBatch.Microseconds(terms.Now), Value = count, Name = Encoding.UTF8.GetBytes(code) });
    }

    private Guid StandIn(ReadOnlyMemory<byte> unit)
    {
        // Batches often hold several events of one unit in a row.
        if (_lastUnit.Span.SequenceEqual(unit.Span) && !unit.IsEmpty)
            return _lastStandIn;
        (_lastUnit, _lastStandIn) = (unit, terms.Units.StandInOf(unit.Span));
        return _lastStandIn;
    }

    private string StandInText(ReadOnlySpan<byte> text) => terms.Units.StandInOf(text).ToString("N", CultureInfo.InvariantCulture);

    private static string Pointer(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
