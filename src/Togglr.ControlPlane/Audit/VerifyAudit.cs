using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>Reads the whole chain, so one at a time.</summary>
internal static class VerifyAudit
{
    private static readonly SemaphoreSlim One = new(1);

    public static async Task<Results<Ok<AuditVerificationView>, Problem>> HandleAsync(Current current, [FromServices] TogglrDatabase database, [FromServices] AuditSeal seal, CancellationToken cancel)
    {
        if (!await One.WaitAsync(TimeSpan.FromSeconds(5), cancel))
            return Problem.RateLimited(10, "Another verification is at work.");
        try
        {
            var verdict = await AuditChain.VerifyAsync(database.DataSource, current.OrganizationId, seal, cancel);
            return TypedResults.Ok(new AuditVerificationView(
                verdict.Problem is null, verdict.Entries, verdict.FirstBad, verdict.Problem, verdict.SignedFrom, verdict.UncheckedThrough));
        }
        finally
        {
            One.Release();
        }
    }
}
