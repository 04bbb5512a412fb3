using System.Buffers;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>What all protocols have in common in what people send.</summary>
internal static class ProviderInput
{
    private const int MostDomains = 100;
    private static readonly SearchValues<char> InDomains = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");

    /// <summary>Sets and removes secrets; the fault when one has no such name or is too long.</summary>
    public static ProblemItem? Merge(Dictionary<string, string> secrets, IReadOnlyDictionary<string, string>? sent, IProviderKind kind)
    {
        foreach (var (name, value) in sent ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (!kind.SecretNames.Contains(name, StringComparer.Ordinal))
                return new ProblemItem("unknown_property", $"/secrets/{name}", $"A provider of this kind has no such secret. It has: {string.Join(", ", kind.SecretNames)}.");
            if (value.Length > ProviderSecrets.LongestSecret || value.Contains('\0', StringComparison.Ordinal))
                return new ProblemItem("invalid", $"/secrets/{name}", $"A secret has at most {ProviderSecrets.LongestSecret} characters.");
            if (value.Length == 0)
                secrets.Remove(name);
            else
                secrets[name] = value;
        }
        return null;
    }

    /// <summary>Domains in lower case, each once; null and the fault when one cannot be a domain.</summary>
    public static (IReadOnlyList<string>? Domains, ProblemItem? Fault) Domains(IReadOnlyList<string> sent)
    {
        if (sent.Count > MostDomains)
            return (null, new ProblemItem("too_many", "/domains", $"A provider has at most {MostDomains} domains."));
        var domains = new List<string>();
        for (var i = 0; i < sent.Count; i++)
        {
            var domain = sent[i].Trim().ToLowerInvariant();
            if (domain.Length is 0 or > 253 || domain.AsSpan().ContainsAnyExcept(InDomains) || domain.Split('.').Any(static label => label.Length is 0 or > 63) || !domain.Contains('.', StringComparison.Ordinal))
                return (null, new ProblemItem("invalid", $"/domains/{i}", "A domain is written example.com; international names in their ASCII form."));
            if (!domains.Contains(domain, StringComparer.Ordinal))
                domains.Add(domain);
        }
        return (domains, null);
    }
}
