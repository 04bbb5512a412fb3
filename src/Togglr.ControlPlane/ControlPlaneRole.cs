using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Attributes;
using Togglr.ControlPlane.Audit;
using Togglr.ControlPlane.Environments;
using Togglr.ControlPlane.Evaluations;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.Labels;
using Togglr.ControlPlane.Members;
using Togglr.ControlPlane.Organizations;
using Togglr.ControlPlane.Projects;
using Togglr.ControlPlane.SdkKeys;
using Togglr.ControlPlane.Segments;
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
        services.AddHttpContextAccessor();
        services.AddApiDescription();
        services.AddSingleton(provider => new AccessTokens(options.SigningKey.Span, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new Passwords(options.PasswordIterations));
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<CompiledSnapshots>();
        services.AddSingleton<PastRevisions>();
        services.AddScoped<Callers>();
        services.AddScoped<Current>();
        services.AddScoped<Sessions>();
        return services;
    }

    /// <summary>Maps the management API below <c>/api/v1</c> and its description. Every endpoint stands behind the same gate.</summary>
    public static IEndpointRouteBuilder MapControlPlane(this IEndpointRouteBuilder endpoints)
    {
        var options = endpoints.ServiceProvider.GetRequiredService<ControlPlaneOptions>();
        endpoints.MapOpenApi("/api/docs/{documentName}.json").ExcludeFromDescription();

        var api = endpoints.MapGroup("/api/v1").AddEndpointFilter<RetryLostUpdates>().WithMetadata(new RequestSizeLimitAttribute(options.MaxBodyBytes));
        api.Guard();
        api.MapAccounts();
        api.MapOrganizations();
        var organization = api.MapGroup("/orgs/{org}");
        organization.MapProjects();
        organization.MapMembers();
        organization.MapAudit();
        var project = organization.MapGroup("/projects/{project}");
        project.MapEnvironments();
        project.MapSdkKeys();
        project.MapEvaluations();
        project.MapFlags();
        project.MapSegments(options);
        project.MapCategories();
        project.MapTags();
        project.MapAttributes();
        return endpoints;
    }

    private static Problem? Explain(Exception exception) => exception switch
    {
        DbUpdateConcurrencyException => Problem.PreconditionFailed(current: null),
        _ when TogglrDbContext.IsUnavailable(exception) => Problem.Unavailable("The database does not answer. Try again."),
        _ => null,
    };
}
