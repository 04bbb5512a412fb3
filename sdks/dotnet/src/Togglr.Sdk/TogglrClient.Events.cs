using System.Text;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Sdk.Reporting;

namespace Togglr.Sdk;

public sealed partial class TogglrClient
{
    /// <summary>Longest error type and message that are sent, in characters.</summary>
    private const int LongestType = 200;
    private const int LongestMessage = 2000;

    /// <summary>
    /// Tells how a variant did: what bandits learn from. Returns at once; sent in the background, retried, and recognised by the server when it arrives twice.
    /// </summary>
    /// <param name="key">The flag.</param>
    /// <param name="context">Who was served; sent along.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="variant">The variant that was served; if null, the one that the context is served now.</param>
    /// <param name="reward">A number to go with it; finite.</param>
    public void Track(string key, EvaluationContext context, FeedbackKind kind, string? variant = null, double? reward = null) => Enqueue(key, "track", json =>
    {
        var served = OutcomeFor(key, context);
        if ((variant ?? served?.Variant?.Key) is { } told)
            json.WriteString("variant_key"u8, told);
        // With what weights is known as long as it is what the context is served still.
        if (served is { Algorithm: { } share } && (variant is null || variant == served.Variant?.Key))
            json.WriteNumber("weights_version"u8, share.WeightsVersion);
        json.WriteString("event_type"u8, kind switch { FeedbackKind.Success => "success"u8, FeedbackKind.Failure => "failure"u8, _ => "error"u8 });
        if (reward is { } amount && double.IsFinite(amount))
            json.WriteNumber("reward"u8, amount);
        WriteContext(json, context);
        json.WriteString("created_at"u8, Timestamp.Write(Now));
        json.WriteString("dedup_key"u8, Guid.CreateVersion7());
    });

    /// <summary>
    /// Tells that somebody did something that experiments measure: bought for an amount, signed up, waited so long. Returns at once; sent in batches in the background, retried, kept on disk with
    /// <see cref="TogglrClientOptions.EventDirectory"/>, and counted once by the server.
    /// </summary>
    /// <param name="metric">The name of the event, 1 to 100 characters; metrics are defined over it.</param>
    /// <param name="value">A finite number to go with it, or null where that it happened says it all.</param>
    /// <param name="context">Who did it: its targeting key is the unit, which the server stores as a keyed hash only. Nothing else of it is sent.</param>
    /// <param name="properties">Texts, numbers and booleans that metrics can filter on, at most 50; anything else is left out.</param>
    /// <param name="unit">The unit where experiments bucket by something else than the targeting key, such as a company's id.</param>
    public void Track(string metric, double? value, EvaluationContext context, IReadOnlyDictionary<string, object?>? properties = null, string? unit = null)
    {
        if (_experiments is null || _disposed is not null)
            return;
        try
        {
            _experiments.Track(metric, value, unit, context ?? EvaluationContext.Empty, properties);
        }
        catch (Exception exception)
        {
            LogEventFailed(_logger, exception, metric);
        }
    }

    /// <summary>Reports an error in code behind a flag: what the flag's health is made of. Returns at once; sent in the background, retried, and counted once by a server where it arrives twice.</summary>
    /// <param name="key">The flag.</param>
    /// <param name="context">Who met it; sent along when given.</param>
    /// <param name="errorType">Groups like errors, for example the exception's type; cut after 200 characters.</param>
    /// <param name="errorMessage">What happened; cut after 2,000 characters.</param>
    /// <param name="variant">The variant that was served; if null, the one that the context is served now.</param>
    public void ReportError(string key, EvaluationContext? context, string errorType, string errorMessage, string? variant = null)
    {
        Enqueue(key, "report-error", json =>
        {
            json.WriteString("error_type"u8, Cut(string.IsNullOrEmpty(errorType) ? "Error" : errorType, LongestType));
            json.WriteString("error_message"u8, Cut(errorMessage ?? "", LongestMessage));
            if ((variant ?? VariantFor(key, context)) is { } served)
                json.WriteString("variant_key"u8, served);
            WriteContext(json, context);
            json.WriteString("dedup_key"u8, Guid.CreateVersion7());
        });
        // Errors say little without what they are a part of.
        _counts?.Hurry();
    }

    /// <inheritdoc cref="ReportError(string, EvaluationContext, string, string, string)" />
    /// <param name="key">The flag.</param>
    /// <param name="context">Who met it; sent along when given.</param>
    /// <param name="exception">Its type and message are sent, its stack is not.</param>
    /// <param name="variant">The variant that was served; if null, the one that the context is served now.</param>
    public void ReportError(string key, EvaluationContext? context, Exception exception, string? variant = null) =>
        ReportError(key, context, exception?.GetType().FullName ?? "", exception?.Message ?? "", variant);

    /// <summary>What a context is served, without counting it.</summary>
    private string? VariantFor(string key, EvaluationContext? context) => OutcomeFor(key, context)?.Variant?.Key;

    private Outcome? OutcomeFor(string key, EvaluationContext? context) =>
        context is not null && Snapshot is { } snapshot && snapshot.TryGetFlag(key, out var flag)
            ? flag.Fixed ?? snapshot.Evaluate(flag, context, _time.GetUtcNow().ToUnixTimeMilliseconds()).Outcome
            : null;

    private static void WriteContext(Utf8JsonWriter json, EvaluationContext? context)
    {
        json.WritePropertyName("context"u8);
        ContextJson.Write(json, context ?? EvaluationContext.Empty);
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private void Enqueue(string key, string action, Action<Utf8JsonWriter> body)
    {
        if (_events is null || _disposed is not null || string.IsNullOrEmpty(key))
            return;
        try
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                body(json);
                json.WriteEndObject();
            }

            _events.Add(new OutgoingEvent($"features/{Uri.EscapeDataString(key)}/{action}", buffer.ToArray()));
        }
        catch (Exception exception)
        {
            LogEventFailed(_logger, exception, key);
        }
    }
}
