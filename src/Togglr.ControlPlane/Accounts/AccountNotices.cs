using Togglr.ControlPlane.Mail;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Something that happened to an account and that its owner should hear of, in case it was somebody else.</summary>
internal enum AccountNotice
{
    PasswordChanged,
    PasswordReset,
    TwoFactorAdded,
    TwoFactorRemoved,
    RecoveryCodeUsed,
    CodesGuessed,
}

/// <summary>Tells people by mail what happened to their accounts. Does nothing without a mail server.</summary>
internal sealed class AccountNotices(TogglrDbContext db, MailQueue queue)
{
    /// <summary>Adds a notice to what the next commit saves.</summary>
    public void Add(User user, AccountNotice notice)
    {
        if (queue.IsOn)
            queue.Add($"notice_{notice}", user.Email, AccountMails.Notice(notice, user));
    }

    /// <summary>Saves a notice at once.</summary>
    public async Task SendAsync(User user, AccountNotice notice, CancellationToken cancel)
    {
        Add(user, notice);
        await db.SaveChangesAsync(cancel);
    }
}
