using System.Text.Json;
using Togglr.Evaluation.Formats;
using Togglr.Messaging.Events;

namespace Togglr.Ingest.Batches;

/// <summary>What is wrong with one event; nothing where all is well.</summary>
/// <param name="Member">The member; empty: the event as a whole.</param>
/// <param name="Code">A stable code.</param>
/// <param name="Message">What, for people.</param>
internal readonly record struct Fault(string Member, string Code, string Message)
{
    /// <summary>Whether something is wrong.</summary>
    public bool IsFault => Code is not null;
}

/// <summary>The limits that each kind of event has to keep.</summary>
internal static class EventChecks
{
    public const int LongestKey = 100;
    public const int LongestUnit = 500;
    public const int LongestErrorType = 200;
    public const int LongestMessage = 2_000;
    public const int MostErrors = 1_000_000;

    /// <summary>How far the clock of a sender may be ahead.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>What every event has: a name and a time.</summary>
    public static Fault Common(EventItem item, DateTimeOffset now, TimeSpan lateness, out long at)
    {
        at = 0;
        if (Text(item.Id, "id", LongestKey) is { IsFault: true } wrong)
            return wrong;
        if (item.At.IsMissing)
            return new Fault("at", "required", "at is required.");
        if (item.At.Kind != JsonTokenType.String)
            return new Fault("at", "wrong_type", "at is an RFC 3339 time with seconds and offset.");
        if (item.At.Text.Length < 20 || !Instant.TryParse(item.At.Text.Span, out var milliseconds))
            return new Fault("at", "invalid", "at is an RFC 3339 time with seconds and offset.");
        var time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        if (time < now - lateness)
            return new Fault("at", "out_of_range", $"at is more than {lateness.TotalHours:0} hours ago.");
        if (time > now + Ahead)
            return new Fault("at", "out_of_range", $"at is more than {Ahead.TotalMinutes:0} minutes ahead.");
        at = EventBatch.Microseconds(time);
        return default;
    }

    /// <summary>An exposure.</summary>
    public static Fault Exposure(EventItem item, ref RecordedEvent recorded)
    {
        // Without an experiment it is the exposure of a flag whose traffic an algorithm shares out; then the version of the weights says with what share.
        var isShared = item.Experiment.IsMissing && !item.WeightsVersion.IsMissing;
        var fault = First(isShared ? default : Text(item.Experiment, "experiment", LongestKey), Text(item.Flag, "flag", LongestKey), Text(item.Variant, "variant", LongestKey), Unit(item.Unit));
        if (fault.IsFault)
            return fault;
        long phase = 0;
        if (!item.Phase.IsMissing && !item.Phase.TryInteger(1, int.MaxValue, out phase))
            return new Fault("phase", "invalid", "phase is a whole number from 1.");
        var propensity = 0.0;
        if (!item.Propensity.IsMissing && (!item.Propensity.TryNumber(out propensity) || propensity is <= 0 or > 1))
            return new Fault("propensity", "out_of_range", "propensity is a number above 0 and at most 1.");
        fault = Version(item.WeightsVersion, "weightsVersion", out var version);
        if (fault.IsFault)
            return fault;
        recorded.Phase = (int)phase;
        recorded.Value = item.Propensity.IsMissing ? null : propensity;
        recorded.WeightsVersion = version;
        recorded.Name = item.Experiment.Text.Span;
        recorded.Detail = item.Variant.Text.Span;
        recorded.Flag = item.Flag.Text.Span;
        return default;
    }

    /// <summary>A metric event.</summary>
    public static Fault Metric(EventItem item, ref RecordedEvent recorded)
    {
        var fault = First(Text(item.Event, "event", LongestKey), Unit(item.Unit));
        if (fault.IsFault)
            return fault;
        var value = 0.0;
        if (!item.Value.IsMissing && !item.Value.TryNumber(out value))
            return new Fault("value", item.Value.Kind == JsonTokenType.Number ? "out_of_range" : "wrong_type", "value is a finite number.");
        recorded.Value = item.Value.IsMissing ? null : value;
        recorded.Name = item.Event.Text.Span;
        return default;
    }

    /// <summary>Feedback on a variant.</summary>
    public static Fault Feedback(EventItem item, ref RecordedEvent recorded)
    {
        var fault = First(Text(item.Flag, "flag", LongestKey), OptionalText(item.Variant, "variant", LongestKey), item.Unit.IsMissing ? default : Unit(item.Unit));
        if (fault.IsFault)
            return fault;
        fault = First(Outcome(item.Outcome, "outcome"), Reward(item.Reward, "reward", out var reward), Version(item.WeightsVersion, "weightsVersion", out var version));
        if (fault.IsFault)
            return fault;
        recorded.Value = reward;
        recorded.WeightsVersion = version;
        recorded.Name = item.Flag.Text.Span;
        recorded.Detail = item.Variant.Text.Span;
        return default;
    }

    /// <summary>An error that the application met.</summary>
    public static Fault Error(EventItem item, ref RecordedEvent recorded, out long count)
    {
        count = 1;
        var fault = First(
            Text(item.Flag, "flag", LongestKey), OptionalText(item.Variant, "variant", LongestKey), Text(item.ErrorType, "errorType", LongestErrorType));
        if (fault.IsFault)
            return fault;
        if (!item.Message.IsMissing && (item.Message.Kind != JsonTokenType.String || !item.Message.IsUsable || item.Message.Text.Length > LongestMessage))
            return new Fault("message", "invalid", $"message is a text of at most {LongestMessage} bytes.");
        if (!item.Count.IsMissing && !item.Count.TryInteger(1, MostErrors, out count))
            return new Fault("count", "out_of_range", $"count is a whole number from 1 to {MostErrors}.");
        recorded.Name = item.Flag.Text.Span;
        recorded.Detail = item.Variant.Text.Span;
        recorded.Value = count;
        return default;
    }

    /// <summary>How it ended.</summary>
    /// <param name="member">What was sent.</param>
    /// <param name="name">What the member is called there.</param>
    public static Fault Outcome(EventMember member, string name) =>
        member.IsText(20) && (member.Text.Span.SequenceEqual("success"u8) || member.Text.Span.SequenceEqual("failure"u8) || member.Text.Span.SequenceEqual("error"u8))
            ? default : new Fault(name, member.IsMissing ? "required" : "invalid", $"{name} is success, failure or error.");

    /// <summary>What an outcome is worth; null where that was not told.</summary>
    public static Fault Reward(EventMember member, string name, out double? reward)
    {
        reward = null;
        if (member.IsMissing)
            return default;
        if (!member.TryNumber(out var number))
            return new Fault(name, member.Kind == JsonTokenType.Number ? "out_of_range" : "wrong_type", $"{name} is a finite number.");
        reward = number;
        return default;
    }

    /// <summary>The version of an algorithm's weights; null where that was not told.</summary>
    public static Fault Version(EventMember member, string name, out long? version)
    {
        version = null;
        if (member.IsMissing)
            return default;
        if (!member.TryInteger(0, long.MaxValue, out var number))
            return new Fault(name, "invalid", $"{name} is a whole number.");
        version = number;
        return default;
    }

    /// <summary>The first that is wrong, if any is.</summary>
    public static Fault First(Fault first, Fault second, Fault third = default, Fault fourth = default) =>
        first.IsFault ? first : second.IsFault ? second : third.IsFault ? third : fourth;

    private static Fault Unit(EventMember member)
    {
        if (member.IsMissing)
            return new Fault("unit", "required", "unit is required.");
        if (member.Kind != JsonTokenType.String || !member.IsUsable)
            return new Fault("unit", "wrong_type", "unit is a text.");
        return member.Text.Length is 0 or > LongestUnit ? new Fault("unit", "invalid", $"unit is a text of 1 to {LongestUnit} bytes.") : default;
    }

    /// <summary>A text that may be absent.</summary>
    public static Fault OptionalText(EventMember member, string name, int longest) => member.IsMissing ? default : Text(member, name, longest);

    /// <summary>A text without control characters.</summary>
    public static Fault Text(EventMember member, string name, int longest)
    {
        if (member.IsText(longest))
            return default;
        return member.IsMissing ? new Fault(name, "required", $"{name} is required.")
            : member.Kind != JsonTokenType.String ? new Fault(name, "wrong_type", $"{name} is a text.")
            : new Fault(name, "invalid", $"{name} is a text of 1 to {longest} characters, none of which is a control character.");
    }
}
