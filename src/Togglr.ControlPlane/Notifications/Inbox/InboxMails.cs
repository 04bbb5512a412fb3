using Togglr.ControlPlane.Mail;
using Togglr.ControlPlane.Notifications.Channels;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Inbox;

/// <summary>What mail about inboxes says, in the language of whom it goes to.</summary>
internal static class InboxMails
{
    /// <summary>One thing.</summary>
    public static MailText One(EventDocument told, User user)
    {
        var language = user.Locale ?? "en";
        string[] paragraphs = MessageWords.Reason(told, language) is { } reason ? [told.Summary, reason, WhyThis(language)] : [told.Summary, WhyThis(language)];
        return new MailText(told.Summary, paragraphs) { Link = told.Url is { } address ? (MessageWords.Open(language), address) : null };
    }

    /// <summary>Several things at once.</summary>
    public static MailText Many(IReadOnlyList<EventDocument> told, int unread, User user, Uri inbox)
    {
        var language = user.Locale ?? "en";
        var subject = language == "ru" ? $"Togglr: непрочитанных уведомлений — {unread}" : unread == 1 ? "Togglr: one unread notification" : $"Togglr: {unread} unread notifications";
        var more = unread - told.Count;
        List<string> paragraphs = [language == "ru" ? $"Здравствуйте, {MailText.Name(user.Name)}!" : $"Hello {MailText.Name(user.Name)},", .. told.Select(static item => $"• {item.Summary}")];
        if (more > 0)
            paragraphs.Add(language == "ru" ? $"… и ещё {more}." : $"… and {more} more.");
        paragraphs.Add(WhyThis(language));
        return new MailText(subject, paragraphs) { Link = (language == "ru" ? "Открыть входящие" : "Open the inbox", inbox) };
    }

    private static string WhyThis(string language) =>
        language == "ru" ? "Какие письма приходят, решаете вы в настройках учётной записи." : "Which mail comes to you, you decide in your account's settings.";
}
