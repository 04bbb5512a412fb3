using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>Changes a draft, and afterwards what people see; deletes drafts.</summary>
internal static class UpdateExperiment
{
    public static async Task<Results<Versioned<ExperimentView>, Problem>> HandleAsync(
        string experiment, UpdateExperimentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (row, refusal) = await ExperimentStore.FindToChangeAsync(db, current, experiment, cancel);
        if (row is null)
            return refusal!;
        if (await Owners.FaultAsync(db, request.Owner.Or(null), cancel) is { } unknown)
            return unknown;
        if (request.IsDesign)
        {
            if (await DesignAsync(row, request, current, db, cancel) is { } fault)
                return fault;
        }
        else
        {
            var described = row.Describe(request.Name.Or(row.Name), request.Description.Or(row.Description), request.Owner.Or(row.OwnerId));
            if (!described.IsOk)
                return described.Error.ToProblem();
        }
        if (await current.SaveAsync("experiment.updated", row.Key, row.Id, request.Reason, cancel, row.EnvironmentKey) is { } problem)
            return problem;
        return new Versioned<ExperimentView>(await ExperimentStore.ViewAsync(db, current, row, cancel), row.Version);
    }

    public static async Task<Results<NoContent, Problem>> DeleteAsync(string experiment, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (row, refusal) = await ExperimentStore.FindToChangeAsync(db, current, experiment, cancel);
        if (row is null)
            return refusal!;
        if (row.State is not (ExperimentState.Draft or ExperimentState.Archived))
            return Problem.Conflict("Only drafts and archived experiments can be deleted.", "not_archived");
        db.Experiments.Remove(row);
        return await current.SaveAsync("experiment.deleted", row.Key, row.Id, reason: null, cancel, row.EnvironmentKey) is { } problem ? problem : TypedResults.NoContent();
    }

    private static async Task<Problem?> DesignAsync(Experiment row, UpdateExperimentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var before = row.Details;
        var layer = before.Layer;
        if (request.Layer is { IsSet: true, Value: var wanted } && row.State == ExperimentState.Draft)
        {
            layer = null;
            if (wanted is not null)
            {
                (layer, var bad) = await ExperimentDesign.FindLayerAsync(db, current, wanted, row.EnvironmentId, row.Id, cancel);
                if (bad is not null)
                    return bad;
            }
        }
        var details = before with
        {
            Name = request.Name.Or(before.Name),
            Description = request.Description.Or(before.Description),
            OwnerId = request.Owner.Or(before.OwnerId),
            Hypothesis = request.Hypothesis.Or(before.Hypothesis),
            Audience = ExperimentDesign.Condition(request.Audience.Or(before.Audience)),
            BucketBy = request.BucketBy.Or(before.BucketBy),
            Traffic = request.Traffic.IsSet ? Shares.Of(request.Traffic.Value) : before.Traffic,
            Variations = request.Variations.Or(before.Variations),
            Control = request.Control.Or(before.Control),
            Layer = layer,
            HoldoutKey = request.Holdout.Or(before.HoldoutKey),
            Plan = request.Plan.IsSet ? request.Plan.Value.ToPlan() : before.Plan,
        };
        var flag = await db.Flags.SingleAsync(flag => flag.Id == row.FlagId, cancel);
        var designed = row.Design(flag, details);
        return designed.IsOk ? await ExperimentDesign.FaultAsync(db, current, row.Key, details with { OwnerId = null }, cancel) : designed.Error.ToProblem();
    }
}
