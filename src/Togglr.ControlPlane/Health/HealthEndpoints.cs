using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.Ramps;
using Togglr.Hosting.Configuration;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Messaging.Health;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>How flags do.</summary>
public static class HealthEndpoints
{
    internal static void AddHealth(this IServiceCollection services)
    {
        services.TryAddSingleton<IHealthLog>(static provider => new PostgresHealthLog(() => provider.GetRequiredService<TogglrDatabase>().DataSource));
        services.TryAddSingleton<IFlagHealth>(static provider => new CachedFlagHealth(
            new StoredFlagHealth(provider.GetRequiredService<IServiceScopeFactory>(), provider.GetRequiredService<HealthWindows>()), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HealthWindows>();
        services.AddSingleton<HealthBoard>();
        services.AddSingleton<HealthRequests>();
        services.AddScoped<HealthSteps>();
        services.TryAddSingleton<IRampGuard, StoredRampCounts>();
        services.AddHostedService<HealthMonitor>();
    }

    /// <summary>Maps what separate edges count and ask. Answers 404 unless the edge token is set.</summary>
    public static void MapHealthFeed(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var feed = new HealthFeedEndpoints(services.GetRequiredService<IHealthLog>(), services.GetRequiredService<IFlagHealth>(), services.GetRequiredService<TogglrOptions>().EdgeToken);
        endpoints.MapPost(HttpHealthLog.Path, (RequestDelegate)feed.AddAsync).RequireEdgeToken().ExcludeFromDescription();
        endpoints.MapGet(HttpFlagHealth.Path, (RequestDelegate)feed.ReadAsync).RequireEdgeToken().ExcludeFromDescription();
    }

    internal static void MapHealth(this IEndpointRouteBuilder project)
    {
        var health = project.MapGroup("").WithTags("Health");
        health.MapGet("/health", BoardAsync).WithName("getHealthBoard").WithSummary("How the flags of a project do, the worst first").RequirePermission(Permissions.FlagView);
        health.MapGet("/flags/{flag}/health", FlagAsync).WithName("getFlagHealth").WithSummary("How a flag does in every environment").RequirePermission(Permissions.FlagView);
        health.MapGet("/flags/{flag}/environments/{env}/health", SeriesAsync).WithName("getFlagHealthSeries").WithSummary("Evaluations and errors of a flag over the last minutes").RequirePermission(Permissions.FlagView);
        project.MapHealthSettings();
        project.MapIncidents();
        project.MapSla();
    }

    private static async Task<Results<Ok<HealthBoardView>, Problem>> BoardAsync(string? environment, Current current, TogglrDbContext db, HealthBoard board, CancellationToken cancel)
    {
        var places = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && (environment == null || row.Key == environment)).OrderBy(row => row.Position).ToListAsync(cancel);
        if (environment is not null && places.Count == 0)
            return Problem.Invalid(new ProblemItem("unknown_environment", "environment", $"There is no environment {environment}."));
        return TypedResults.Ok(await board.ReadAsync(db, current.Project.Id, places, cancel));
    }

    private static async Task<Results<Ok<FlagHealthListView>, Problem>> FlagAsync(string flag, Current current, TogglrDbContext db, HealthBoard board, CancellationToken cancel)
    {
        if (await db.Flags.AsNoTracking().Include(row => row.Environments).SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        return TypedResults.Ok(new FlagHealthListView(flag, await board.ReadFlagAsync(db, row, cancel)));
    }

    private static async Task<Results<Ok<HealthSeriesListView>, Problem>> SeriesAsync(
        string flag, int? minutes, Current current, TogglrDbContext db, HealthWindows windows, TogglrDatabase database, CancellationToken cancel)
    {
        if ((minutes ?? 15) is not (>= 1 and <= 60) and var length)
            return Problem.Invalid(new ProblemItem("out_of_range", "minutes", $"minutes must be from 1 to 60, not {length}."));
        if (await db.Flags.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        var place = current.Environment.Id;
        var (terms, _, _) = (await EffectiveHealthTerms.ReadAsync(db, current.Project.Id, cancel)).Of(place, row.Id, row.Tags);
        return TypedResults.Ok(await HealthSeries.ReadAsync(windows, database, new HealthPlace(row.Id, place), flag, terms, minutes ?? 15, cancel));
    }
}
