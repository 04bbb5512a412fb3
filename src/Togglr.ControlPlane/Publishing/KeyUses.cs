using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;
using Togglr.Store;

namespace Togglr.ControlPlane.Publishing;

/// <summary>Keeps uses of keys in the database.</summary>
internal sealed class StoredKeyUses(SdkKeyUses store) : IKeyUses
{
    public Task ReportAsync(IReadOnlyList<KeyUse> uses, CancellationToken cancellationToken)
    {
        var hashes = new byte[uses.Count][];
        for (var i = 0; i < uses.Count; i++)
            uses[i].Hash.CopyTo(hashes[i] = new byte[32]);
        return store.WriteAsync(hashes, [.. uses.Select(static use => use.At)], [.. uses.Select(static use => use.Address)], cancellationToken);
    }
}

/// <summary>Takes the uses that processes without a database of their own report, see <c>spec/streaming.md</c>.</summary>
internal sealed class KeyUsesEndpoint(IKeyUses uses, string? token)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (EdgeToken.Check(context, token) is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }
        var body = await RequestBody.ReadAsync(context, HttpKeyUses.MaximumBytes);
        if (body.Refusal is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }
        var report = HttpKeyUses.Read(body.Bytes);
        body.Release();
        if (report is null)
        {
            await Problem.Invalid(new ProblemItem("invalid", "/uses", "A report is a list of key hashes with the time of use.")).ExecuteAsync(context);
            return;
        }
        try
        {
            await uses.ReportAsync(report, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception exception) when (TogglrDbContext.IsUnavailable(exception))
        {
            await Problem.Unavailable("The database does not answer. Try again.").ExecuteAsync(context);
        }
    }
}
