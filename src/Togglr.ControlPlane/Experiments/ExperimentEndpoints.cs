using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>Which experiments.</summary>
internal sealed record ExperimentFilter(
    [property: FromQuery(Name = "state"), Description("Where they are; several times: any of them. All but the archived if absent")] Choice<ExperimentState>[]? State,
    [property: FromQuery(Name = "flag"), Description("Key of a flag")] string? Flag,
    [property: FromQuery(Name = "environment"), Description("Key of an environment")] string? Environment,
    [property: FromQuery(Name = "metric"), Description("Key of a metric that they use")] string? Metric,
    [property: FromQuery(Name = "owner"), Description("Id of a person")] Guid? Owner);

internal static class ExperimentEndpoints
{
    private static readonly SortKey<Experiment>[] Sorts =
    [
        SortKey<Experiment>.Time("updatedAt", row => row.UpdatedAt, row => row.Id),
        SortKey<Experiment>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<Experiment>.Text("key", row => row.Key, row => row.Id),
        SortKey<Experiment>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapExperiments(this IEndpointRouteBuilder project)
    {
        var experiments = project.MapGroup("/experiments").WithTags("Experiments");
        experiments.MapGet("", ListAsync).WithName("listExperiments").WithSummary("The experiments of a project").RequirePermission(Permissions.FlagView);
        experiments.MapPost("", CreateExperiment.HandleAsync).WithName("createExperiment").WithSummary("Begin the draft of an experiment").RequirePermissionWithin(Permissions.ExperimentManage);
        var one = experiments.MapGroup("/{experiment}");
        one.MapGet("", GetAsync).WithName("getExperiment").WithSummary("An experiment").RequirePermission(Permissions.FlagView);
        one.MapPatch("", UpdateExperiment.HandleAsync).WithName("updateExperiment").WithSummary("Change a draft; of an experiment that was started what people see").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapDelete("", UpdateExperiment.DeleteAsync).WithName("deleteExperiment").WithSummary("Delete a draft or an archived experiment").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapGet("/checklist", StartExperiment.ChecklistAsync).WithName("getExperimentChecklist").WithSummary("What there is to say before an experiment is started").RequirePermission(Permissions.FlagView);
        one.MapGet("/power", PowerForecast.HandleAsync).WithName("getExperimentPower").WithSummary("How long an experiment has to run, from real traffic").RequirePermission(Permissions.FlagView);
        one.MapGet("/results", ExperimentResults.HandleAsync).WithName("getExperimentResults").WithSummary("What is known of an experiment, now or at a time").RequirePermission(Permissions.FlagView);
        one.MapPost("/start", StartExperiment.HandleAsync).WithName("startExperiment").WithSummary("Start an experiment: its rule is put into the flag").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapPost("/pause", MoveExperiment.PauseAsync).WithName("pauseExperiment").WithSummary("Assign nobody for now").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapPost("/resume", MoveExperiment.ResumeAsync).WithName("resumeExperiment").WithSummary("Assign everybody to what they had").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapPost("/phases", MoveExperiment.BeginPhaseAsync).WithName("beginExperimentPhase").WithSummary("Begin a phase with other traffic or weights").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapPost("/stop", MoveExperiment.StopAsync).WithName("stopExperiment").WithSummary("End an experiment without deciding yet; the flag serves what it served without it").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapPost("/decide", MoveExperiment.DecideAsync).WithName("decideExperiment").WithSummary("Decide an experiment, and ship a variant").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapPost("/archive", MoveExperiment.ArchiveAsync).WithName("archiveExperiment").WithSummary("Put an experiment away that is over").RequirePermissionWithin(Permissions.ExperimentManage);
        one.MapPut("/overrides", MoveExperiment.OverrideAsync).WithName("putExperimentOverrides").WithSummary("Say who always gets a variant").RequirePermissionWithin(Permissions.ExperimentManage);
    }

    private static async Task<Results<Ok<Page<ExperimentView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, [AsParameters] ExperimentFilter filter, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Experiments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        ExperimentState[] states = [.. (filter.State ?? []).Select(choice => choice.Value)];
        query = states.Length == 0 ? query.Where(row => row.State != ExperimentState.Archived) : query.Where(row => states.Contains(row.State));
        if (filter.Flag is { } flag)
            query = query.Where(row => row.FlagKey == flag);
        if (filter.Environment is { } environment)
            query = query.Where(row => row.EnvironmentKey == environment);
        if (filter.Metric is { } metric)
            query = query.Where(row => row.MetricKeys.Contains(metric));
        if (filter.Owner is { } owner)
            query = query.Where(row => row.OwnerId == owner);
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description, row => row.Hypothesis, row => row.FlagKey);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ExperimentStore.ViewsAsync(db, current, rows, cancel), cancel, descendingByDefault: true);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Versioned<ExperimentView>, Problem>> GetAsync(string experiment, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await ExperimentStore.FindAsync(db, current, experiment, cancel) is { } row
            ? new Versioned<ExperimentView>(await ExperimentStore.ViewAsync(db, current, row, cancel), row.Version) : ExperimentStore.NotThere(experiment);
}
