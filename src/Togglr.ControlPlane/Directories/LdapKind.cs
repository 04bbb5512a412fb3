using System.Text.Json;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>Directories: LDAP and Active Directory.</summary>
internal sealed class LdapKind(LdapCalls calls, TestDirectory test) : IProviderKind
{
    /// <summary>The name of the secret with the password of the account that searches.</summary>
    public const string BindPassword = "bindPassword";

    /// <inheritdoc/>
    public IdentityProviderKind Kind => IdentityProviderKind.Ldap;

    /// <inheritdoc/>
    public IReadOnlyList<string> SecretNames { get; } = [BindPassword];

    /// <inheritdoc/>
    public Task<Checked> CheckAsync(JsonElement settings, IDictionary<string, string> secrets, CancellationToken cancel)
    {
        var (read, fault) = ProviderSettings.Read<LdapSettings>(settings);
        if (read is null)
            return Task.FromResult(Checked.Bad(fault!));
        var complete = read.Complete();
        List<ProblemItem> faults = [.. complete.Faults()];
        if (faults.Count == 0 && complete.BindDn is { Length: > 0 } && !secrets.ContainsKey(BindPassword))
            faults.Add(new ProblemItem("required", $"/secrets/{BindPassword}", "The account that searches needs its password."));
        return Task.FromResult(faults.Count == 0 ? Checked.Good(complete) : Checked.Bad(faults));
    }

    /// <inheritdoc/>
    public ProviderUrlsView UrlsOf(IdentityProvider provider, PublicAddress address) => new();

    /// <inheritdoc/>
    public Task<ProviderTestView> TestAsync(IdentityProvider provider, PublicAddress address, CancellationToken cancel) => test.RunAsync(calls, provider, cancel);
}
