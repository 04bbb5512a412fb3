using System.Text.Json;
using Togglr.ControlPlane.Mail;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Channels;

/// <summary>Sends mail by the server's mail server, to every recipient for themselves.</summary>
internal sealed class MailChannel(MailTransport transport) : IDestinationChannel
{
    /// <inheritdoc/>
    public bool Serves(DestinationKind kind) => kind == DestinationKind.Email;

    /// <inheritdoc/>
    public async Task<SendOutcome> SendAsync(OutgoingMessage message, CancellationToken cancel)
    {
        if (!transport.IsOn)
            return SendOutcome.Failed("This server has no mail server (TOGGLR_MAILER_ADDR).", isFinal: true);
        var settings = message.Destination.Settings.Deserialize<MailSettings>(JsonSerializerOptions.Web)!;
        var told = message.Event;
        var language = message.Destination.Language;
        string[] paragraphs = MessageWords.Reason(told, language) is { } reason ? [told.Summary, reason] : [told.Summary];
        var text = new MailText(told.Summary, paragraphs) { Link = told.Url is { } address ? (MessageWords.Open(language), address) : null };
        return await transport.SendAsync(settings.Recipients, new MailContent("", text.Subject, text.ToPlain(), text.ToHtml()), message.DeliveryId, cancel) is { } failure
            ? SendOutcome.Failed(failure.Reason, failure.IsFinal)
            : new SendOutcome(true, null, null);
    }
}

/// <summary>What a mail destination needs.</summary>
/// <param name="Recipients">Addresses.</param>
internal sealed record MailSettings(IReadOnlyList<string> Recipients);
