using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Togglr.Analytics;
using Togglr.ControlPlane;
using Togglr.ControlPlane.Encryption;
using Togglr.ControlPlane.Events;
using Togglr.ControlPlane.Health;
using Togglr.ControlPlane.LiveEvents;
using Togglr.ControlPlane.Mail;
using Togglr.ControlPlane.Notifications;
using Togglr.ControlPlane.Operations;
using Togglr.ControlPlane.Publishing;
using Togglr.Edge;
using Togglr.Hosting;
using Togglr.Hosting.Configuration;
using Togglr.Hosting.Health;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Protection;
using Togglr.Hosting.Security;
using Togglr.Ingest;
using Togglr.Messaging;
using Togglr.Messaging.Health;
using Togglr.Server.Commands;
using Togglr.Server.Startup;
using Togglr.Server.Ui;
using Togglr.Store;

namespace Togglr.Server;

/// <summary>Puts the roles of one process together.</summary>
public static class TogglrApp
{
    /// <summary>The documentation's pages have no scripts but their own; they set styles in many places.</summary>
    private const string ApiDocumentationPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>Builds the application; nothing runs before it is started.</summary>
    /// <param name="options">What it does and where it listens.</param>
    /// <param name="configure">Last word on the services, for tests.</param>
    public static WebApplication Build(TogglrOptions options, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "togglr" });
        builder.Logging.AddTogglrLogging(options);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options));
        builder.Services.AddRoutingCore();
        builder.Services.AddTogglrHosting(options);
        AddRoles(builder.Services, options);
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseTrustedProxies(options);
        app.UseSecurityHeaders(options);
        app.UseMetricsAddress(options);
        app.MapOperations(options);
        MapRoles(app, options);
        return app;
    }

    private static void AddRoles(IServiceCollection services, TogglrOptions options)
    {
        var isControl = options.Has(TogglrOptions.ControlRole);
        var isEdge = options.Has(TogglrOptions.EdgeRole);
        var isIngest = options.Has(TogglrOptions.IngestRole);

        if (isControl || isIngest)
        {
            services.AddTogglrStore(_ => StoreOptionsOf(options, signs: isControl));
            services.AddSingleton<IReadinessCheck, DatabaseReadiness>();
            services.AddProcessReports(string.Join(',', options.Roles), CommandLine.Version);
        }

        if (isControl)
        {
            services.AddSingleton(new RateLimitOptions(options.ApiRateLimit, (options.ApiRateLimit + 1) / 2, options.SignInRateLimit));
            services.AddSingleton<RateLimits>();
            services.AddControlPlane(ControlPlaneOptionsOf(options));
            services.AddStoredSecretsCheck();
            services.AddHostedService<FirstStartService>();
            services.AddSingleton<FirstStartReport>();
            if (options is { Demo: true, DemoTraffic: true } && isEdge && isIngest)
                services.AddHostedService<DemoTraffic>();
            services.AddSingleton<AuditRetention>();
            services.AddHostedService(static provider => provider.GetRequiredService<AuditRetention>());
            services.AddCountAggregation(options.UsageRetention);
            services.AddEventDraining(options.EventRetention);
            services.AddAnalytics();
            services.AddPublishing();
            services.AddLiveEvents();
        }

        if (isEdge)
            services.AddEdge(options);
        if (isIngest && !isEdge)
        {
            services.AddReplica(Path.Combine(options.DataDirectory, "edge"));
            if (!isControl)
                services.AddHttpFeed(options.ControlPlaneUrl!, options.EdgeToken!);
        }

        if (isIngest)
            services.AddIngest(static provider => provider.GetRequiredService<TogglrDatabase>().DataSource);
        // What the database does not tell this process, the control plane does.
        if (!isControl)
            services.AddHttpHealth(options.ControlPlaneUrl!, options.EdgeToken!);
    }

    private static void MapRoles(WebApplication app, TogglrOptions options)
    {
        if (options.Has(TogglrOptions.EdgeRole))
            app.MapEdge();
        if (options.Has(TogglrOptions.IngestRole))
            app.MapIngest();
        if (!options.Has(TogglrOptions.ControlRole))
            return;

        // The SDK paths stay free of what only people need.
        var limits = app.Services.GetRequiredService<RateLimits>();
        app.UseWhen(IsManagement, api =>
        {
            api.UseRequestTelemetry();
            api.UseApiCors(options);
            api.UseRateLimits(limits);
            api.UseProblems();
            api.UseStalledBodies(app.Lifetime.ApplicationStopping);
        });
        app.UseAdminUi(options);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(20), KeepAliveTimeout = TimeSpan.FromSeconds(20) });
        app.MapControlPlane();
        app.MapLiveEvents();
        app.MapFeed();
        app.MapHealthFeed();
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/api/docs", StringComparison.OrdinalIgnoreCase))
                context.Response.Headers.ContentSecurityPolicy = ApiDocumentationPolicy;
            return next(context);
        });
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "api/docs";
            ui.SwaggerEndpoint(ControlPlaneRole.ApiDescriptionPath, "Togglr management API");
            ui.DocumentTitle = "Togglr API";
        });
    }

    private static bool IsManagement(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || context.Request.Path.StartsWithSegments("/scim", StringComparison.OrdinalIgnoreCase);

    internal static StoreOptions StoreOptionsOf(TogglrOptions options, bool signs = true) => new()
    {
        DataDirectory = options.DataDirectory,
        DatabaseUrl = options.DatabaseUrl,
        MigrationDatabaseUrl = options.MigrationDatabaseUrl,
        AuditKeys = signs ? new AuditKeys(EncryptionKeys.Load(options.EncryptionKeys, options.DataDirectory).Derive(EncryptionKeys.AuditPurpose)) : null,
        PostgresBinDirectory = options.PostgresBinDirectory,
    };

    internal static ControlPlaneOptions ControlPlaneOptionsOf(TogglrOptions options) => new()
    {
        SigningKey = SigningKey.Load(options.JwtSecret, options.DataDirectory),
        PreviousSigningKey = options.JwtPreviousSecret is { } previous ? SigningKey.Load(previous, options.DataDirectory) : default,
        EncryptionKeys = EncryptionKeys.Load(options.EncryptionKeys, options.DataDirectory),
        AccessTokenLifetime = options.AccessTokenLifetime,
        RefreshTokenLifetime = options.RefreshTokenLifetime,
        PublicUrl = options.PublicUrl,
        Mail = options.Mailer is var (host, port)
            ? new MailOptions(host, port, options.MailerFrom) { User = options.MailerUser, Password = options.MailerPassword, Tls = MailTlsOf(options), Authorities = AuthoritiesOf(options) }
            : null,
        BreachedPasswordsFile = options.BreachedPasswordsFile,
        Demo = options.Demo,
        AllowPrivateProviders = options.AllowPrivateProviders,
        Notifications = new NotificationTerms { PrivateNetworks = options.PrivateDestinations, Retention = options.NotificationRetention },
        MaxBodyBytes = options.MaxBodyBytes,
        MaxUploadBytes = options.MaxUploadBytes,
        EventBacklog = options.EventBacklog,
    };

    private static MailTls MailTlsOf(TogglrOptions options) => options.MailerTls switch
    {
        "implicit" => MailTls.Implicit,
        "none" => MailTls.None,
        _ => MailTls.StartTls,
    };

    private static X509Certificate2Collection? AuthoritiesOf(TogglrOptions options)
    {
        if (options.MailerAuthoritiesFile is not { } file)
            return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException($"TOGGLR_MAILER_CA is `{file}`, which cannot be read as certificates in PEM: {exception.Message}");
        }
        return authorities.Count > 0 ? authorities : throw new ConfigurationException($"TOGGLR_MAILER_CA is `{file}`, which holds no certificate.");
    }

    private static void Configure(KestrelServerOptions kestrel, TogglrOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 100;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections > 0 ? options.MaxConnections : null;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 10_000;
        foreach (var address in options.Listen.Concat(options.MetricsListen).Distinct())
            Listen(kestrel, address);
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address)
    {
        if (address.Host == "localhost" && address.Port != 0)
            kestrel.ListenLocalhost(address.Port);
        else if (address.Host == "*")
            kestrel.ListenAnyIP(address.Port);
        else
            kestrel.Listen(address.Host == "localhost" ? System.Net.IPAddress.Loopback : System.Net.IPAddress.Parse(address.Host.Trim('[', ']')), address.Port);
    }
}
