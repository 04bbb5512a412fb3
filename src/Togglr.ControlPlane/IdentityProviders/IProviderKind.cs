using System.Text.Json;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>What one protocol knows of its providers: their settings, secrets and addresses, and how to try them. One small type for each protocol.</summary>
internal interface IProviderKind
{
    /// <summary>The protocol.</summary>
    IdentityProviderKind Kind { get; }

    /// <summary>The secrets that people can set. Others, which a protocol makes itself, are never shown.</summary>
    IReadOnlyList<string> SecretNames { get; }

    /// <summary>Reads settings strictly. What comes back is complete (defaults written out) and is what is stored, or the faults with pointers into the body.</summary>
    /// <param name="settings">As sent.</param>
    /// <param name="secrets">All secrets that the provider will have; the protocol may check them, and add those that it makes itself.</param>
    /// <param name="cancel">Cancels.</param>
    Task<Checked> CheckAsync(JsonElement settings, IDictionary<string, string> secrets, CancellationToken cancel);

    /// <summary>The addresses that are to be entered at the provider.</summary>
    ProviderUrlsView UrlsOf(IdentityProvider provider, PublicAddress address);

    /// <summary>Tries the provider for real, step by step, and changes nothing. Never throws for what the provider does.</summary>
    Task<ProviderTestView> TestAsync(IdentityProvider provider, PublicAddress address, CancellationToken cancel);
}

/// <summary>Settings after the check.</summary>
/// <param name="Settings">Complete settings.</param>
/// <param name="Faults">What is wrong; empty when nothing is.</param>
internal readonly record struct Checked(JsonElement Settings, IReadOnlyList<ProblemItem> Faults)
{
    /// <summary>Good settings.</summary>
    public static Checked Good<T>(T settings) => new(ProviderSettings.Write(settings), []);

    /// <summary>Bad ones.</summary>
    public static Checked Bad(params IReadOnlyList<ProblemItem> faults) => new(default, faults);
}
