using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Hosting.Security;
using Togglr.Messaging.Sampling;
using Togglr.Store;

namespace Togglr.ControlPlane.Publishing;

/// <summary>The terms under which contexts are sampled. The secrets are made from the server's encryption keys, so the database, where the samples are, does not hold them.</summary>
internal sealed class SamplingReader(SnapshotReader snapshots, EncryptionKeys keys)
{
    /// <summary>Of every environment that keeps a sample.</summary>
    public async Task<FrozenDictionary<Guid, SamplingTerms>> ReadAsync(CancellationToken cancellationToken) =>
        (await snapshots.ListSampledAsync(cancellationToken)).ToFrozenDictionary(static row => row.Id, TermsOf);

    /// <summary>Of one environment; null when it keeps none.</summary>
    public async Task<SamplingTerms?> ReadAsync(Guid environment, CancellationToken cancellationToken) =>
        (await snapshots.ListSampledAsync(cancellationToken)).FirstOrDefault(row => row.Id == environment) is { } row ? TermsOf(row) : null;

    private SamplingTerms TermsOf(SampledEnvironment row)
    {
        Span<byte> id = stackalloc byte[16];
        row.Id.TryWriteBytes(id, bigEndian: true, out _);
        return new SamplingTerms(HMACSHA256.HashData(keys.Derive("togglr context samples")[0], id), row.Attributes, row.Minutes, row.Size);
    }
}

/// <summary>Keeps sampled contexts in the database.</summary>
internal sealed class StoredContextSamples(ContextSampleStore store, SamplingReader sampling) : IContextSamples
{
    public async Task ReportAsync(IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken)
    {
        var terms = await sampling.ReadAsync(cancellationToken);
        foreach (var batch in batches)
        {
            // Taken under terms that do not hold any more: an attribute may have become private meanwhile.
            if (!terms.TryGetValue(batch.EnvironmentId, out var current) || current.Stamp != batch.Stamp)
                continue;
            await store.WriteAsync(
                batch.EnvironmentId, batch.Stamp, batch.RankLimit, [.. batch.Contexts.Select(static context => new StoredSample(context.Rank, 0, context.SeenAt, context.Utf8Context.ToArray()))], cancellationToken);
        }
    }
}

/// <summary>Takes the contexts that edges in other processes sampled, see <c>spec/streaming.md</c>.</summary>
internal sealed class ContextSamplesEndpoint(IContextSamples samples, string? token)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (EdgeToken.Check(context, token) is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }
        var body = await RequestBody.ReadAsync(context, HttpContextSamples.MaximumBytes);
        if (body.Refusal is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }
        var report = HttpContextSamples.Read(body.Bytes);
        body.Release();
        if (report is null)
        {
            await Problem.Invalid(new ProblemItem("invalid", "/batches", "A report is a list of environments with the contexts of people.")).ExecuteAsync(context);
            return;
        }
        try
        {
            await samples.ReportAsync(report, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception exception) when (TogglrDbContext.IsUnavailable(exception))
        {
            await Problem.Unavailable("The database does not answer. Try again.").ExecuteAsync(context);
        }
    }
}
