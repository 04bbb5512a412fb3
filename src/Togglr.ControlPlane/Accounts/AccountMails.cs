using Togglr.ControlPlane.Mail;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>What Togglr's mail says, in the languages that it speaks. English where nobody chose.</summary>
internal static class AccountMails
{
    /// <summary>Something happened to an account.</summary>
    public static MailText Notice(AccountNotice notice, User user)
    {
        var isRussian = user.Locale == "ru";
        var (subject, what) = isRussian ? NoticeInRussian(notice) : NoticeInEnglish(notice);
        return new MailText(subject,
        [
            isRussian ? $"Здравствуйте, {MailText.Name(user.Name)}!" : $"Hello {MailText.Name(user.Name)},",
            what,
            isRussian
                ? "Если это были не вы, сразу смените пароль и завершите все сеансы в настройках учётной записи или обратитесь к администратору."
                : "If this was not you, change your password at once and end all sessions in your account's settings, or turn to your administrator.",
        ]);
    }

    /// <summary>An invitation with its link.</summary>
    public static MailText Invitation(string? locale, string invitedBy, string organization, Uri link, int days)
    {
        var (by, to) = (MailText.Name(invitedBy), MailText.Name(organization));
        return locale == "ru"
            ? new MailText($"Приглашение в {to} на Togglr",
                ["Здравствуйте!", $"{by} приглашает вас в организацию «{to}» на Togglr.", $"Ссылка действует {days} дней и только один раз. Если вы не ждали приглашения, ничего делать не нужно."])
            { Link = ("Принять приглашение", link) }
            : new MailText($"Invitation to {to} on Togglr",
                ["Hello,", $"{by} invites you to the organization “{to}” on Togglr.", $"The link works for {days} days, and once. If you did not expect an invitation, there is nothing to do."])
            { Link = ("Accept the invitation", link) };
    }

    /// <summary>The way back to an account whose password is forgotten.</summary>
    public static MailText PasswordReset(User user, Uri link, bool byAdministrator) => user.Locale == "ru"
        ? new MailText("Новый пароль для Togglr",
            [
                $"Здравствуйте, {MailText.Name(user.Name)}!",
                byAdministrator ? "Администратор попросил вас задать новый пароль." : "Кто-то, вероятно вы, попросил задать новый пароль для вашей учётной записи.",
                "Ссылка действует один час и только один раз. Если вы об этом не просили, ничего делать не нужно: пароль останется прежним.",
            ])
        { Link = ("Задать новый пароль", link) }
        : new MailText("A new password for Togglr",
            [
                $"Hello {MailText.Name(user.Name)},",
                byAdministrator ? "An administrator asks you to set a new password." : "Somebody, probably you, asked for a new password for your account.",
                "The link works for one hour, and once. If you did not ask for it, there is nothing to do: the password stays as it is.",
            ])
        { Link = ("Set a new password", link) };

    private static (string Subject, string What) NoticeInEnglish(AccountNotice notice) => notice switch
    {
        AccountNotice.PasswordChanged => ("Your Togglr password was changed", "The password of your account was changed. All other sessions have ended."),
        AccountNotice.PasswordReset => ("Your Togglr password was reset", "A new password was set for your account. All sessions have ended."),
        AccountNotice.TwoFactorAdded => ("Your Togglr account has a second factor now", "A second factor was turned on for your account. Keep the recovery codes in a safe place."),
        AccountNotice.TwoFactorRemoved => ("Your Togglr account has no second factor any more", "The second factor of your account was turned off."),
        AccountNotice.RecoveryCodeUsed => ("A recovery code of your Togglr account was used", "Somebody signed in to your account with its password and a recovery code. That code will not work again."),
        _ => ("Somebody knows your Togglr password", "Somebody gave the right password of your account several times, and wrong codes of the second factor. Nobody got in."),
    };

    private static (string Subject, string What) NoticeInRussian(AccountNotice notice) => notice switch
    {
        AccountNotice.PasswordChanged => ("Пароль Togglr изменён", "Пароль вашей учётной записи изменён. Все остальные сеансы завершены."),
        AccountNotice.PasswordReset => ("Пароль Togglr сброшен", "Для вашей учётной записи задан новый пароль. Все сеансы завершены."),
        AccountNotice.TwoFactorAdded => ("В учётной записи Togglr включён второй фактор", "Для вашей учётной записи включён второй фактор. Храните коды восстановления в надёжном месте."),
        AccountNotice.TwoFactorRemoved => ("В учётной записи Togglr отключён второй фактор", "Второй фактор вашей учётной записи отключён."),
        AccountNotice.RecoveryCodeUsed => ("Использован код восстановления Togglr", "Кто-то вошёл в вашу учётную запись с паролем и кодом восстановления. Этот код больше не сработает."),
        _ => ("Кто-то знает ваш пароль Togglr", "Кто-то несколько раз ввёл верный пароль вашей учётной записи и неверные коды второго фактора. Войти не удалось."),
    };
}
