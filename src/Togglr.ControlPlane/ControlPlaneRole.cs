using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Algorithms;
using Togglr.ControlPlane.Analysis;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Attributes;
using Togglr.ControlPlane.Audit;
using Togglr.ControlPlane.ChangePolicies;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.ControlPlane.Contexts;
using Togglr.ControlPlane.Directories;
using Togglr.ControlPlane.EffectivePermissions;
using Togglr.ControlPlane.Encryption;
using Togglr.ControlPlane.Environments;
using Togglr.ControlPlane.Experiments;
using Togglr.ControlPlane.Evaluations;
using Togglr.ControlPlane.Events;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.ControlPlane.Impact;
using Togglr.ControlPlane.Grants;
using Togglr.ControlPlane.Groups;
using Togglr.ControlPlane.Health;
using Togglr.ControlPlane.Invitations;
using Togglr.ControlPlane.Labels;
using Togglr.ControlPlane.Layers;
using Togglr.ControlPlane.Members;
using Togglr.ControlPlane.Metrics;
using Togglr.ControlPlane.Notifications;
using Togglr.ControlPlane.Notifications.Inbox;
using Togglr.ControlPlane.Operations;
using Togglr.ControlPlane.Organizations;
using Togglr.ControlPlane.Projects;
using Togglr.ControlPlane.Publishing;
using Togglr.ControlPlane.Ramps;
using Togglr.ControlPlane.Reach;
using Togglr.ControlPlane.Roles;
using Togglr.ControlPlane.Schedules;
using Togglr.ControlPlane.Scim;
using Togglr.ControlPlane.SdkKeys;
using Togglr.ControlPlane.Segments;
using Togglr.ControlPlane.ServiceAccounts;
using Togglr.ControlPlane.Usage;
using Togglr.ControlPlane.Views;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane;

/// <summary>The management API. Needs the store in the same process.</summary>
public static class ControlPlaneRole
{
    /// <summary>Where the API's description is served.</summary>
    public const string ApiDescriptionPath = "/api/docs/openapi.json";

    /// <summary>Registers what the management API needs besides the store.</summary>
    public static IServiceCollection AddControlPlane(this IServiceCollection services, ControlPlaneOptions options)
    {
        services.AddSingleton(options);
        services.AddProblems();
        services.Configure<ProblemOptions>(problems => problems.Explanations.Add(Explain));
        services.ConfigureHttpJsonOptions(json => StrictJson.Configure(json.SerializerOptions));
        services.Configure<KestrelServerOptions>(SlowClients);
        services.AddHttpContextAccessor();
        services.AddApiDescription();
        services.AddSingleton(provider => new AccessTokens(options.SigningKey.Span, provider.GetRequiredService<TimeProvider>(), options.PreviousSigningKey.Span));
        services.AddSingleton(new AnswerSeal(options.SigningKey.Span));
        services.AddSingleton(new Passwords(options.PasswordIterations));
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<CompiledSnapshots>();
        services.AddSingleton<AnalysisCache>();
        services.AddScoped<ProjectAnalysis>();
        services.AddSingleton<MetricSurvey>();
        services.AddSingleton<PastRevisions>();
        services.AddSingleton<UsageReader>();
        services.AddSingleton<AnalyticsReader>();
        services.TryAddSingleton<UnitKeyReader>();
        services.AddSingleton<EventReading>();
        services.AddSingleton(options.EncryptionKeys);
        services.AddSingleton<SecretProtector>();
        services.AddSingleton<StoredSecrets>();
        services.AddSingleton<GrantReader>();
        services.AddSingleton<TokenUses>();
        services.AddHostedService(static provider => provider.GetRequiredService<TokenUses>());
        services.AddSingleton<SdkKeyArrival>();
        services.AddScoped<Callers>();
        services.AddSingleton<AccessMetrics>();
        services.AddScoped<Current>();
        services.AddAccounts(options);
        services.AddIdentityProviders();
        services.AddDirectories();
        services.AddScim();
        services.AddSchedules();
        services.AddRamps();
        services.AddHealth();
        services.AddChangeRequests();
        services.AddImpact();
        services.AddNotifications(options);
        return services;
    }

    /// <summary>Maps the management API below <c>/api/v1</c> and its description. Every endpoint stands behind the same gate.</summary>
    public static IEndpointRouteBuilder MapControlPlane(this IEndpointRouteBuilder endpoints)
    {
        var options = endpoints.ServiceProvider.GetRequiredService<ControlPlaneOptions>();
        endpoints.MapOpenApi("/api/docs/{documentName}.json").AllowEverybody().ExcludeFromDescription();

        var api = endpoints.MapGroup("/api/v1").AddEndpointFilter<RetryLostUpdates>().WithMetadata(new RequestSizeLimitAttribute(options.MaxBodyBytes));
        api.Guard();
        api.MapAccounts();
        api.MapSingleSignOn();
        api.MapInbox();
        api.MapOrganizations();
        api.MapSystem();
        var organization = api.MapGroup("/orgs/{org}");
        organization.MapProjects();
        organization.MapMembers();
        organization.MapMemberResets();
        organization.MapInvitations();
        organization.MapGrants();
        organization.MapGroups();
        organization.MapRoles();
        organization.MapPermissions();
        organization.MapServiceAccounts();
        organization.MapSecurity();
        organization.MapAudit();
        organization.MapIdentityProviders();
        organization.MapNotifications("");
        api.MapDirectories(organization);
        organization.MapScimTokens();
        endpoints.MapScim();
        var project = organization.MapGroup("/projects/{project}");
        project.MapEnvironments();
        project.MapSdkKeys();
        project.MapEvaluations();
        project.MapImpact();
        project.MapReach();
        project.MapFlags();
        project.MapSchedules();
        project.MapRamps();
        project.MapAlgorithms();
        project.MapHealth();
        project.MapMetrics();
        project.MapLayers();
        project.MapHoldouts();
        project.MapExperiments();
        project.MapUsage();
        project.MapAnalytics();
        project.MapEvents();
        project.MapSavedViews();
        project.MapChangePolicies();
        project.MapNotifications("Project");
        project.MapWatches();
        api.MapChangeRequests(project);
        project.MapSegments(options);
        project.MapCategories();
        project.MapTags();
        project.MapAttributes();
        project.MapAnalysis();
        project.MapContexts();
        return endpoints;
    }

    /// <summary>Clients that dribble or stall lose their connection: they hold memory, and a database connection at worst.</summary>
    private static void SlowClients(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
    }

    private static Problem? Explain(Exception exception) => exception switch
    {
        DbUpdateConcurrencyException => Problem.PreconditionFailed(current: null),
        _ when IsUnstorableText(exception) => Problem.Invalid(new ProblemItem("invalid", "", "A text has a character that cannot be stored or looked for.")),
        _ when TogglrDbContext.IsUnavailable(exception) => Problem.Unavailable("The database does not answer. Try again."),
        _ => null,
    };

    /// <summary>PostgreSQL has no U+0000 in texts, not even to compare with.</summary>
    private static bool IsUnstorableText(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire } or System.Text.EncoderFallbackException || (exception.InnerException is { } inner && IsUnstorableText(inner));
}
