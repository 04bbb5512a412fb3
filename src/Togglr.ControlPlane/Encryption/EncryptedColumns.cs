namespace Togglr.ControlPlane.Encryption;

/// <summary>A column that holds what <see cref="Hosting.Security.SecretProtector"/> made.</summary>
/// <param name="Table">Its table, whose rows have an <c>id</c>.</param>
/// <param name="Column">Its name.</param>
/// <param name="Purpose">The purpose of a row's secret is this, a colon and the row's id.</param>
public sealed record EncryptedColumn(string Table, string Column, string Purpose)
{
    /// <summary>What the secret of a row is for.</summary>
    public string PurposeOf(Guid row) => $"{Purpose}:{row}";
}

/// <summary>
/// Every column that is encrypted at rest: whoever encrypts another one adds it here, or a rotation of keys would leave it behind. A test compares this with the schema.
/// </summary>
public static class EncryptedColumns
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<EncryptedColumn> All { get; } =
    [
        new("users", "totp_secret", "totp"),
        new("identity_providers", "secrets", "identity-provider"),
        new("outgoing_mail", "content", "mail"),
        new("notification_destinations", "secrets", "notification-destination"),
        new("sso_requests", "secret", "sso-request"),
        new("event_keys", "secret", "event-key"),
    ];
}
