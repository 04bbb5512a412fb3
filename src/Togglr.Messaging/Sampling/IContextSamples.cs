namespace Togglr.Messaging.Sampling;

/// <summary>A context as it is kept.</summary>
/// <param name="Rank">Of the person, see <see cref="SamplingTerms.RankOf"/>.</param>
/// <param name="SeenAt">When it was evaluated.</param>
/// <param name="Utf8Context">A JSON object: the name that stands for the targeting key, and the attributes that may be kept.</param>
public sealed record SampledContext(long Rank, DateTimeOffset SeenAt, ReadOnlyMemory<byte> Utf8Context);

/// <summary>Contexts of one environment, taken under the same terms.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Stamp">Of the terms.</param>
/// <param name="RankLimit">All people below this rank were looked at, and nobody else.</param>
/// <param name="Contexts">One for each person.</param>
public sealed record SampleBatch(Guid EnvironmentId, string Stamp, long RankLimit, IReadOnlyList<SampledContext> Contexts);

/// <summary>Where sampled contexts are kept: the database in the control plane's own process, its HTTP address elsewhere.</summary>
public interface IContextSamples
{
    /// <summary>Keeps them. Throws when that does not work now; the same contexts may be reported again.</summary>
    Task ReportAsync(IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken);
}
