using System.Text.Json;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Mail;

/// <summary>Mail as it waits in the queue, encrypted.</summary>
/// <param name="To">The recipient's address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Plain">The text.</param>
/// <param name="Html">The same as a page.</param>
internal sealed record MailContent(string To, string Subject, string Plain, string Html);

/// <summary>
/// Takes mail that belongs to a change: it is saved with the change, or not at all, and sent afterwards by <see cref="MailSender"/>. What it says is encrypted, since it holds links that open accounts.
/// </summary>
internal sealed class MailQueue(TogglrDbContext db, SecretProtector protector, ControlPlaneOptions options, TimeProvider time)
{
    /// <summary>Whether there is a mail server. Without one, nothing is queued.</summary>
    public bool IsOn => options.Mail is not null;

    /// <summary>What the content of a row is encrypted for.</summary>
    public static string PurposeOf(Guid mail) => $"mail:{mail}";

    /// <summary>Adds a mail to what the next commit saves.</summary>
    /// <param name="kind">For the log.</param>
    /// <param name="to">The recipient's address.</param>
    /// <param name="text">What it says.</param>
    public void Add(string kind, string to, MailText text)
    {
        if (!IsOn)
            return;
        var id = Guid.CreateVersion7();
        var content = JsonSerializer.SerializeToUtf8Bytes(new MailContent(to, text.Subject, text.ToPlain(), text.ToHtml()));
        db.OutgoingMail.Add(OutgoingMail.Create(id, kind, protector.Protect(content, PurposeOf(id)), time.GetUtcNow()));
    }
}
