using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Togglr.ControlPlane.Access;

/// <summary>How long the three questions before a management request take: who asks, about what, and whether they may.</summary>
internal sealed class AccessMetrics : IDisposable
{
    private readonly Meter _meter = new("Togglr.Access");
    private readonly Histogram<double> _duration;

    public AccessMetrics() => _duration = _meter.CreateHistogram<double>("togglr.access.duration", "s", "Before a management request: who asks, what about, and whether they may.");

    /// <summary>Finding out whose the token is, whether it is good, and what is granted to them.</summary>
    public void Who(ref long mark) => Note("who", ref mark);

    /// <summary>Reading the project and environment of the route, with which the request then works.</summary>
    public void Where(ref long mark) => Note("where", ref mark);

    /// <summary>Deciding.</summary>
    public void May(ref long mark) => Note("may", ref mark);

    public void Dispose() => _meter.Dispose();

    /// <summary>Notes the time since a time stamp of <see cref="Stopwatch"/>, which becomes now.</summary>
    private void Note(string question, ref long mark)
    {
        var now = Stopwatch.GetTimestamp();
        _duration.Record(Stopwatch.GetElapsedTime(mark, now).TotalSeconds, new KeyValuePair<string, object?>("question", question));
        mark = now;
    }
}
