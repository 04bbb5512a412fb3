namespace Togglr.Messaging.Reach;

/// <summary>How far one revision of one environment has come on one edge.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Total">Streams that were open when the edge got it.</param>
/// <param name="Reached">Those to which its last byte was handed.</param>
/// <param name="Left">Those that ended before.</param>
/// <param name="Milliseconds">From the commit until the last of the reached had it, or the edge itself where no stream is open.</param>
/// <param name="Polling">Clients of the environment that ask again and again instead of listening.</param>
/// <param name="PollSeconds">The longest time between two of their questions.</param>
public sealed record RevisionReach(Guid EnvironmentId, long Revision, int Total, int Reached, int Left, int Milliseconds, int Polling, int PollSeconds);

/// <summary>What an edge tells about itself, every few seconds and while a change is on its way.</summary>
/// <param name="EdgeId">The edge; another one after every start.</param>
/// <param name="SentAt">By the edge's clock.</param>
/// <param name="Revisions">What has become different since the last report.</param>
public sealed record EdgeReport(Guid EdgeId, DateTimeOffset SentAt, IReadOnlyList<RevisionReach> Revisions);

/// <summary>Where edges report to: the database in the control plane's own process, its HTTP address elsewhere.</summary>
public interface IEdgeReports
{
    /// <summary>Keeps a report. Throws when that does not work now; the same may be reported again.</summary>
    Task ReportAsync(EdgeReport report, CancellationToken cancellationToken);
}
