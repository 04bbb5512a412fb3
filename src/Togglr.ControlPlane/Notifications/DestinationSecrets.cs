using System.Text.Json;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>The secrets of destinations, by name. Encrypted for their destination alone; nothing shows them again.</summary>
internal sealed class DestinationSecrets(SecretProtector protector)
{
    /// <summary>Where a webhook of any kind is; whoever knows it may be able to write there, so that it is a secret.</summary>
    public const string Url = "url";

    /// <summary>What webhooks are signed with.</summary>
    public const string SigningSecret = "signingSecret";

    /// <summary>The token of a Telegram bot.</summary>
    public const string Token = "token";

    /// <summary>All secrets of a destination; null where they cannot be decrypted any more, because the key is gone.</summary>
    public IReadOnlyDictionary<string, string>? Read(NotificationDestination destination)
    {
        if (destination.Secrets is not { } stored)
            return new Dictionary<string, string>(StringComparer.Ordinal);
        return protector.Unprotect(stored, Purpose(destination)) is { } json ? JsonSerializer.Deserialize<Dictionary<string, string>>(json) : null;
    }

    /// <summary>Replaces them.</summary>
    public void Write(NotificationDestination destination, IReadOnlyDictionary<string, string> secrets) =>
        destination.SetSecrets(secrets.Count == 0 ? null : protector.Protect(JsonSerializer.SerializeToUtf8Bytes(secrets), Purpose(destination)));

    private static string Purpose(NotificationDestination destination) => $"notification-destination:{destination.Id}";
}
