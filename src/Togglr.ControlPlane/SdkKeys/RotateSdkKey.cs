using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.SdkKeys;

/// <summary>Issues a successor with the same terms; the old key goes on for the overlap, so applications change over without an outage.</summary>
internal static class RotateSdkKey
{
    public static async Task<Results<CreatedVersion<SdkKeyView>, Problem>> HandleAsync(
        Guid id, RotateSdkKeyRequest request, Current current, TogglrDbContext db, TimeProvider time, SdkKeyArrival arrival, CancellationToken cancel)
    {
        if (await SdkKeyEndpoints.FindAsync(id, current, db, cancel) is not { } old)
            return SdkKeyEndpoints.NotThere();
        if (EntityTags.Check(current.Http.Request, old.Version) is { } stale)
            return stale;
        if (await SdkKeyEndpoints.SuccessorOfAsync(id, db, cancel) is not null)
            return Problem.Conflict("This key has a successor already. Rotate that one.");
        var now = time.GetUtcNow();
        var rotated = old.Rotate(current.Environment, TimeSpan.FromHours(request.OverlapHours), now);
        if (!rotated.IsOk)
            return rotated.Error.ToProblem();
        var (key, secret) = rotated.Value;
        db.SdkKeys.Add(key);
        if (await current.SaveAsync("key.rotated", old.Name, old.Id, request.Reason, cancel, current.Environment.Key) is { } problem)
            return problem;
        await arrival.OfAsync(key, cancel);
        return new CreatedVersion<SdkKeyView>(SdkKeyEndpoints.View(key, secret, replacedBy: null), key.Version, key.Id.ToString());
    }
}
