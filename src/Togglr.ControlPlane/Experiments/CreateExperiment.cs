using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>Begins a draft.</summary>
internal static class CreateExperiment
{
    public static async Task<Results<CreatedVersion<ExperimentView>, Problem>> HandleAsync(CreateExperimentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var state = await db.FlagEnvironments.Include(row => row.Flag)
            .SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Flag!.Key == request.Flag && row.EnvironmentKey == request.Environment, cancel);
        if (state is null)
        {
            return await db.Flags.AnyAsync(row => row.ProjectId == current.Project.Id && row.Key == request.Flag, cancel)
                ? Problem.Invalid(new ProblemItem("unknown_environment", "/environment", $"There is no environment {request.Environment}."))
                : Problem.Invalid(new ProblemItem("unknown_flag", "/flag", $"There is no flag {request.Flag}."));
        }
        if (ExperimentStore.NotManaged(current, state.EnvironmentId, state.EnvironmentKey) is { } forbidden)
            return forbidden;
        if (state.Flag!.ArchivedAt is not null)
            return Problem.Conflict("The flag is archived. Restore it first.", ErrorCodes.Archived);
        LayerRange? layer = null;
        if (request.Layer is { } wanted)
        {
            (layer, var badLayer) = await ExperimentDesign.FindLayerAsync(db, current, wanted, state.EnvironmentId, null, cancel);
            if (badLayer is not null)
                return badLayer;
        }
        var variations = request.Variations ?? [.. state.Flag.Variants.Select(variant => new ExperimentVariation(variant.Key, 1))];
        var details = new ExperimentDetails
        {
            Name = request.Name ?? "", Description = request.Description ?? "", Hypothesis = request.Hypothesis ?? "", OwnerId = request.Owner ?? current.Actor.UserId,
            Audience = ExperimentDesign.Condition(request.Audience), BucketBy = request.BucketBy, Traffic = request.Traffic is { } traffic ? Shares.Of(traffic) : Experiment.Whole,
            Variations = variations, Control = request.Control ?? ControlOf(state.Flag, variations), Layer = layer, HoldoutKey = request.Holdout, Overrides = request.Overrides ?? [],
            Plan = (request.Plan ?? new ExperimentPlanBody()).ToPlan(),
        };
        var created = Experiment.Create(state.Flag, state, request.Key, details);
        if (!created.IsOk)
            return created.Error.ToProblem();
        if (await ExperimentDesign.FaultAsync(db, current, request.Key, details, cancel) is { } fault)
            return fault;
        var experiment = created.Value;
        db.Experiments.Add(experiment);
        if (await current.SaveAsync("experiment.created", experiment.Key, experiment.Id, request.Reason, cancel, experiment.EnvironmentKey) is { } problem)
            return problem;
        return new CreatedVersion<ExperimentView>(await ExperimentStore.ViewAsync(db, current, experiment, cancel), experiment.Version, experiment.Key);
    }

    private static string ControlOf(Flag flag, IReadOnlyList<ExperimentVariation> variations) =>
        variations.FirstOrDefault(variation => variation.Key == flag.OffVariant)?.Key ?? (variations.Count > 0 ? variations[0].Key : "");
}
