using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Experiments;
using Togglr.ControlPlane.Metrics;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.Demo;

/// <summary>The experiments of the demo, as bodies of the API.</summary>
internal sealed record DemoExperiments
{
    public required IReadOnlyList<CreateMetricRequest> Metrics { get; init; }

    /// <summary>Flags of experiments, and one whose traffic an algorithm shares out.</summary>
    public required IReadOnlyList<DemoFlag> Flags { get; init; }

    public required IReadOnlyList<CreateExperimentRequest> Experiments { get; init; }

    public static DemoExperiments Read()
    {
        using var stream = typeof(DemoExperiments).Assembly.GetManifestResourceStream("experiments.json")!;
        return JsonSerializer.Deserialize<DemoExperiments>(stream, StrictJson.Options)!;
    }
}

/// <content>Experiments that run.</content>
public sealed partial class DemoData
{
    /// <summary>
    /// Starts the demo's experiments, as if that had been a while ago, so that what is then told of that time belongs to them. What is there already stays as it is.
    /// </summary>
    /// <param name="services">With the store and the control plane; the demo's shop must be there.</param>
    /// <param name="ago">How long ago they began.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>Whether there are any that were not there before.</returns>
    public static async Task<bool> SeedExperimentsAsync(IServiceProvider services, TimeSpan ago, CancellationToken cancel)
    {
        var demo = new DemoData(services, await FindOwnerAsync(services, cancel), cancel);
        var content = DemoExperiments.Read();
        foreach (var metric in content.Metrics)
            await demo.RunAsync(ProjectKey, null, (current, db) => MetricEndpoints.CreateAsync(metric, current, db, cancel));
        foreach (var flag in content.Flags)
            await demo.SeedAsync(flag);
        var isNew = false;
        foreach (var experiment in content.Experiments)
        {
            if (!await demo.RunAsync(ProjectKey, null, (current, db) => CreateExperiment.HandleAsync(experiment, current, db, cancel)))
                continue;
            isNew = true;
            await demo.RunAsync(ProjectKey, null, (current, db) => StartExperiment.HandleAsync(experiment.Key, null, current, db, cancel));
        }
        if (isNew)
            await demo.DateBackAsync([.. content.Experiments.Select(static experiment => experiment.Key)], ago);
        return isNew;
    }

    /// <summary>The endpoint knows no past, and needs none but here.</summary>
    private async Task DateBackAsync(string[] keys, TimeSpan ago)
    {
        await using var scope = _services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(_caller.Grants[0].Scope.Organization);
        var began = db.Now - ago;
        var project = await db.Projects.SingleAsync(row => row.Key == ProjectKey, _cancel);
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH begun AS (UPDATE experiments SET started_at = {began} WHERE project_id = {project.Id} AND key = ANY ({keys}) RETURNING id)
            UPDATE experiment_phases SET started_at = {began} WHERE experiment_id IN (SELECT id FROM begun)
            """, _cancel);
    }
}
