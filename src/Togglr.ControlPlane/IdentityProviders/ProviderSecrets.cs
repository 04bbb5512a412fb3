using System.Text.Json;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>The secrets of identity providers, by name. Encrypted for their provider alone; nothing shows them again.</summary>
internal sealed class ProviderSecrets(SecretProtector protector)
{
    /// <summary>Longest secret; a private key in PEM fits.</summary>
    public const int LongestSecret = 20_000;

    /// <summary>All secrets of a provider; none where they cannot be decrypted any more (the key is gone), so that they can be set anew.</summary>
    public Dictionary<string, string> Read(IdentityProvider provider)
    {
        var secrets = provider.Secrets is { } stored && protector.Unprotect(stored, Purpose(provider)) is { } json ? JsonSerializer.Deserialize<Dictionary<string, string>>(json) : null;
        return new Dictionary<string, string>(secrets ?? [], StringComparer.Ordinal);
    }

    /// <summary>Replaces them, if they are others than before.</summary>
    public void Write(IdentityProvider provider, IReadOnlyDictionary<string, string> secrets)
    {
        var before = Read(provider);
        if (before.Count == secrets.Count && secrets.All(secret => before.TryGetValue(secret.Key, out var known) && known == secret.Value))
            return;
        provider.SetSecrets(secrets.Count == 0 ? null : protector.Protect(JsonSerializer.SerializeToUtf8Bytes(secrets), Purpose(provider)));
    }

    private static string Purpose(IdentityProvider provider) => $"identity-provider:{provider.Id}";
}
