using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Mail;

/// <summary>
/// Hands queued mail to the mail server, one after the other. Of several processes one takes a mail; when it dies on the way, another takes it some minutes later, so in the worst case a mail comes twice. What
/// the server does not take is tried again at growing intervals for a day. Neither recipients nor texts are ever logged.
/// </summary>
internal sealed partial class MailSender(IServiceScopeFactory scopes, ControlPlaneOptions options, SecretProtector protector, TimeProvider time, ILogger<MailSender> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    while (await SendNextAsync(stoppingToken))
                    {
                        // Until nothing waits.
                    }
                }
                catch (Exception exception) when (TogglrDbContext.IsUnavailable(exception))
                {
                    LogQueueUnreadable(logger, exception.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; what waits is in the database.
        }
    }

    /// <summary>Takes and sends the mail that waits longest; false when none does.</summary>
    private async Task<bool> SendNextAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var now = time.GetUtcNow();
        var taken = await db.Database.SqlQuery<Taken>(
            $"""
            UPDATE outgoing_mail SET attempts = attempts + 1, next_attempt_at = {now + Lease}
            WHERE id = (SELECT id FROM outgoing_mail WHERE next_attempt_at <= {now} ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, kind, content, created_at AS "CreatedAt", attempts
            """).ToListAsync(cancel);
        if (taken is not [var mail])
            return false;
        var row = db.OutgoingMail.Where(it => it.Id == mail.Id);
        if (await SendAsync(mail, cancel) is not { } failure)
        {
            await row.ExecuteDeleteAsync(CancellationToken.None);
        }
        else if (failure.IsFinal || now - mail.CreatedAt > GiveUpAfter)
        {
            LogGivenUp(logger, mail.Kind, mail.Id, mail.Attempts, failure.Reason);
            await row.ExecuteDeleteAsync(CancellationToken.None);
        }
        else
        {
            LogFailed(logger, mail.Kind, mail.Id, mail.Attempts, failure.Reason);
            var next = time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(LongestDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(mail.Attempts - 1, 16))));
            await row.ExecuteUpdateAsync(it => it.SetProperty(waiting => waiting.NextAttemptAt, next), CancellationToken.None);
        }
        return true;
    }

    /// <summary>Why it could not be handed over; null when it was.</summary>
    private async Task<Failure?> SendAsync(Taken mail, CancellationToken cancel)
    {
        if (protector.Unprotect(mail.Content, MailQueue.PurposeOf(mail.Id)) is not { } bytes || JsonSerializer.Deserialize<MailContent>(bytes) is not { } content)
            return new Failure("it cannot be decrypted", IsFinal: true);
        var server = options.Mail!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(SendLimit);
        try
        {
            using var message = MessageOf(content, server);
            using var client = new SmtpClient(server.Host, server.Port) { EnableSsl = server.StartTls };
            if (server.User is not null)
                client.Credentials = new NetworkCredential(server.User, server.Password);
            await client.SendMailAsync(message, limit.Token);
            return null;
        }
        catch (FormatException)
        {
            return new Failure("the recipient's address cannot be used", IsFinal: true);
        }
        catch (SmtpFailedRecipientException exception)
        {
            return new Failure($"the mail server refuses the recipient ({exception.StatusCode})", IsFinal: (int)exception.StatusCode is >= 500 and < 600);
        }
        catch (SmtpException exception)
        {
            // The messages of inner exceptions tell of the connection only; that of this one may repeat what the server said of the recipient.
            return new Failure(exception.InnerException?.Message ?? exception.StatusCode.ToString(), IsFinal: false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Failure("the mail server does not answer", IsFinal: false);
        }
    }

    private static MailMessage MessageOf(MailContent content, MailOptions server)
    {
        var message = new MailMessage(new MailAddress(server.From, "Togglr"), new MailAddress(content.To))
        {
            Subject = content.Subject, SubjectEncoding = Encoding.UTF8, Body = content.Plain, BodyEncoding = Encoding.UTF8, BodyTransferEncoding = TransferEncoding.Base64,
        };
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(content.Html, Encoding.UTF8, MediaTypeNames.Text.Html));
        return message;
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "The mail {Kind} {Id} could not be handed over (attempt {Attempt}) and is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string kind, Guid id, int attempt, string reason);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Error, Message = "The mail {Kind} {Id} is given up after {Attempt} attempts: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, string kind, Guid id, int attempt, string reason);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "The queue of mail cannot be read: {Reason}")]
    private static partial void LogQueueUnreadable(ILogger logger, string reason);

    private sealed record Failure(string Reason, bool IsFinal);

    private sealed record Taken(Guid Id, string Kind, byte[] Content, DateTimeOffset CreatedAt, int Attempts);
}
