using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Algorithms;
using Togglr.ControlPlane.Attributes;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.Labels;
using Togglr.ControlPlane.Projects;
using Togglr.ControlPlane.Segments;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Demo;

/// <summary>
/// Fills an installation with a believable shop. Every step is the endpoint's own handler, so the demo is checked, audited and published like anything else.
/// </summary>
public sealed partial class DemoData
{
    /// <summary>The demo's project.</summary>
    public const string ProjectKey = "shop";

    private readonly IServiceProvider _services;
    private readonly Caller _caller;
    private readonly CancellationToken _cancel;

    private DemoData(IServiceProvider services, Caller caller, CancellationToken cancel) => (_services, _caller, _cancel) = (services, caller, cancel);

    /// <summary>The well-known server key of an environment of the demo: <c>prod</c>, <c>stage</c> or <c>dev</c>.</summary>
    public static string ServerKey(string environment) => Secrets.ServerKeyPrefix + WellKnown(environment);

    /// <summary>The well-known client key of an environment of the demo.</summary>
    public static string ClientKey(string environment) => Secrets.ClientKeyPrefix + WellKnown(environment);

    /// <summary>
    /// Creates the project <c>shop</c> in the organization <c>default</c>, on behalf of its first owner. What is there already stays as it is, so it can be
    /// called at every start; with keys, which come last, it then has nothing to do but find the last one.
    /// </summary>
    /// <param name="services">With the store and the control plane; the database must have started and have its administrator.</param>
    /// <param name="wellKnownKeys">Also issues the keys of <see cref="ServerKey"/> and <see cref="ClientKey"/>, which anybody can look up: for demos only.</param>
    /// <param name="cancel">Cancels.</param>
    public static async Task SeedDemoAsync(IServiceProvider services, bool wellKnownKeys, CancellationToken cancel)
    {
        var demo = new DemoData(services, await FindOwnerAsync(services, cancel), cancel);
        if (wellKnownKeys && await demo.IsFinishedAsync())
            return;
        await demo.SeedAsync(DemoShop.Read());
        if (!wellKnownKeys)
            return;
        await demo.SeedUsageAsync();
        await demo.IssueKeysAsync();
    }

    private static string WellKnown(string environment) => $"demo{environment}".PadRight(32, '0');

    private static async Task<Caller> FindOwnerAsync(IServiceProvider services, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var organization = await db.Organizations.AsNoTracking().SingleOrDefaultAsync(row => row.Key == "default", cancel)
            ?? throw new InvalidOperationException("The demo data needs the organization default.");
        db.UseOrganization(organization.Id);
        var owners = db.RoleGrants.Where(row => row.BuiltInRole == BuiltInRole.Owner && row.ProjectId == null);
        var owner = await db.Memberships.AsNoTracking().Include(row => row.User).Where(row => owners.Any(granted => granted.UserId == row.UserId)).OrderBy(row => row.CreatedAt).FirstAsync(cancel);
        var grant = new Grant(new Scope(organization.Id), organization.Key, "owner", BuiltInRoles.PermissionsOf("owner"));
        return new Caller(CallerKind.User, owner.UserId, owner.User!.Name, owner.User.Email, [grant]);
    }

    private async Task SeedAsync(DemoShop shop)
    {
        await RunAsync(null, null, (current, db) => CreateProject.HandleAsync(
            new CreateProjectRequest { Key = ProjectKey, Name = "Shop", Description = "A web shop with apps, to look around in" }, current, db, _cancel));
        foreach (var category in shop.Categories)
            await RunAsync(ProjectKey, null, (current, db) => CategoryEndpoints.CreateAsync(category, current, db, _cancel));
        foreach (var tag in shop.Tags)
            await RunAsync(ProjectKey, null, (current, db) => TagEndpoints.CreateAsync(tag, current, db, _cancel));
        foreach (var attribute in shop.Attributes)
            await RunAsync(ProjectKey, null, (current, db) => AttributeEndpoints.CreateAsync(attribute, current, db, _cancel));
        foreach (var segment in shop.Segments)
            await RunAsync(ProjectKey, null, (current, db) => CreateSegment.HandleAsync(segment, current, db, _cancel));
        foreach (var flag in shop.Flags)
            await SeedAsync(flag);
    }

    private async Task SeedAsync(DemoFlag flag)
    {
        if (!await RunAsync(ProjectKey, null, (current, db) => CreateFlag.HandleAsync(flag.Create, current, db, _cancel)))
            return;
        var key = flag.Create.Key;
        foreach (var (environment, configuration) in flag.Configure ?? new Dictionary<string, FlagConfigurationRequest>())
            await RunAsync(ProjectKey, environment, (current, db) => ConfigureFlag.HandleAsync(key, configuration, current, db, _cancel));
        foreach (var (environment, algorithm) in flag.Algorithms ?? new Dictionary<string, PutAlgorithmRequest>())
            await RunAsync(ProjectKey, environment, (current, db) => AlgorithmEndpoints.PutAsync(key, algorithm, current, db, _cancel));
        var time = _services.GetRequiredService<TimeProvider>();
        if (flag.Kill is { } reason)
            await RunAsync(ProjectKey, null, (current, db) => KillFlag.KillAsync(key, new KillFlagRequest { Reason = reason }, current, db, time, _cancel));
        if (flag.Archive is { } end)
            await RunAsync(ProjectKey, null, (current, db) => ArchiveFlag.ArchiveAsync(key, new ReasonRequest { Reason = end }, current, db, time, _cancel));
    }

    private async Task SeedUsageAsync()
    {
        await using var scope = _services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(_caller.Grants[0].Scope.Organization);
        var project = await db.Projects.SingleAsync(row => row.Key == ProjectKey, _cancel);
        await DemoUsage.SeedAsync(db, _services.GetRequiredService<TogglrDatabase>().DataSource, project.Id, _cancel);
    }

    private async Task<bool> IsFinishedAsync()
    {
        await using var scope = _services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(_caller.Grants[0].Scope.Organization);
        var last = SdkKey.HashOf(ClientKey("dev"));
        return await db.SdkKeys.AnyAsync(key => key.Hash == last, _cancel);
    }

    private async Task IssueKeysAsync()
    {
        var now = _services.GetRequiredService<TimeProvider>().GetUtcNow();
        foreach (var environment in new[] { "prod", "stage", "dev" })
        {
            foreach (var (kind, secret) in new[] { (SdkKeyKind.Server, ServerKey(environment)), (SdkKeyKind.Client, ClientKey(environment)) })
            {
                await RunAsync<IResult>(ProjectKey, environment, async (current, db) =>
                {
                    var hash = SdkKey.HashOf(secret);
                    if (await db.SdkKeys.AnyAsync(row => row.Hash == hash, _cancel))
                        return TypedResults.NoContent();
                    var key = SdkKey.WithSecret(current.Environment, kind, $"Demo, {kind.ToString().ToLowerInvariant()}", expiresAt: null, now, secret).Value.Key;
                    db.SdkKeys.Add(key);
                    return await current.SaveAsync("key.created", key.Name, key.Id, "Demo", _cancel, environment) is { } problem ? problem : TypedResults.NoContent();
                });
            }
        }
    }

    /// <summary>Does one step as a request would; false when its result is there already.</summary>
    private async Task<bool> RunAsync<TResult>(string? project, string? environment, Func<Current, TogglrDbContext, Task<TResult>> step)
        where TResult : IResult
    {
        await using var scope = _services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        http.Request.Headers.IfMatch = "*";
        var accessor = scope.ServiceProvider.GetRequiredService<IHttpContextAccessor>();
        accessor.HttpContext = http;
        try
        {
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            var current = scope.ServiceProvider.GetRequiredService<Current>();
            current.Caller = _caller;
            // Nobody is there to approve the demo data.
            current.Authority = Authority.Bypass;
            current.OrganizationId = _caller.Grants[0].Scope.Organization;
            db.UseOrganization(current.OrganizationId);
            if (project is not null)
                current.Project = await db.Projects.SingleAsync(row => row.Key == project, _cancel);
            if (environment is not null)
                current.Environment = await db.Environments.SingleAsync(row => row.ProjectId == current.Project.Id && row.Key == environment, _cancel);
            IResult result = await step(current, db);
            return (result is INestedHttpResult nested ? nested.Result : result) switch
            {
                Problem { Code: "already_exists" } => false,
                Problem problem => throw new InvalidOperationException(
                    $"The demo data cannot be created: {problem.Code}: {problem.Detail} {string.Join("; ", problem.Errors?.Select(error => $"{error.Path}: {error.Message}") ?? [])}"),
                _ => true,
            };
        }
        finally
        {
            accessor.HttpContext = null;
        }
    }
}
