using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;

namespace Togglr.ControlPlane.Mail;

/// <summary>Why a mail could not be handed over.</summary>
/// <param name="Reason">For people; names no recipient.</param>
/// <param name="IsFinal">Whether trying again is of no use.</param>
internal sealed record MailFailure(string Reason, bool IsFinal);

/// <summary>Hands mail to the mail server.</summary>
internal sealed class MailTransport(ControlPlaneOptions options)
{
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(60);

    /// <summary>Whether there is a mail server.</summary>
    public bool IsOn => options.Mail is not null;

    /// <summary>Hands a mail over; why not, or null when it went well. Of several recipients it goes to those whom the server takes.</summary>
    public async Task<MailFailure?> SendAsync(IReadOnlyList<string> recipients, MailContent content, string? id, CancellationToken cancel)
    {
        var server = options.Mail!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(SendLimit);
        try
        {
            using var message = MessageOf(recipients, content, id, server);
            using var client = new SmtpClient(server.Host, server.Port) { EnableSsl = server.StartTls };
            if (server.User is not null)
                client.Credentials = new NetworkCredential(server.User, server.Password);
            await client.SendMailAsync(message, limit.Token);
            return null;
        }
        catch (FormatException)
        {
            return new MailFailure("a recipient's address cannot be used", IsFinal: true);
        }
        catch (SmtpFailedRecipientsException exception) when (exception.InnerExceptions.Length < recipients.Count)
        {
            // The others have it; they would get it twice.
            return null;
        }
        catch (SmtpFailedRecipientException exception)
        {
            return new MailFailure($"the mail server refuses the recipient ({exception.StatusCode})", IsFinal: (int)exception.StatusCode is >= 500 and < 600);
        }
        catch (SmtpException exception)
        {
            // The messages of inner exceptions tell of the connection only; that of this one may repeat what the server said of the recipient.
            return new MailFailure(exception.InnerException?.Message ?? exception.StatusCode.ToString(), IsFinal: false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new MailFailure("the mail server does not answer", IsFinal: false);
        }
    }

    private static MailMessage MessageOf(IReadOnlyList<string> recipients, MailContent content, string? id, MailOptions server)
    {
        var message = new MailMessage
        {
            From = new MailAddress(server.From, "Togglr"), Subject = content.Subject, SubjectEncoding = Encoding.UTF8, Body = content.Plain, BodyEncoding = Encoding.UTF8, BodyTransferEncoding = TransferEncoding.Base64,
        };
        foreach (var recipient in recipients)
            message.To.Add(new MailAddress(recipient));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        if (id is not null)
            message.Headers.Add("Message-ID", $"<{id}>");
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(content.Html, Encoding.UTF8, MediaTypeNames.Text.Html));
        return message;
    }
}
