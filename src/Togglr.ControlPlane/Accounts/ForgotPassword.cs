using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Mail;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Asks for a way to set a new password.</summary>
public sealed record ForgotPasswordRequest
{
    /// <summary>The address of the account.</summary>
    public required string Email { get; init; }
}

/// <summary>
/// Sends links that set a new password. What is asked for is looked up behind the request's back, so that neither the answer nor its time tells who has an account. A person gets three links an hour at
/// most, and each makes the earlier ones worthless.
/// </summary>
internal sealed partial class ForgotPassword(IServiceScopeFactory scopes, TimeProvider time, ILogger<ForgotPassword> logger) : BackgroundService
{
    /// <summary>How long a link is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private const int LimitPerHour = 3;

    private readonly Channel<Asked> _asked = Channel.CreateBounded<Asked>(new BoundedChannelOptions(1000) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Notes who is asked for. The answer is always the same.</summary>
    public static Accepted Handle(ForgotPasswordRequest request, ForgotPassword resets, Current current)
    {
        if (request.Email.Length <= 254 && !request.Email.Contains('\0', StringComparison.Ordinal))
            resets._asked.Writer.TryWrite(new Asked(User.Normalize(request.Email), current.WithRequest(new ChangeActor("system", null, "anonymous"))));
        return TypedResults.Accepted((string?)null);
    }

    /// <summary>Adds a new permission to set a password, and its mail, to what the next commit saves; earlier ones are worthless from then on.</summary>
    public static async Task AddAsync(IServiceProvider services, User user, bool byAdministrator, CancellationToken cancel)
    {
        var db = services.GetRequiredService<TogglrDbContext>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await services.GetRequiredService<Sessions>().ForgetResetsAsync(user.Id, cancel);
        var secret = Secrets.NewRefreshToken();
        db.PasswordResets.Add(PasswordReset.Create(user.Id, SdkKey.HashOf(secret), now, Lifetime));
        var link = services.GetRequiredService<AccountLinks>().PasswordReset(secret);
        services.GetRequiredService<MailQueue>().Add("password_reset", user.Email, AccountMails.PasswordReset(user, link, byAdministrator));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var asked in _asked.Reader.ReadAllAsync(stoppingToken))
            {
                try
                {
                    await SendAsync(asked, stoppingToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogFailed(logger, exception.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; whoever still waits asks again.
        }
    }

    private async Task SendAsync(Asked asked, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        if (!scope.ServiceProvider.GetRequiredService<MailQueue>().IsOn)
            return;
        // Whoever has no password here signs in elsewhere, and must not come in by a way that this elsewhere does not know of.
        if (await db.Users.SingleOrDefaultAsync(row => row.NormalizedEmail == asked.Email && row.DisabledAt == null && row.PasswordHash != null, cancel) is not { } user)
            return;
        var hourAgo = time.GetUtcNow() - TimeSpan.FromHours(1);
        if (await db.PasswordResets.CountAsync(row => row.UserId == user.Id && row.CreatedAt > hourAgo, cancel) >= LimitPerHour)
            return;
        await AddAsync(scope.ServiceProvider, user, byAdministrator: false, cancel);
        var change = new Change(asked.Actor, "user.password_reset_requested", user.Email)
        {
            EntityId = user.Id, Always = true, AlsoIn = await db.MembershipsOf(user.Id).Select(row => row.OrganizationId).ToListAsync(cancel),
        };
        if ((await db.CommitAsync(change, cancel)).Error is { } error)
            LogFailed(logger, error.Code);
    }

    [LoggerMessage(EventId = 2211, Level = LogLevel.Warning, Message = "A link to set a new password could not be made: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    private sealed record Asked(string Email, ChangeActor Actor);
}
