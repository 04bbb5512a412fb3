using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.Directories;

/// <summary>How the connection to a directory is protected.</summary>
public enum LdapSecurity
{
    /// <summary>Not at all: passwords travel readable. For directories on the same machine.</summary>
    None,

    /// <summary>TLS begun on the usual port, before anything else is said.</summary>
    Starttls,

    /// <summary>TLS from the first byte, on a port of its own.</summary>
    Ldaps,
}

/// <summary>Which directory it is: decides what absent settings are.</summary>
public enum LdapPreset
{
    /// <summary>OpenLDAP, 389 Directory Server and their like.</summary>
    Openldap,

    /// <summary>Microsoft Active Directory.</summary>
    ActiveDirectory,
}

/// <summary>From where somebody's groups are read.</summary>
public enum LdapGroupSource
{
    /// <summary>From nowhere.</summary>
    None,

    /// <summary>From an attribute of the person.</summary>
    MemberOf,

    /// <summary>By looking for groups that hold the person.</summary>
    Search,
}

/// <summary>The names of attributes of people.</summary>
public sealed record LdapAttributes
{
    /// <summary>Never changes and is never given to somebody else: <c>entryUUID</c>, <c>objectGUID</c>.</summary>
    public string? Id { get; init; }

    /// <summary>The login name, where a group filter asks for <c>{username}</c>.</summary>
    public string? Username { get; init; }

    /// <summary>The e-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>The name that is shown.</summary>
    public string? Name { get; init; }
}

/// <summary>How somebody's groups are found.</summary>
public sealed record LdapGroups
{
    /// <summary>From where they are read.</summary>
    public LdapGroupSource? Source { get; init; }

    /// <summary>The person's attribute with the names of groups, where the source is <c>memberOf</c>.</summary>
    public string? Attribute { get; init; }

    /// <summary>Where groups are looked for; the base of people if absent.</summary>
    public string? BaseDn { get; init; }

    /// <summary>Finds the groups of a person: <c>{dn}</c> is the person's distinguished name, <c>{username}</c> the login name.</summary>
    public string? Filter { get; init; }

    /// <summary>The attribute with a group's name, which mappings may use as well as its distinguished name.</summary>
    public string? NameAttribute { get; init; }
}

/// <summary>How a directory is asked. Members that are absent are filled in by <see cref="Preset"/>.</summary>
public sealed record LdapSettings
{
    private const int LongestText = 2000;
    private const int LongestCertificates = 100_000;
    private const int MostUrls = 8;

    /// <summary>Which directory it is.</summary>
    public LdapPreset? Preset { get; init; }

    /// <summary>The servers, in the order in which they are tried: <c>ldap://host:389</c>, or <c>ldaps://host:636</c>.</summary>
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>How the connection is protected.</summary>
    public LdapSecurity? Security { get; init; }

    /// <summary>Certificates in PEM that are trusted besides those of the machine.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>The account that searches; nobody in particular if absent. Its password is the secret <c>bindPassword</c>.</summary>
    public string? BindDn { get; init; }

    /// <summary>Where people are looked for, with everything below.</summary>
    public required string BaseDn { get; init; }

    /// <summary>Finds a person by the name typed, <c>{username}</c>; with <c>*</c> in its place it finds all people.</summary>
    public string? UserFilter { get; init; }

    /// <summary>Finds people whose account the directory has switched off; they are treated as absent.</summary>
    public string? DisabledFilter { get; init; }

    /// <summary>The attributes of people.</summary>
    public LdapAttributes? Attributes { get; init; }

    /// <summary>Their groups.</summary>
    public LdapGroups? Groups { get; init; }

    /// <summary>How many people are asked for at once.</summary>
    public int? PageSize { get; init; }

    /// <summary>How long connecting to one server may take, in seconds.</summary>
    public int? ConnectTimeoutSeconds { get; init; }

    /// <summary>How long one answer may take, in seconds.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Minutes between two syncs; 0 for none.</summary>
    public int? SyncMinutes { get; init; }

    /// <summary>A sync that would deactivate more of its people than this stops and changes nothing.</summary>
    public int? MaximumDeactivationPercent { get; init; }

    /// <summary>With everything that is absent filled in.</summary>
    public LdapSettings Complete()
    {
        var isActiveDirectory = Preset == LdapPreset.ActiveDirectory;
        var source = Groups?.Source ?? LdapGroupSource.Search;
        return this with
        {
            Preset = Preset ?? LdapPreset.Openldap,
            Security = Security ?? (Urls.Any(static url => url.StartsWith("ldaps:", StringComparison.OrdinalIgnoreCase)) ? LdapSecurity.Ldaps : LdapSecurity.Starttls),
            UserFilter = UserFilter ?? (isActiveDirectory
                ? "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={username})(userPrincipalName={username})(mail={username})))"
                : "(&(objectClass=inetOrgPerson)(|(uid={username})(mail={username})))"),
            DisabledFilter = DisabledFilter ?? (isActiveDirectory ? "(userAccountControl:1.2.840.113556.1.4.803:=2)" : null),
            Attributes = new LdapAttributes
            {
                Id = Attributes?.Id ?? (isActiveDirectory ? "objectGUID" : "entryUUID"),
                Username = Attributes?.Username ?? (isActiveDirectory ? "sAMAccountName" : "uid"),
                Email = Attributes?.Email ?? "mail",
                Name = Attributes?.Name ?? (isActiveDirectory ? "displayName" : "cn"),
            },
            Groups = new LdapGroups
            {
                Source = source,
                Attribute = Groups?.Attribute ?? "memberOf",
                BaseDn = Groups?.BaseDn,
                // The rule of Active Directory that follows groups in groups.
                Filter = Groups?.Filter ?? (isActiveDirectory
                    ? "(&(objectClass=group)(member:1.2.840.113556.1.4.1941:={dn}))"
                    : "(|(&(objectClass=groupOfNames)(member={dn}))(&(objectClass=groupOfUniqueNames)(uniqueMember={dn})))"),
                NameAttribute = Groups?.NameAttribute ?? "cn",
            },
            PageSize = PageSize ?? 500,
            ConnectTimeoutSeconds = ConnectTimeoutSeconds ?? 5,
            TimeoutSeconds = TimeoutSeconds ?? 15,
            SyncMinutes = SyncMinutes ?? 0,
            MaximumDeactivationPercent = MaximumDeactivationPercent ?? 20,
        };
    }

    /// <summary>What is wrong with complete settings.</summary>
    public IEnumerable<ProblemItem> Faults()
    {
        ProblemItem?[] texts =
        [
            ProviderSettings.Fault(BaseDn, "/settings/baseDn", LongestText, required: true), ProviderSettings.Fault(BindDn, "/settings/bindDn", LongestText),
            FilterFault(UserFilter!, "/settings/userFilter", "{username}"), DisabledFilter is null ? null : FilterFault(DisabledFilter, "/settings/disabledFilter", null),
            FilterFault(Groups!.Filter!, "/settings/groups/filter", Groups.Source == LdapGroupSource.Search ? "{dn}" : null),
            ProviderSettings.Fault(Groups.BaseDn, "/settings/groups/baseDn", LongestText),
            NameFault(Attributes!.Id!, "/settings/attributes/id"), NameFault(Attributes.Username!, "/settings/attributes/username"), NameFault(Attributes.Email!, "/settings/attributes/email"), NameFault(Attributes.Name!, "/settings/attributes/name"),
            NameFault(Groups.Attribute!, "/settings/groups/attribute"), NameFault(Groups.NameAttribute!, "/settings/groups/nameAttribute"),
            RangeFault(PageSize!.Value, 1, 5000, "/settings/pageSize"), RangeFault(ConnectTimeoutSeconds!.Value, 1, 30, "/settings/connectTimeoutSeconds"),
            RangeFault(TimeoutSeconds!.Value, 1, 60, "/settings/timeoutSeconds"), SyncMinutes == 0 ? null : RangeFault(SyncMinutes!.Value, 1, 10_080, "/settings/syncMinutes"),
            RangeFault(MaximumDeactivationPercent!.Value, 0, 100, "/settings/maximumDeactivationPercent"), CertificateFault(CaCertificate),
        ];
        return texts.OfType<ProblemItem>().Concat(UrlFaults());
    }

    /// <summary>The certificates of a PEM text; empty when one is damaged.</summary>
    internal static X509Certificate2Collection CertificatesOf(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }
        return certificates;
    }

    private IEnumerable<ProblemItem> UrlFaults()
    {
        if (Urls.Count is 0 or > MostUrls)
            yield return new ProblemItem("invalid", "/settings/urls", $"A directory has 1 to {MostUrls} addresses.");
        var scheme = Security == LdapSecurity.Ldaps ? "ldaps" : "ldap";
        for (var i = 0; i < Urls.Count; i++)
        {
            if (Urls[i].Length > 300 || !Uri.TryCreate(Urls[i], UriKind.Absolute, out var url) || url.Scheme != scheme || url.Host.Length == 0 || url.PathAndQuery is not ("" or "/")
                || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
                yield return new ProblemItem("invalid", $"/settings/urls/{i}", $"With this security an address is written {scheme}://host or {scheme}://host:port.");
        }
    }

    private static ProblemItem? FilterFault(string filter, string path, string? placeholder)
    {
        if (ProviderSettings.Fault(filter, path, LongestText, required: true) is { } fault)
            return fault;
        if (!LdapFilter.IsBalanced(filter))
            return new ProblemItem("invalid", path, "A filter is written in parentheses, each of which is closed: (attribute=value).");
        return placeholder is not null && !filter.Contains(placeholder, StringComparison.Ordinal) ? new ProblemItem("invalid", path, $"The filter must hold {placeholder}.") : null;
    }

    private static ProblemItem? NameFault(string name, string path) =>
        name.Length is > 0 and <= 100 && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or ';') ? null
            : new ProblemItem("invalid", path, "This is not the name of an attribute.");

    private static ProblemItem? RangeFault(int value, int least, int most, string path) =>
        value >= least && value <= most ? null : new ProblemItem("out_of_range", path, $"This is {least} to {most}.");

    private static ProblemItem? CertificateFault(string? pem) => pem switch
    {
        null => null,
        { Length: > LongestCertificates } => new ProblemItem("too_long", "/settings/caCertificate", $"Certificates have at most {LongestCertificates} characters together."),
        _ => CertificatesOf(pem).Count > 0 ? null : new ProblemItem("invalid", "/settings/caCertificate", "This holds no certificate in PEM (-----BEGIN CERTIFICATE-----)."),
    };
}
