using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Publishing;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Health;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>How flags do, from the database.</summary>
internal sealed class StoredFlagHealth(IServiceScopeFactory scopes, HealthWindows windows) : IFlagHealth
{
    public async ValueTask<FlagHealthFigures?> ReadAsync(Guid environment, string flag, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            if (await db.Environments.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking().SingleOrDefaultAsync(row => row.Id == environment, cancellationToken) is not { } place)
                return null;
            db.UseOrganization(place.OrganizationId);
            if (await db.Flags.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == place.ProjectId && row.Key == flag, cancellationToken) is not { } found)
                return null;
            var settings = await EffectiveHealthTerms.ReadAsync(db, place.ProjectId, cancellationToken);
            var (terms, _, _) = settings.Of(environment, found.Id, found.Tags);
            var row = await db.FlagHealth.AsNoTracking().SingleOrDefaultAsync(item => item.FlagId == found.Id && item.EnvironmentId == environment, cancellationToken);
            var (now, slots) = await windows.ReadAsync([environment], [found.Id], Math.Max(terms.WindowSeconds, HealthJudge.Horizon), cancellationToken);
            List<HealthSlot> counted = slots.TryGetValue(new HealthPlace(found.Id, environment), out var list) ? list.ConvertAll(slot => slot.For(terms)) : [];
            var verdict = HealthJudge.Judge(counted, terms, HealthWindows.Known(row?.JudgedFrom, now));
            return new FlagHealthFigures(
                row?.State is HealthState.Disabled or HealthState.Trial, verdict.Whole.Rate, terms.MaxErrorRate, await windows.LastErrorAsync(found.Id, environment, cancellationToken));
        }
        catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed))
        {
            return null;
        }
    }
}

/// <summary>Takes what processes without a database of their own count, and tells them how flags do, see <c>spec/streaming.md</c>.</summary>
internal sealed class HealthFeedEndpoints(IHealthLog log, IFlagHealth health, string? token)
{
    public async Task AddAsync(HttpContext context)
    {
        if (EdgeToken.Check(context, token) is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }
        var body = await RequestBody.ReadAsync(context, HttpHealthLog.MaximumBytes);
        if (body.Refusal is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }
        var delivery = HttpHealthLog.Read(body.Bytes);
        body.Release();
        if (delivery is not var (node, sequence, rows))
        {
            await Problem.Invalid(new ProblemItem("invalid", "/rows", "A delivery has a node, a sequence and rows of counts.")).ExecuteAsync(context);
            return;
        }
        try
        {
            await log.AddAsync(node, sequence, rows, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception exception) when (TogglrDbContext.IsUnavailable(exception))
        {
            await Problem.Unavailable("The database does not answer. Try again.").ExecuteAsync(context);
        }
    }

    public async Task ReadAsync(HttpContext context)
    {
        if (EdgeToken.Check(context, token) is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }
        if (!Guid.TryParse(context.Request.Query["environment"], out var environment) || context.Request.Query["flag"].ToString() is not { Length: > 0 and <= 100 } flag || flag.Contains('\0'))
        {
            await Problem.Invalid(new ProblemItem("invalid", "environment", "Name an environment and a flag.")).ExecuteAsync(context);
            return;
        }
        if (await health.ReadAsync(environment, flag, context.RequestAborted) is { } figures)
            await context.Response.WriteAsJsonAsync(figures, System.Text.Json.JsonSerializerOptions.Web, context.RequestAborted);
        else
            await Problem.NotFound("There is no such flag.").ExecuteAsync(context);
    }
}
