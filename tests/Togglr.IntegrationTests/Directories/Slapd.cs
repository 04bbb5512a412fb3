using System.Diagnostics;
using System.DirectoryServices.Protocols;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Directories;

/// <summary>OpenLDAP's server on free ports of loopback with a directory and certificates of its own, stopped by its process.</summary>
public sealed class Slapd : IAsyncDisposable
{
    public const string BaseDn = "dc=example,dc=org";
    public const string AdminDn = "cn=admin,dc=example,dc=org";
    public const string AdminPassword = "directory secret";

    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-slapd-").FullName;
    private readonly string _root;
    private Process? _process;

    private Slapd(string root) => _root = root;

    public int Port { get; } = FreePort.Next();

    public int TlsPort { get; } = FreePort.Next();

    public string Url => $"ldap://127.0.0.1:{Port}";

    public string TlsUrl => $"ldaps://127.0.0.1:{TlsPort}";

    /// <summary>The same server by an address that is not in its certificate.</summary>
    public string OtherTlsUrl => $"ldaps://127.0.0.2:{TlsPort}";

    public string OtherUrl => $"ldap://127.0.0.2:{Port}";

    /// <summary>The certificate that signed the server's, in PEM.</summary>
    public string CaCertificate { get; private set; } = "";

    /// <summary>Skips the test where there is no server to start.</summary>
    public static async Task<Slapd> StartAsync()
    {
        var given = Environment.GetEnvironmentVariable("TOGGLR_TEST_SLAPD") is { Length: > 0 } path ? path : "/";
        Assert.SkipUnless(File.Exists(Path.Combine(given, "usr/sbin/slapd")), "slapd is not installed");
        var slapd = new Slapd(given);
        await slapd.CreateAsync();
        await slapd.RunAsync();
        return slapd;
    }

    /// <summary>An entry for a person.</summary>
    public static string Person(string uid, string? password = "pass word", string? mail = "", string extra = "") =>
        $"dn: uid={uid},ou=people,{BaseDn}\nobjectClass: inetOrgPerson\ncn: Person {uid}\nsn: {uid}\nuid: {uid}\n{(mail is null ? "" : $"mail: {(mail.Length == 0 ? $"{uid}@directory.example" : mail)}\n")}"
        + $"{(password is null ? "" : $"userPassword: {password}\n")}{extra}\n";

    /// <summary>An entry for a group of people.</summary>
    public static string Group(string name, params string[] uids) =>
        $"dn: cn={name},ou=groups,{BaseDn}\nobjectClass: groupOfNames\ncn: {name}\n{string.Concat(uids.Select(uid => $"member: uid={uid},ou=people,{BaseDn}\n"))}\n";

    /// <summary>Starts it again after <see cref="StopAsync"/>.</summary>
    public async Task RunAsync()
    {
        var urls = $"ldap://127.0.0.1:{Port} ldaps://127.0.0.1:{TlsPort} ldap://127.0.0.2:{Port} ldaps://127.0.0.2:{TlsPort}";
        _process = Start("usr/sbin/slapd", ["-f", Path.Combine(_directory, "slapd.conf"), "-h", urls, "-d", "0"]);
        await Eventually.TrueAsync(async () =>
        {
            Assert.False(_process.HasExited, "slapd ended");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, TlsPort);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
    }

    public async Task StopAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Adds entries, written as LDIF without folding, comments or base64.</summary>
    public void Add(string ldif)
    {
        using var connection = Connect();
        foreach (var entry in ldif.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var lines = entry.Split('\n').Select(line => line.Split(": ", 2)).ToList();
            var request = new AddRequest(lines[0][1]);
            foreach (var attribute in lines.Skip(1).GroupBy(line => line[0], line => line[1], StringComparer.Ordinal))
                request.Attributes.Add(new DirectoryAttribute(attribute.Key, [.. attribute]));
            connection.SendRequest(request);
        }
    }

    /// <summary>Removes an entry.</summary>
    public void Delete(string dn) => Send(new DeleteRequest(dn));

    /// <summary>Changes an attribute of an entry.</summary>
    public void Change(string dn, DirectoryAttributeOperation operation, string attribute, params string[] values) =>
        Send(new ModifyRequest(dn, operation, attribute, [.. values.Cast<object>()]));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A certificate and key in PEM, for a server at 127.0.0.1, signed by a new authority.</summary>
    public static (string Ca, string Certificate, string Key) IssueCertificate()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var caKey = RSA.Create(2048);
        var ca = new CertificateRequest("CN=Test  Authority, O=Тест", caKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        ca.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        ca.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var issuer = ca.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=directory.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("directory.example");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(issuer, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return (issuer.ExportCertificatePem(), certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private void Send(DirectoryRequest request)
    {
        using var connection = Connect();
        connection.SendRequest(request);
    }

    /// <summary>With the same library as the server under test, so that no command line client is needed.</summary>
    private LdapConnection Connect()
    {
        var connection = new LdapConnection(new LdapDirectoryIdentifier("127.0.0.1", Port)) { AuthType = AuthType.Basic, AutoBind = false };
        connection.SessionOptions.ProtocolVersion = 3;
        connection.Bind(new NetworkCredential(AdminDn, AdminPassword));
        return connection;
    }

    private async Task CreateAsync()
    {
        var (ca, certificate, key) = IssueCertificate();
        CaCertificate = ca;
        string In(string name) => Path.Combine(_directory, name);
        await File.WriteAllTextAsync(In("server.pem"), certificate);
        await File.WriteAllTextAsync(In("server.key"), key);
        Directory.CreateDirectory(In("data"));
        var (schema, modules) = (Path.Combine(_root, "etc/ldap/schema"), Path.Combine(_root, "usr/lib/ldap"));
        await File.WriteAllTextAsync(In("slapd.conf"),
            $"""
            include {schema}/core.schema
            include {schema}/cosine.schema
            include {schema}/inetorgperson.schema
            modulepath {modules}
            moduleload back_mdb
            moduleload memberof
            moduleload refint
            TLSCertificateFile {In("server.pem")}
            TLSCertificateKeyFile {In("server.key")}
            # As many directories are: a bind without a password is taken for nobody in particular, and succeeds.
            allow bind_anon_cred bind_anon_dn
            sizelimit size.soft=500 size.hard=500 size.prtotal=unlimited
            database mdb
            suffix "{BaseDn}"
            rootdn "{AdminDn}"
            rootpw "{AdminPassword}"
            directory {In("data")}
            index objectClass,uid,mail,member eq
            overlay memberof
            overlay refint
            refint_attributes member memberOf
            access to attrs=userPassword by anonymous auth by * none
            access to * by * read
            """);
        await File.WriteAllTextAsync(In("first.ldif"),
            $"dn: {BaseDn}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n"
            + $"dn: ou=people,{BaseDn}\nobjectClass: organizationalUnit\nou: people\n\ndn: ou=groups,{BaseDn}\nobjectClass: organizationalUnit\nou: groups\n\n"
            + $"dn: cn=searcher,{BaseDn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: searcher\nuserPassword: searcher password\n\n");
        await LoadAsync("first.ldif");
    }

    /// <summary>Adds many entries while it is stopped.</summary>
    public async Task LoadAsync(string ldif)
    {
        var file = Path.Combine(_directory, "first.ldif");
        if (ldif != "first.ldif")
            await File.WriteAllTextAsync(file, ldif, new UTF8Encoding(false));
        using var add = Start("usr/sbin/slapd", ["-T", "add", "-f", Path.Combine(_directory, "slapd.conf"), "-l", file]);
        var complaints = await add.StandardError.ReadToEndAsync();
        await add.WaitForExitAsync();
        Assert.True(add.ExitCode == 0, string.Create(CultureInfo.InvariantCulture, $"slapadd ended with {add.ExitCode}: {complaints}"));
    }

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(_root, program), arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        if (_root != "/" && Directory.EnumerateFiles(Path.Combine(_root, "usr/lib"), "libldap*.so.*", System.IO.SearchOption.AllDirectories).FirstOrDefault() is { } library)
            start.Environment["LD_LIBRARY_PATH"] = Path.GetDirectoryName(library);
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        if (arguments[0] == "-f")
            process.BeginErrorReadLine();
        return process;
    }
}
