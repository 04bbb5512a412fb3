using System.Net;
using System.Text;
using System.Text.Json;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Channels;

/// <summary>What messages for people say besides the sentence.</summary>
internal static class MessageWords
{
    public static string Open(string language) => language == "ru" ? "Открыть в Togglr" : "Open in Togglr";

    /// <summary>The reason as a sentence of its own; null where none was given.</summary>
    public static string? Reason(EventDocument told, string language) =>
        told.Reason is { Length: > 0 } reason ? $"{(language == "ru" ? "Причина" : "Reason")}: {EventSource.Line(reason)}" : null;
}

/// <summary>Posts to incoming webhooks of Slack. What people wrote is sent as plain text, which Slack takes literally; in the fallback its three special characters are escaped.</summary>
internal sealed class SlackChannel(NotificationHttp http) : IDestinationChannel
{
    /// <inheritdoc/>
    public bool Serves(DestinationKind kind) => kind == DestinationKind.Slack;

    /// <inheritdoc/>
    public Task<SendOutcome> SendAsync(OutgoingMessage message, CancellationToken cancel) =>
        message.Secrets.TryGetValue(DestinationSecrets.Url, out var url)
            ? http.PostAsync(new Uri(url), Body(message.Event, message.Destination.Language), [], [url, new Uri(url).PathAndQuery.Trim('/')], cancel)
            : Task.FromResult(SendOutcome.Failed("The destination has no address.", isFinal: true));

    internal static byte[] Body(EventDocument told, string language)
    {
        var blocks = new List<object> { Plain(told.Summary) };
        if (MessageWords.Reason(told, language) is { } reason)
            blocks.Add(new { type = "context", elements = new[] { new { type = "plain_text", text = reason, emoji = false } } });
        if (told.Url is { } address)
            blocks.Add(new { type = "section", text = new { type = "mrkdwn", text = $"<{Escape(address.AbsoluteUri)}|{MessageWords.Open(language)}>" } });
        return JsonSerializer.SerializeToUtf8Bytes(new { text = Escape(told.Summary), blocks, unfurl_links = false, unfurl_media = false });
    }

    private static object Plain(string text) => new { type = "section", text = new { type = "plain_text", text, emoji = false } };

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}

/// <summary>Posts to incoming webhooks of Mattermost, in its Markdown with everything special escaped; nobody is mentioned by a name that somebody chose.</summary>
internal sealed class MattermostChannel(NotificationHttp http) : IDestinationChannel
{
    private const string Special = "\\`*_{}[]()#+-.!>~|:<&^=\"";

    /// <inheritdoc/>
    public bool Serves(DestinationKind kind) => kind == DestinationKind.Mattermost;

    /// <inheritdoc/>
    public Task<SendOutcome> SendAsync(OutgoingMessage message, CancellationToken cancel) =>
        message.Secrets.TryGetValue(DestinationSecrets.Url, out var url)
            ? http.PostAsync(new Uri(url), Body(message.Event, message.Destination.Language), [], [url, new Uri(url).PathAndQuery.Trim('/')], cancel)
            : Task.FromResult(SendOutcome.Failed("The destination has no address.", isFinal: true));

    internal static byte[] Body(EventDocument told, string language)
    {
        var text = new StringBuilder("**").Append(Escape(told.Summary)).Append("**");
        if (MessageWords.Reason(told, language) is { } reason)
            text.Append('\n').Append(Escape(reason));
        if (told.Url is { } address)
            text.Append("\n[").Append(MessageWords.Open(language)).Append("](").Append(address.AbsoluteUri.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal)).Append(')');
        return JsonSerializer.SerializeToUtf8Bytes(new { text = text.ToString(), username = "Togglr" });
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            if (Special.Contains(letter, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(letter);
            // A zero-width space after it: "@channel" calls nobody.
            if (letter == '@')
                escaped.Append('\u200B');
        }
        return escaped.ToString();
    }
}

/// <summary>Lets a Telegram bot write to a chat.</summary>
internal sealed class TelegramChannel(NotificationHttp http) : IDestinationChannel
{
    /// <summary>Where bots are spoken for, unless the operator of the destination runs a server of their own.</summary>
    public const string PublicApi = "https://api.telegram.org";

    /// <inheritdoc/>
    public bool Serves(DestinationKind kind) => kind == DestinationKind.Telegram;

    /// <inheritdoc/>
    public Task<SendOutcome> SendAsync(OutgoingMessage message, CancellationToken cancel)
    {
        var settings = message.Destination.Settings.Deserialize<TelegramSettings>(JsonSerializerOptions.Web)!;
        return message.Secrets.TryGetValue(DestinationSecrets.Token, out var token)
            ? http.PostAsync(new Uri($"{settings.ApiUrl.TrimEnd('/')}/bot{token}/sendMessage"), Body(message.Event, settings.ChatId, message.Destination.Language), [], [token], cancel)
            : Task.FromResult(SendOutcome.Failed("The destination has no token.", isFinal: true));
    }

    internal static byte[] Body(EventDocument told, string chat, string language)
    {
        var text = new StringBuilder("<b>").Append(WebUtility.HtmlEncode(told.Summary)).Append("</b>");
        if (MessageWords.Reason(told, language) is { } reason)
            text.Append('\n').Append(WebUtility.HtmlEncode(reason));
        if (told.Url is { } address)
            text.Append("\n<a href=\"").Append(WebUtility.HtmlEncode(address.AbsoluteUri)).Append("\">").Append(MessageWords.Open(language)).Append("</a>");
        return JsonSerializer.SerializeToUtf8Bytes(new { chat_id = chat, text = text.ToString(), parse_mode = "HTML", link_preview_options = new { is_disabled = true } });
    }
}

/// <summary>What a Telegram destination needs besides the bot's token.</summary>
/// <param name="ChatId">The chat, by number or <c>@name</c>.</param>
/// <param name="ApiUrl">Where bots are spoken for.</param>
internal sealed record TelegramSettings(string ChatId, string ApiUrl);
