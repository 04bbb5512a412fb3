namespace Togglr.ControlPlane.Mail;

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

    /// <summary>Whether the connection is upgraded to TLS (STARTTLS) before anything is sent; mail is not sent where that fails.</summary>
    public bool StartTls { get; init; } = true;
}
