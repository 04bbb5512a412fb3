using System.Net.Sockets;

namespace Togglr.ControlPlane.Mail;

/// <summary>Why a mail could not be handed over.</summary>
/// <param name="Reason">For people; names no recipient.</param>
/// <param name="IsFinal">Whether trying again is of no use.</param>
internal sealed record MailFailure(string Reason, bool IsFinal);

/// <summary>Hands mail to the mail server.</summary>
internal sealed class MailTransport(ControlPlaneOptions options, TimeProvider time)
{
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(60);

    /// <summary>Whether there is a mail server.</summary>
    public bool IsOn => options.Mail is not null;

    /// <summary>Hands a mail over; why not, or null when it went well. Of several recipients it goes to those whom the server takes.</summary>
    /// <param name="recipients">To whom.</param>
    /// <param name="content">What it says.</param>
    /// <param name="id">The message's number, the same with every attempt.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<MailFailure?> SendAsync(IReadOnlyList<string> recipients, MailContent content, Guid id, CancellationToken cancel)
    {
        var server = options.Mail!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(SendLimit);
        try
        {
            var domain = server.From[(server.From.LastIndexOf('@') + 1)..];
            var message = MailWriter.Write(server.From, recipients, content, $"{id}@{domain}", time.GetUtcNow());
            await using var conversation = await SmtpConversation.BeginAsync(server, limit.Token);
            await conversation.SendAsync(recipients, message, limit.Token);
            await conversation.EndAsync(limit.Token);
            return null;
        }
        catch (SmtpRefusedException refused)
        {
            return new MailFailure(refused.Message, refused.IsFinal);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new MailFailure("the mail server does not answer", IsFinal: false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return new MailFailure(exception is SocketException ? $"the mail server cannot be reached: {exception.Message}" : "the mail server ended the connection", IsFinal: false);
        }
    }
}
