using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Invitations;
using Togglr.ControlPlane.Mail;

namespace Togglr.ControlPlane.Accounts;

internal static class AccountServices
{
    /// <summary>Registers what accounts are made of.</summary>
    public static void AddAccounts(this IServiceCollection services, ControlPlaneOptions options)
    {
        services.AddSingleton(new BreachedPasswords(options.BreachedPasswordsFile));
        services.AddSingleton<PasswordRules>();
        services.AddScoped<Sessions>();
        services.AddScoped<SecondFactor>();
        services.AddScoped<SignInGuard>();
        services.AddScoped<OwnPassword>();
        services.AddScoped<MailQueue>();
        services.AddSingleton<MailTransport>();
        services.AddScoped<AccountNotices>();
        services.AddScoped<Invite>();
        services.AddScoped<AcceptInvitation>();
        services.AddSingleton<AccountLinks>();
        services.AddSingleton<ForgotPassword>();
        services.AddHostedService(static provider => provider.GetRequiredService<ForgotPassword>());
        if (options.Mail is not null)
            services.AddHostedService<MailSender>();
    }
}
