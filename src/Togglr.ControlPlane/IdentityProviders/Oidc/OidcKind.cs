using System.Text.Json;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders.Oidc;

/// <summary>OpenID Connect.</summary>
internal sealed class OidcKind(OidcMetadata metadata) : IProviderKind
{
    /// <summary>The client's secret.</summary>
    public const string ClientSecret = "clientSecret";

    /// <summary>Where people are sent back to.</summary>
    public const string CallbackPath = "/auth/oidc/callback";

    /// <inheritdoc/>
    public IdentityProviderKind Kind => IdentityProviderKind.Oidc;

    /// <inheritdoc/>
    public IReadOnlyList<string> SecretNames => [ClientSecret];

    /// <inheritdoc/>
    public Task<Checked> CheckAsync(JsonElement settings, IDictionary<string, string> secrets, CancellationToken cancel)
    {
        var (read, fault) = ProviderSettings.Read<OidcSettings>(settings);
        if (read is null)
            return Task.FromResult(Checked.Bad(fault!));
        var faults = read.Faults().ToList();
        if (read.ClientAuthentication == ClientAuthentication.None)
            secrets.Remove(ClientSecret);
        else if (!secrets.ContainsKey(ClientSecret))
            faults.Add(new ProblemItem("required", "/secrets/clientSecret", "The client has a secret, unless clientAuthentication is none."));
        return Task.FromResult(faults.Count > 0 ? Checked.Bad(faults) : Checked.Good(read));
    }

    /// <inheritdoc/>
    public ProviderUrlsView UrlsOf(IdentityProvider provider, PublicAddress address) =>
        new() { RedirectUri = address.Of(CallbackPath), StartUrl = address.Of($"/auth/oidc/{provider.Id}/start") };

    /// <inheritdoc/>
    public async Task<ProviderTestView> TestAsync(IdentityProvider provider, PublicAddress address, CancellationToken cancel)
    {
        var settings = ProviderSettings.Stored<OidcSettings>(provider.Settings);
        var steps = new List<ProviderTestStepView>
        {
            address.Origin is { } origin
                ? new ProviderTestStepView("publicUrl", true, $"People come back to {origin}.")
                : new ProviderTestStepView("publicUrl", false, "Set TOGGLR_PUBLIC_URL: without it nobody can be sent back here."),
        };
        var (configuration, error) = await metadata.FindAsync(settings.Issuer, now: true, cancel);
        steps.Add(new ProviderTestStepView("discovery", configuration is not null, error ?? $"The provider is {configuration!.Issuer}."));
        if (configuration is null)
            return ProviderTestView.Of(steps);
        steps.Add(configuration.KnowsS256
            ? new ProviderTestStepView("pkce", true, "The provider does not rule out PKCE with S256.")
            : new ProviderTestStepView("pkce", false, "The provider does not know PKCE with S256."));
        var (keys, unreachable) = await metadata.KeysAsync(configuration, now: true, cancel);
        steps.Add(keys is { Count: > 0 }
            ? new ProviderTestStepView("keys", true, $"{keys.Count} keys for signatures.")
            : new ProviderTestStepView("keys", false, unreachable ?? "The key set has no key for signatures that is accepted (RSA of 2,048 bits or more, P-256, P-384, P-521)."));
        return ProviderTestView.Of(steps);
    }
}
