using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.IdentityProviders.Oidc;

/// <summary>How the client shows its secret to the token endpoint.</summary>
internal enum ClientAuthentication
{
    /// <summary>In the Authorization header.</summary>
    Basic,

    /// <summary>In the body.</summary>
    Post,

    /// <summary>Not at all: a public client, protected by PKCE alone.</summary>
    None,
}

/// <summary>Settings of an OpenID Connect provider.</summary>
internal sealed record OidcSettings
{
    /// <summary>The issuer, exactly as the provider writes it into its tokens.</summary>
    public required string Issuer { get; init; }

    /// <summary>The client that was registered for Togglr.</summary>
    public required string ClientId { get; init; }

    /// <summary>How the client authenticates.</summary>
    public ClientAuthentication ClientAuthentication { get; init; } = ClientAuthentication.Basic;

    /// <summary>What is asked for; always with <c>openid</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["openid", "email", "profile"];

    /// <summary>Where to find what in the claims.</summary>
    public OidcClaims Claims { get; init; } = new();

    /// <summary>Takes addresses as verified although the provider does not say so: for providers whose addresses the organization itself assigns.</summary>
    public bool TrustEmail { get; init; }

    /// <summary>What the provider is asked to do in any case: <c>login</c>, <c>consent</c>, <c>select_account</c>; null for nothing.</summary>
    public string? Prompt { get; init; }

    /// <summary>What is wrong.</summary>
    public IEnumerable<ProblemItem> Faults()
    {
        if (Issuer.Length > 500 || !ProviderHttp.IsAcceptable(Issuer) || Issuer.Contains('?', StringComparison.Ordinal))
            yield return new ProblemItem("invalid", "/settings/issuer", "The issuer is an https address without query and fragment; http only on this machine.");
        if (ProviderSettings.Fault(ClientId, "/settings/clientId", 500, required: true) is { } client)
            yield return client;
        if (Scopes.Count > 50 || !Scopes.Contains("openid", StringComparer.Ordinal) || Scopes.Any(static scope => scope.Length is 0 or > 200 || scope.Any(static letter => letter is <= ' ' or > '~' or '"' or '\\')))
            yield return new ProblemItem("invalid", "/settings/scopes", "Scopes are at most 50 words, with openid among them.");
        if (Prompt is not (null or "login" or "consent" or "select_account"))
            yield return new ProblemItem("invalid", "/settings/prompt", "The prompt is login, consent or select_account.");
        foreach (var (name, path) in new[] { ("email", Claims.Email), ("emailVerified", Claims.EmailVerified), ("name", Claims.Name), ("groups", Claims.Groups) })
        {
            if (ProviderSettings.Fault(path, $"/settings/claims/{name}", 300) is { } fault)
                yield return fault;
        }
    }
}

/// <summary>Where to find what: the name of a claim, or a path to it with dots (<c>realm_access.roles</c>). A claim whose name has dots is found by its whole name first.</summary>
internal sealed record OidcClaims
{
    /// <summary>The address.</summary>
    public string Email { get; init; } = "email";

    /// <summary>Whether the provider vouches for it.</summary>
    public string EmailVerified { get; init; } = "email_verified";

    /// <summary>The name.</summary>
    public string Name { get; init; } = "name";

    /// <summary>A text or a list of texts, which mappings match; empty for none.</summary>
    public string Groups { get; init; } = "groups";
}
