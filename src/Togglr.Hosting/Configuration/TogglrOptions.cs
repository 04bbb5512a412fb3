using System.Globalization;

namespace Togglr.Hosting.Configuration;

/// <summary>Everything an operator can set, validated. Sources, strongest first: command line, environment, YAML file, defaults.</summary>
public sealed class TogglrOptions
{
    /// <summary>The role that serves the management API and publishes snapshots.</summary>
    public const string ControlRole = "control";

    /// <summary>The role that serves SDKs and remote evaluation.</summary>
    public const string EdgeRole = "edge";

    /// <summary>The role that accepts events from SDKs.</summary>
    public const string IngestRole = "ingest";

    /// <summary>Every option there is, in the order of docs/configuration.md.</summary>
    public static IReadOnlyList<OptionDefinition> Definitions { get; } =
    [
        new("TOGGLR_ROLES", "control,edge,ingest", "What this process does: any of `control`, `edge`, `ingest`, separated by commas."),
        new("TOGGLR_LISTEN", "127.0.0.1:8080", "Addresses to listen on, `host:port` separated by commas. `0.0.0.0:8080` accepts connections from other machines."),
        new("TOGGLR_METRICS_LISTEN", "", "A second address that serves `/metrics`, `/health` and `/ready` only; `/metrics` is then absent from the main address."),
        new("TOGGLR_DATA_DIR", "data", "Where the embedded database, generated secrets and the edge's last snapshots live. Relative to the working directory."),
        new("TOGGLR_DATABASE_URL", "", "An external PostgreSQL 14 or newer: `postgres://user:password@host:5432/database` or `Host=…;Username=…`. Empty: the embedded database.", IsSecret: true),
        new("TOGGLR_MIGRATION_DATABASE_URL", "", "The same external database as the owner of its tables, who brings them up to date. `TOGGLR_DATABASE_URL` then names a role that gets what it needs and cannot change audit entries. Empty: one role does both.", IsSecret: true),
        new("TOGGLR_POSTGRES_BIN", "", "Folder with `initdb` and `postgres` for the embedded database. Empty: the ones fetched by the build, else the system's."),
        new("TOGGLR_CONTROL_PLANE_URL", "", "Where a process without the `control` role gets its snapshots, for example `http://control:8080`."),
        new("TOGGLR_EDGE_TOKEN", "", "The secret that edges present to the control plane: at least 16 characters, the same on both sides. Empty on the control plane: the feed for separate edges is off.", IsSecret: true),
        new("TOGGLR_JWT_SECRET", "", "Signs access tokens: at least 32 characters, the same on every control plane. Empty: generated once and kept in the data directory.", IsSecret: true, "FF_AUTH_JWT_SECRET"),
        new("TOGGLR_JWT_PREVIOUS_SECRET", "", "The value that `TOGGLR_JWT_SECRET` had before: access tokens signed with it are accepted still, so that it can be changed without anybody noticing. Take it out after `TOGGLR_ACCESS_TOKEN_MINUTES`.", IsSecret: true),
        new("TOGGLR_ENCRYPTION_KEYS", "", "Keys that encrypt stored secrets, `number:base64 of 32 bytes` separated by commas, the same on every control plane; the highest number encrypts. Empty: generated once and kept in the data directory.", IsSecret: true),
        new("TOGGLR_ACCESS_TOKEN_MINUTES", "15", "Life of an access token in minutes, 1 to 1440."),
        new("TOGGLR_REFRESH_TOKEN_DAYS", "30", "Life of a refresh token in days, 1 to 365."),
        new("TOGGLR_ADMIN_EMAIL", "admin@togglr.local", "The first administrator's e-mail address, used at the first start only."),
        new("TOGGLR_ADMIN_TMP_PASSWORD", "", "Sets the administrator's password at the start, once for each value, as a temporary one: at least 10 characters. See operations.md.", IsSecret: true, "ADMIN_TMP_PASSWORD"),
        new("TOGGLR_BREACHED_PASSWORDS", "", "A file of passwords that nobody may choose: SHA-1 hashes in hexadecimal, sorted, one a line (Pwned Passwords; of any size), or plain words, one a line, at most 64 MiB."),
        new("TOGGLR_MAILER_ADDR", "", "The mail server (SMTP) for invitations, forgotten passwords and notices, `host:port`. Empty: no mail; links are shown to who invites, and administrators reset passwords."),
        new("TOGGLR_MAILER_USER", "", "The account at the mail server. Empty: none is needed."),
        new("TOGGLR_MAILER_PASSWORD", "", "Its password.", IsSecret: true),
        new("TOGGLR_MAILER_FROM", "", "The address that mail comes from. Empty: `noreply@` and the host of TOGGLR_PUBLIC_URL."),
        new("TOGGLR_MAILER_TLS", "starttls", "`starttls` (nothing is sent before the connection is encrypted, mostly port 587), `implicit` (TLS from the first byte, mostly port 465) or `none` (a mail server on the same machine or network)."),
        new("TOGGLR_MAILER_CA", "", "A PEM file of the authorities that may vouch for the mail server's certificate. Empty: those that the system trusts."),
        new("TOGGLR_PUBLIC_URL", "", "The address under which people reach this server, for example `https://flags.example.com`. Links in mail begin with it. With `https` cookies are sent over TLS only."),
        new("TOGGLR_PRIVATE_PROVIDERS", "true", "Whether the server asks identity providers (OpenID Connect, SAML metadata, LDAP directories) at private addresses: company networks, this machine. `false` where tenants do not trust each other."),
        new("TOGGLR_PRIVATE_DESTINATIONS", "", "Private networks in which notifications may be sent to webhooks, chat servers and the like, addresses or networks (`10.20.0.0/16`) separated by commas; `http` is spoken there, too. Empty: to public addresses over `https` only."),
        new("TOGGLR_NOTIFICATION_DAYS", "30", "How long the log of sent notifications is kept in days, 1 to 3650; what people find in their inboxes three times as long."),
        new("TOGGLR_DEMO", "false", "Fill an empty database with demo data and sign in with `admin@togglr.dev` / `password543210`. Refused on addresses other than loopback."),
        new("TOGGLR_DEMO_TRAFFIC", "false", "With TOGGLR_DEMO, in a process with all roles: experiments and an algorithm run in the demo shop, and people who are made up come to it, a day of them at once and then as time goes."),
        new("TOGGLR_WEB_DIR", "", "Folder of the built admin UI. Empty: `web` beside the program."),
        new("TOGGLR_LOG_LEVEL", "info", "`trace`, `debug`, `info`, `warning` or `error`."),
        new("TOGGLR_LOG_FORMAT", "json", "`json` (one object per line) or `text`."),
        new("TOGGLR_MAX_BODY_BYTES", "1048576", "Largest request body of the management API in bytes, 1024 to 1073741824."),
        new("TOGGLR_MAX_UPLOAD_BYTES", "134217728", "Largest upload of segment keys in bytes, 1024 to 1073741824."),
        new("TOGGLR_MAX_CONTEXT_BYTES", "262144", "Largest body of an evaluation request in bytes, 1024 to 16777216."),
        new("TOGGLR_CORS_ORIGINS", "*", "Origins whose pages may use client keys, separated by commas; `*` for any, empty for none."),
        new("TOGGLR_KEY_RATE_LIMIT", "0", "Requests per second and SDK key, with a burst of twice that; 0 for no limit."),
        new("TOGGLR_USAGE_DAYS", "90", "How long hourly counts of evaluations are kept in days, 1 to 3650."),
        new("TOGGLR_EVENT_DAYS", "90", "How long exposures and metric events are kept in days, 2 to 3650. Experiments that run longer lose their beginning."),
        new("TOGGLR_EVENT_LATE_HOURS", "24", "How old an event may be when it arrives in hours, 1 to 8760 and not more than TOGGLR_EVENT_DAYS. More than 24 is for bringing in old events; those that come twice after a day count twice."),
        new("TOGGLR_EVENT_BACKLOG", "5000000", "How many accepted events may wait to be sorted in before senders are told to come back later, 10000 to 1000000000."),
        new("TOGGLR_OBSERVE_ATTRIBUTES", "true", "Keep the names of attributes in contexts that are evaluated remotely and in exposures, and up to 100 of their short values, to offer them where rules are edited. Targeting keys and what looks like an address, a number or an id of somebody is never kept."),
        new("TOGGLR_TRUSTED_PROXIES", "", "Reverse proxies in front of this server, addresses or networks (`10.0.0.0/8`) separated by commas. What they say in `X-Forwarded-For` and `X-Forwarded-Proto` counts; nobody else's word does."),
        new("TOGGLR_API_RATE_LIMIT", "12000", "Requests to the management API per minute and address, with a burst of as many; a person or service account may send half of that. 0 for no limit."),
        new("TOGGLR_SIGN_IN_RATE_LIMIT", "600", "Requests to `/api/v1/auth` per minute and address, with a burst of as many; 0 for no limit. Wrong passwords are slowed down besides."),
        new("TOGGLR_API_CORS_ORIGINS", "", "Origins whose pages may use the management API with an access token, separated by commas. Empty: the server's own only."),
        new("TOGGLR_MAX_CONNECTIONS", "50000", "Connections at once; more are refused. 0 for any number."),
        new("TOGGLR_SHUTDOWN_SECONDS", "10", "How long requests may finish after a stop signal, 0 to 300 seconds."),
    ];

    private readonly IReadOnlyDictionary<string, string> _values;

    private TogglrOptions(IReadOnlyDictionary<string, string> values)
    {
        _values = values;
        var read = new OptionReader(values);
        Roles = read.Choices("TOGGLR_ROLES", ControlRole, EdgeRole, IngestRole);
        Listen = read.Addresses("TOGGLR_LISTEN");
        MetricsListen = read.Addresses("TOGGLR_METRICS_LISTEN");
        DataDirectory = Path.GetFullPath(read.Text("TOGGLR_DATA_DIR"));
        DatabaseUrl = read.OptionalText("TOGGLR_DATABASE_URL");
        MigrationDatabaseUrl = read.OptionalText("TOGGLR_MIGRATION_DATABASE_URL");
        PostgresBinDirectory = read.OptionalText("TOGGLR_POSTGRES_BIN");
        ControlPlaneUrl = read.OptionalHttpUrl("TOGGLR_CONTROL_PLANE_URL");
        EdgeToken = read.OptionalSecret("TOGGLR_EDGE_TOKEN", 16);
        JwtSecret = read.OptionalSecret("TOGGLR_JWT_SECRET", 32);
        JwtPreviousSecret = read.OptionalSecret("TOGGLR_JWT_PREVIOUS_SECRET", 32);
        EncryptionKeys = read.OptionalText("TOGGLR_ENCRYPTION_KEYS");
        AccessTokenLifetime = TimeSpan.FromMinutes(read.Integer("TOGGLR_ACCESS_TOKEN_MINUTES", 1, 1440));
        RefreshTokenLifetime = TimeSpan.FromDays(read.Integer("TOGGLR_REFRESH_TOKEN_DAYS", 1, 365));
        AdminEmail = read.Email("TOGGLR_ADMIN_EMAIL");
        AdminTemporaryPassword = read.OptionalSecret("TOGGLR_ADMIN_TMP_PASSWORD", 10);
        BreachedPasswordsFile = read.OptionalText("TOGGLR_BREACHED_PASSWORDS");
        PublicUrl = read.OptionalHttpUrl("TOGGLR_PUBLIC_URL");
        Mailer = read.OptionalHostAndPort("TOGGLR_MAILER_ADDR");
        MailerUser = read.OptionalText("TOGGLR_MAILER_USER");
        MailerPassword = read.OptionalSecret("TOGGLR_MAILER_PASSWORD", 1);
        MailerFrom = read.OptionalText("TOGGLR_MAILER_FROM") is null ? $"noreply@{PublicUrl?.Host ?? "localhost"}" : read.Email("TOGGLR_MAILER_FROM");
        MailerTls = read.Choice("TOGGLR_MAILER_TLS", "starttls", "implicit", "none");
        MailerAuthoritiesFile = read.OptionalText("TOGGLR_MAILER_CA");
        AllowPrivateProviders = read.Flag("TOGGLR_PRIVATE_PROVIDERS");
        PrivateDestinations = read.Networks("TOGGLR_PRIVATE_DESTINATIONS");
        NotificationRetention = TimeSpan.FromDays(read.Integer("TOGGLR_NOTIFICATION_DAYS", 1, 3650));
        Demo = read.Flag("TOGGLR_DEMO");
        DemoTraffic = read.Flag("TOGGLR_DEMO_TRAFFIC");
        WebDirectory = read.OptionalText("TOGGLR_WEB_DIR");
        LogLevel = read.Choice("TOGGLR_LOG_LEVEL", "trace", "debug", "info", "warning", "error");
        LogFormat = read.Choice("TOGGLR_LOG_FORMAT", "json", "text");
        MaxBodyBytes = read.Integer("TOGGLR_MAX_BODY_BYTES", 1024, 1 << 30);
        MaxUploadBytes = read.Integer("TOGGLR_MAX_UPLOAD_BYTES", 1024, 1 << 30);
        MaxContextBytes = read.Integer("TOGGLR_MAX_CONTEXT_BYTES", 1024, 1 << 24);
        CorsOrigins = read.List("TOGGLR_CORS_ORIGINS");
        KeyRateLimit = read.Integer("TOGGLR_KEY_RATE_LIMIT", 0, 1_000_000);
        UsageRetention = TimeSpan.FromDays(read.Integer("TOGGLR_USAGE_DAYS", 1, 3650));
        EventRetention = TimeSpan.FromDays(read.Integer("TOGGLR_EVENT_DAYS", 2, 3650));
        EventLateness = TimeSpan.FromHours(read.Integer("TOGGLR_EVENT_LATE_HOURS", 1, 8760));
        EventBacklog = read.Integer("TOGGLR_EVENT_BACKLOG", 10_000, 1_000_000_000);
        ObserveAttributes = read.Flag("TOGGLR_OBSERVE_ATTRIBUTES");
        TrustedProxies = read.Networks("TOGGLR_TRUSTED_PROXIES");
        ApiRateLimit = read.Integer("TOGGLR_API_RATE_LIMIT", 0, 10_000_000);
        SignInRateLimit = read.Integer("TOGGLR_SIGN_IN_RATE_LIMIT", 0, 10_000_000);
        ApiCorsOrigins = read.Origins("TOGGLR_API_CORS_ORIGINS");
        MaxConnections = read.Integer("TOGGLR_MAX_CONNECTIONS", 0, 10_000_000);
        ShutdownTimeout = TimeSpan.FromSeconds(read.Integer("TOGGLR_SHUTDOWN_SECONDS", 0, 300));

        if (Mailer is { Port: 465 } && MailerTls == "starttls")
            throw new ConfigurationException("TOGGLR_MAILER_ADDR has port 465, where TLS is spoken from the first byte: set TOGGLR_MAILER_TLS to `implicit`, or use the port for STARTTLS, mostly 587.");
        if (!Has(ControlRole) && (ControlPlaneUrl is null || EdgeToken is null))
            throw new ConfigurationException("TOGGLR_CONTROL_PLANE_URL and TOGGLR_EDGE_TOKEN are required when TOGGLR_ROLES does not have `control`.");
        if (Has(IngestRole) && !Has(ControlRole) && DatabaseUrl is null)
            throw new ConfigurationException("TOGGLR_DATABASE_URL is required when TOGGLR_ROLES has `ingest` without `control`: events need a database.");
        if (EventLateness > EventRetention)
            throw new ConfigurationException("TOGGLR_EVENT_LATE_HOURS is more than TOGGLR_EVENT_DAYS: events would be removed as soon as they arrive.");
        if (Demo && Listen.Any(static address => !address.IsLoopback))
            throw new ConfigurationException("TOGGLR_DEMO has a well-known password and is refused unless every address of TOGGLR_LISTEN is loopback (127.0.0.1, [::1] or localhost).");
    }

    /// <summary>The roles of this process.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>Where to listen.</summary>
    public IReadOnlyList<ListenAddress> Listen { get; }

    /// <summary>Where to serve metrics apart; empty when they are served on <see cref="Listen"/>.</summary>
    public IReadOnlyList<ListenAddress> MetricsListen { get; }

    /// <summary>Absolute path of the data directory.</summary>
    public string DataDirectory { get; }

    /// <summary>The external database, or null for the embedded one. Never log it.</summary>
    public string? DatabaseUrl { get; }

    /// <summary>The external database as the owner of its tables, or null where <see cref="DatabaseUrl"/> is. Never log it.</summary>
    public string? MigrationDatabaseUrl { get; }

    /// <summary>Folder with PostgreSQL's programs, or null to look in the usual places.</summary>
    public string? PostgresBinDirectory { get; }

    /// <summary>Where a separate edge finds the control plane.</summary>
    public Uri? ControlPlaneUrl { get; }

    /// <summary>The secret between control plane and separate edges, or null when the feed is off.</summary>
    public string? EdgeToken { get; }

    /// <summary>The secret that signs access tokens, or null for a generated one.</summary>
    public string? JwtSecret { get; }

    /// <summary>The keys of encryption at rest, or null for generated ones.</summary>
    public string? EncryptionKeys { get; }

    /// <summary>The secret that signed access tokens before, or null.</summary>
    public string? JwtPreviousSecret { get; }

    /// <summary>Life of an access token.</summary>
    public TimeSpan AccessTokenLifetime { get; }

    /// <summary>Life of a refresh token.</summary>
    public TimeSpan RefreshTokenLifetime { get; }

    /// <summary>The first administrator's address.</summary>
    public string AdminEmail { get; }

    /// <summary>What the administrator's password is to be at the start, or null. Never log it.</summary>
    public string? AdminTemporaryPassword { get; }

    /// <summary>A file of passwords that nobody may choose, or null.</summary>
    public string? BreachedPasswordsFile { get; }

    /// <summary>The mail server, or null for no mail.</summary>
    public (string Host, int Port)? Mailer { get; }

    /// <summary>The account at the mail server, or null.</summary>
    public string? MailerUser { get; }

    /// <summary>Its password, or null. Never log it.</summary>
    public string? MailerPassword { get; }

    /// <summary>The address that mail comes from.</summary>
    public string MailerFrom { get; }

    /// <summary>How the connection to the mail server is encrypted: <c>starttls</c>, <c>implicit</c> or <c>none</c>.</summary>
    public string MailerTls { get; }

    /// <summary>A file of the authorities that may vouch for the mail server, or null for the system's.</summary>
    public string? MailerAuthoritiesFile { get; }

    /// <summary>The address under which people reach the server, if set.</summary>
    public Uri? PublicUrl { get; }

    /// <summary>Whether identity providers may be at private addresses.</summary>
    public bool AllowPrivateProviders { get; }

    /// <summary>Private networks to which notifications may be sent.</summary>
    public IReadOnlyList<System.Net.IPNetwork> PrivateDestinations { get; }

    /// <summary>How long the log of notifications is kept.</summary>
    public TimeSpan NotificationRetention { get; }

    /// <summary>Whether demo data and the well-known demo login are wanted.</summary>
    public bool Demo { get; }

    /// <summary>Whether made-up people come to the demo.</summary>
    public bool DemoTraffic { get; }

    /// <summary>Folder of the built admin UI, or null for the default place.</summary>
    public string? WebDirectory { get; }

    /// <summary>The least severe level that is logged.</summary>
    public string LogLevel { get; }

    /// <summary><c>json</c> or <c>text</c>.</summary>
    public string LogFormat { get; }

    /// <summary>Largest management request body in bytes.</summary>
    public int MaxBodyBytes { get; }

    /// <summary>Largest upload of segment keys in bytes.</summary>
    public int MaxUploadBytes { get; }

    /// <summary>Largest evaluation request body in bytes.</summary>
    public int MaxContextBytes { get; }

    /// <summary>Origins allowed to use client keys from a page.</summary>
    public IReadOnlyList<string> CorsOrigins { get; }

    /// <summary>Requests per second and SDK key; 0 for no limit.</summary>
    public int KeyRateLimit { get; }

    /// <summary>How long hourly counts of evaluations are kept.</summary>
    public TimeSpan UsageRetention { get; }

    /// <summary>How long exposures and metric events are kept.</summary>
    public TimeSpan EventRetention { get; }

    /// <summary>How old an event may be when it arrives.</summary>
    public TimeSpan EventLateness { get; }

    /// <summary>How many accepted events may wait to be sorted in.</summary>
    public int EventBacklog { get; }

    /// <summary>Whether attributes of contexts are kept as choices for editors.</summary>
    public bool ObserveAttributes { get; }

    /// <summary>Reverse proxies that are believed.</summary>
    public IReadOnlyList<System.Net.IPNetwork> TrustedProxies { get; }

    /// <summary>Management requests per minute and address; 0 for no limit.</summary>
    public int ApiRateLimit { get; }

    /// <summary>Requests about signing in per minute and address; 0 for no limit.</summary>
    public int SignInRateLimit { get; }

    /// <summary>Origins whose pages may use the management API.</summary>
    public IReadOnlyList<string> ApiCorsOrigins { get; }

    /// <summary>Connections at once; 0 for any number.</summary>
    public int MaxConnections { get; }

    /// <summary>How long requests may finish after a stop signal.</summary>
    public TimeSpan ShutdownTimeout { get; }

    /// <summary>Whether this process has the role.</summary>
    public bool Has(string role) => Roles.Contains(role, StringComparer.Ordinal);

    /// <summary>The options with their effective values, secrets masked, for <c>togglr config</c> and the log.</summary>
    public IEnumerable<(string Name, string Value)> Describe() =>
        Definitions.Select(option => (option.Name, option.IsSecret && _values[option.Name].Length > 0 ? "***" : _values[option.Name]));

    /// <summary>Reads the options.</summary>
    /// <param name="arguments">Command-line switches, <c>--name value</c> or <c>--name=value</c>; <c>--config FILE</c> names the YAML file.</param>
    /// <param name="environment">Environment variables; names that do not start with TOGGLR_ and are no alias are ignored.</param>
    /// <exception cref="ConfigurationException">An option is unknown or its value cannot be used.</exception>
    public static TogglrOptions Load(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment) =>
        new(OptionSources.Merge(Definitions, arguments, environment));
}

/// <summary>A host and port to listen on.</summary>
/// <param name="Host">A name or address as written.</param>
/// <param name="Port">0 for any free port.</param>
public readonly record struct ListenAddress(string Host, int Port)
{
    /// <summary>Whether only this machine can connect.</summary>
    public bool IsLoopback => Host is "localhost" || (System.Net.IPAddress.TryParse(Host.Trim('[', ']'), out var address) && System.Net.IPAddress.IsLoopback(address));

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
