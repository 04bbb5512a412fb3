using System.DirectoryServices.Protocols;
using System.Net;
using System.Text;

namespace Togglr.ControlPlane.Directories;

/// <summary>What a directory could not do, for people. Never leaves <see cref="LdapCalls"/>.</summary>
/// <param name="step">Where it happened: a step of the test.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">Why.</param>
#pragma warning disable CA1064 // Control flow out of blocking code, not part of the surface.
internal sealed class DirectoryFaultException(string step, string message, Exception? inner = null) : Exception(message, inner)
#pragma warning restore CA1064
{
    public string Step => step;
}

/// <summary>Somebody in a directory.</summary>
/// <param name="Dn">The distinguished name.</param>
/// <param name="Id">What never changes; null where the entry has none.</param>
/// <param name="Username">The login name.</param>
/// <param name="Email">The address.</param>
/// <param name="Name">The name.</param>
/// <param name="MemberOf">The groups that the entry names itself.</param>
internal sealed record LdapPerson(string Dn, string? Id, string? Username, string? Email, string? Name, IReadOnlyList<string> MemberOf);

/// <summary>A connection to one server of a directory, bound as the account that searches. Blocks: use it through <see cref="LdapCalls"/> only.</summary>
internal sealed class LdapSession : IDisposable
{
    private const int LargestDirectory = 200_000;
    private const int InvalidCredentials = 49;
    private const int MostGroups = 5_000;

    private readonly LdapConnection _connection;
    private readonly LdapSettings _settings;
    private readonly LdapServer _server;
    private readonly LdapReach _reach;

    private LdapSession(LdapConnection connection, LdapSettings settings, LdapServer server, LdapReach reach) =>
        (_connection, _settings, _server, _reach) = (connection, settings, server, reach);

    /// <summary>The server that answered.</summary>
    public LdapServer Server => _server;

    /// <summary>Connects to the first server that answers, and binds as the account that searches.</summary>
    /// <param name="settings">Complete settings.</param>
    /// <param name="bindPassword">The password of the account that searches.</param>
    /// <param name="reach">What may be connected to, and whom to trust there.</param>
    /// <exception cref="DirectoryFaultException">No server lets the account in.</exception>
    public static LdapSession Open(LdapSettings settings, string? bindPassword, LdapReach reach)
    {
        DirectoryFaultException? last = null;
        foreach (var server in settings.Urls.Select(LdapServer.Of))
        {
            LdapConnection? connection = null;
            try
            {
                connection = Connect(settings, server, reach);
                Bind(connection, settings.BindDn, bindPassword);
                var session = new LdapSession(connection, settings, server, reach);
                connection = null;
                return session;
            }
            catch (DirectoryFaultException fault)
            {
                last = fault;
                // Every server knows the same account: the next one would only count another failure against it.
                if (fault.Step == "bind")
                    break;
            }
            finally
            {
                connection?.Dispose();
            }
        }
        throw last ?? new DirectoryFaultException("connect", "The directory has no address.");
    }

    /// <summary>Connects to one server, with TLS where that is asked for.</summary>
    public static LdapConnection Connect(LdapSettings settings, LdapServer server, LdapReach reach)
    {
        LdapProbe.Reach(server, reach, TimeSpan.FromSeconds(settings.ConnectTimeoutSeconds!.Value));
        var connection = new LdapConnection(new LdapDirectoryIdentifier(server.Host, server.Port)) { AuthType = AuthType.Anonymous, AutoBind = false, Timeout = TimeSpan.FromSeconds(settings.TimeoutSeconds!.Value) };
        try
        {
            connection.SessionOptions.ProtocolVersion = 3;
            // What a referral names is somebody else's server; passwords do not go there.
            connection.SessionOptions.ReferralChasing = ReferralChasingOptions.None;
            if (settings.Security != LdapSecurity.None && reach.Trust is not null && !OperatingSystem.IsWindows())
            {
                connection.SessionOptions.TrustedCertificatesDirectory = reach.Trust;
                connection.SessionOptions.StartNewTlsSessionContext();
            }
            if (settings.Security == LdapSecurity.Ldaps)
                connection.SessionOptions.SecureSocketLayer = true;
            if (settings.Security == LdapSecurity.Starttls)
            {
                // The library opens the connection with the first bind only; this one says nothing about anybody.
                connection.Bind();
                connection.SessionOptions.StartTransportLayerSecurity(null);
            }
            return connection;
        }
        catch (Exception failed) when (failed is DirectoryException or LdapException)
        {
            connection.Dispose();
            throw new DirectoryFaultException("tls", LdapProbe.ExplainTls(settings, server, reach) ?? $"TLS with {server} could not be begun: {failed.Message}", failed);
        }
    }

    /// <summary>Whether a password is somebody's. Asked over a connection of its own; an empty password never is.</summary>
    /// <remarks>A bind without a password succeeds at many directories and says nothing about the person (RFC 4513, 5.1.2).</remarks>
    public bool Verify(string dn, string password)
    {
        if (dn.Length == 0 || password.Length == 0)
            return false;
        using var connection = Connect(_settings, _server, _reach);
        try
        {
            connection.AuthType = AuthType.Basic;
            connection.Bind(new NetworkCredential(dn, password));
            return true;
        }
        catch (LdapException refused) when (refused.ErrorCode == InvalidCredentials)
        {
            return false;
        }
        catch (DirectoryOperationException refused) when (refused.Response is not null)
        {
            // Locked, expired, not to be used for this: the directory knows the password's owner and says no.
            return false;
        }
        catch (Exception failed) when (failed is DirectoryException or LdapException)
        {
            throw Unavailable("bind", failed);
        }
    }

    /// <summary>The people whom a typed name finds, switched off ones excluded: none, one, or several when the filter is not strict enough.</summary>
    public IReadOnlyList<LdapPerson> Find(string username) =>
        Search("user", _settings.BaseDn, LdapFilter.Enabled(LdapFilter.Fill(_settings.UserFilter!, username, dn: null), _settings.DisabledFilter), sizeLimit: 2);

    /// <summary>Somebody, as a sample.</summary>
    public IReadOnlyList<LdapPerson> Sample() =>
        Search("user", _settings.BaseDn, LdapFilter.Everybody(_settings.UserFilter!, _settings.DisabledFilter), sizeLimit: 3);

    /// <summary>Whether the base is there.</summary>
    public bool HasBase()
    {
        try
        {
            return Send("search", new SearchRequest(_settings.BaseDn, "(objectClass=*)", SearchScope.Base, "1.1")).Entries.Count == 1;
        }
        catch (DirectoryFaultException fault) when (fault.InnerException is DirectoryOperationException { Response.ResultCode: ResultCode.NoSuchObject })
        {
            return false;
        }
    }

    /// <summary>Everybody, page by page, switched off ones excluded.</summary>
    public IEnumerable<LdapPerson> ListPeople()
    {
        var request = PeopleRequest(_settings.BaseDn, LdapFilter.Everybody(_settings.UserFilter!, _settings.DisabledFilter));
        var page = new PageResultRequestControl(_settings.PageSize!.Value) { IsCritical = true };
        request.Controls.Add(page);
        var read = 0;
        do
        {
            var answer = Send("user", request);
            foreach (SearchResultEntry entry in answer.Entries)
            {
                if (++read > LargestDirectory)
                    throw new DirectoryFaultException("user", $"The directory has more than {LargestDirectory} people. Choose a narrower base or filter.");
                yield return PersonOf(entry);
            }
            page.Cookie = answer.Controls.OfType<PageResultResponseControl>().FirstOrDefault()?.Cookie ?? [];
        }
        while (page.Cookie.Length > 0);
    }

    /// <summary>The groups of somebody: their distinguished names, and the names that the search found. Compared without regard to case, as directories do.</summary>
    public IReadOnlySet<string> GroupsOf(LdapPerson person)
    {
        var groups = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (_settings.Groups!.Source == LdapGroupSource.MemberOf)
        {
            foreach (var dn in person.MemberOf)
            {
                groups.Add(dn);
                if (FirstValue(dn) is { } name)
                    groups.Add(name);
            }
        }
        if (_settings.Groups.Source != LdapGroupSource.Search)
            return groups;
        var filter = LdapFilter.Fill(_settings.Groups.Filter!, person.Username ?? "", person.Dn);
        var request = new SearchRequest(_settings.Groups.BaseDn ?? _settings.BaseDn, filter, SearchScope.Subtree, _settings.Groups.NameAttribute!);
        foreach (SearchResultEntry entry in Send("groups", request).Entries)
        {
            if (groups.Count > MostGroups)
                break;
            groups.Add(entry.DistinguishedName);
            if (Text(entry, _settings.Groups.NameAttribute!) is { } name)
                groups.Add(name);
        }
        return groups;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    /// <summary>Binds as the account that searches.</summary>
    public static void Bind(LdapConnection connection, string? dn, string? password)
    {
        try
        {
            if (string.IsNullOrEmpty(dn))
            {
                connection.AuthType = AuthType.Anonymous;
                connection.Bind();
                return;
            }
            if (string.IsNullOrEmpty(password))
                throw new DirectoryFaultException("bind", "The account that searches has no password. Set the secret bindPassword.");
            connection.AuthType = AuthType.Basic;
            connection.Bind(new NetworkCredential(dn, password));
        }
        catch (LdapException refused) when (refused.ErrorCode == InvalidCredentials)
        {
            throw new DirectoryFaultException("bind", $"The directory refuses the name or the password of {dn}.", refused);
        }
        catch (Exception failed) when (failed is DirectoryException or LdapException)
        {
            throw Unavailable(failed is DirectoryOperationException { Response: not null } ? "bind" : "connect", failed);
        }
    }

    private List<LdapPerson> Search(string step, string baseDn, string filter, int sizeLimit)
    {
        var request = PeopleRequest(baseDn, filter);
        request.SizeLimit = sizeLimit;
        return [.. Send(step, request).Entries.Cast<SearchResultEntry>().Select(PersonOf)];
    }

    private SearchRequest PeopleRequest(string baseDn, string filter) =>
        new(baseDn, filter, SearchScope.Subtree, _settings.Attributes!.Id!, _settings.Attributes.Username!, _settings.Attributes.Email!, _settings.Attributes.Name!, _settings.Groups!.Attribute!);

    private SearchResponse Send(string step, SearchRequest request)
    {
        try
        {
            return (SearchResponse)_connection.SendRequest(request, TimeSpan.FromSeconds(_settings.TimeoutSeconds!.Value));
        }
        catch (DirectoryOperationException limited) when (limited.Response is SearchResponse { ResultCode: ResultCode.SizeLimitExceeded } some && request.SizeLimit > 0)
        {
            return some;
        }
        catch (DirectoryOperationException refused)
        {
            throw new DirectoryFaultException(step, refused.Response?.ResultCode switch
            {
                ResultCode.NoSuchObject => $"There is no {request.DistinguishedName} for this account.",
                ResultCode.SizeLimitExceeded => "The directory gives this account only a part of the people. Raise its size limit for paged searches.",
                ResultCode.InsufficientAccessRights => "The account may not search here.",
                var code => $"The directory refused the search ({code}): {refused.Response?.ErrorMessage}",
            }, refused);
        }
        catch (Exception failed) when (failed is DirectoryException or LdapException)
        {
            throw Unavailable(step, failed);
        }
    }

    private LdapPerson PersonOf(SearchResultEntry entry) => new(
        entry.DistinguishedName, IdOf(entry), Text(entry, _settings.Attributes!.Username!), Text(entry, _settings.Attributes.Email!), Text(entry, _settings.Attributes.Name!),
        _settings.Groups!.Source == LdapGroupSource.MemberOf ? [.. Values(entry, _settings.Groups.Attribute!).Take(MostGroups).Select(Encoding.UTF8.GetString)] : []);

    private string? IdOf(SearchResultEntry entry)
    {
        if (Values(entry, _settings.Attributes!.Id!).FirstOrDefault() is not { Length: > 0 and <= 250 } value)
            return null;
        if (value.Length == 16 && string.Equals(_settings.Attributes.Id, "objectGUID", StringComparison.OrdinalIgnoreCase))
            return new Guid(value).ToString();
        return System.Text.Unicode.Utf8.IsValid(value) && !value.Contains((byte)0) ? Encoding.UTF8.GetString(value) : Convert.ToHexStringLower(value);
    }

    private static string? Text(SearchResultEntry entry, string attribute) =>
        Values(entry, attribute).FirstOrDefault() is { Length: > 0 and <= 4000 } value && System.Text.Unicode.Utf8.IsValid(value) ? Encoding.UTF8.GetString(value) : null;

    private static IEnumerable<byte[]> Values(SearchResultEntry entry, string attribute) =>
        entry.Attributes[attribute] is { } found ? found.GetValues(typeof(byte[])).Cast<byte[]>() : [];

    /// <summary>The value of a distinguished name's first part, as far as it is written without escapes.</summary>
    private static string? FirstValue(string dn)
    {
        var equals = dn.IndexOf('=', StringComparison.Ordinal);
        var comma = dn.IndexOf(',', StringComparison.Ordinal);
        var value = equals < 1 ? "" : dn[(equals + 1)..(comma > equals ? comma : dn.Length)];
        return value.Length > 0 && !value.Contains('\\', StringComparison.Ordinal) && !value.Contains('+', StringComparison.Ordinal) ? value : null;
    }

    private static DirectoryFaultException Unavailable(string step, Exception failed) =>
        new(step, $"The directory does not answer: {failed.Message.TrimEnd('.', ' ')}.", failed);
}
