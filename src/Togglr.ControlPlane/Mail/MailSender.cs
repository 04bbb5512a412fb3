using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Mail;

/// <summary>
/// Hands queued mail to the mail server, one after the other. Of several processes one takes a mail; when it dies on the way, another takes it some minutes later, so in the worst case a mail comes twice. What
/// the server does not take is tried again at growing intervals for a day. Neither recipients nor texts are ever logged.
/// </summary>
internal sealed partial class MailSender(IServiceProvider services, IServiceScopeFactory scopes, MailTransport transport, SecretProtector protector, TimeProvider time, ILogger<MailSender> logger)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(1);

    /// <inheritdoc />
    protected override TimeSpan Pause => Interval;

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken) => await SendNextAsync(cancellationToken) ? TimeSpan.Zero : Interval;

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) => LogQueueUnreadable(logger, failure.GetType().Name);

    /// <summary>Takes and sends the mail that waits longest; false when none does.</summary>
    private async Task<bool> SendNextAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var now = Time.GetUtcNow();
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
            var next = Time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(LongestDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(mail.Attempts - 1, 16))));
            await row.ExecuteUpdateAsync(it => it.SetProperty(waiting => waiting.NextAttemptAt, next), CancellationToken.None);
        }
        return true;
    }

    /// <summary>Why it could not be handed over; null when it was.</summary>
    private async Task<MailFailure?> SendAsync(Taken mail, CancellationToken cancel) =>
        protector.Unprotect(mail.Content, MailQueue.PurposeOf(mail.Id)) is { } bytes && JsonSerializer.Deserialize<MailContent>(bytes) is { } content
            ? await transport.SendAsync([content.To], content, mail.Id, cancel)
            : new MailFailure("it cannot be decrypted", IsFinal: true);

    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "The mail {Kind} {Id} could not be handed over (attempt {Attempt}) and is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string kind, Guid id, int attempt, string reason);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Error, Message = "The mail {Kind} {Id} is given up after {Attempt} attempts: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, string kind, Guid id, int attempt, string reason);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "The queue of mail cannot be read: {Reason}")]
    private static partial void LogQueueUnreadable(ILogger logger, string reason);

    private sealed record Taken(Guid Id, string Kind, byte[] Content, DateTimeOffset CreatedAt, int Attempts);
}
