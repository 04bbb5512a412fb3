using System.Security.Cryptography.X509Certificates;

namespace Togglr.ControlPlane.Mail;

/// <summary>How the connection to the mail server is encrypted.</summary>
public enum MailTls
{
    /// <summary>It is upgraded (STARTTLS) before anything is sent; mail is not sent where that fails.</summary>
    StartTls,

    /// <summary>From the first byte.</summary>
    Implicit,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>The mail server that takes Togglr's mail.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Port">Its port.</param>
/// <param name="From">The address that mail comes from.</param>
public sealed record MailOptions(string Host, int Port, string From)
{
    /// <summary>The account to authenticate with; null for none.</summary>
    public string? User { get; init; }

    /// <summary>Its password.</summary>
    public string? Password { get; init; }

    /// <summary>How the connection is encrypted.</summary>
    public MailTls Tls { get; init; } = MailTls.StartTls;

    /// <summary>The authorities that may vouch for the server's certificate, instead of the system's; null for the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }
}
