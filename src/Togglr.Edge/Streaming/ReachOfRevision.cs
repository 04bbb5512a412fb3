using Togglr.Messaging.Reach;

namespace Togglr.Edge.Streaming;

/// <summary>Counts how far one change has come: which of the streams that were open when it arrived have got all of its bytes.</summary>
internal sealed class ReachOfRevision(Guid environment, long revision, DateTimeOffset? committedAt, DateTimeOffset now, int total)
{
    private readonly int _applied = Milliseconds(committedAt, now);
    private int _reached;
    private int _left;
    private int _last;

    /// <summary>When it arrived.</summary>
    public DateTimeOffset At { get; } = now;

    /// <summary>The environment.</summary>
    public Guid Environment => environment;

    /// <summary>The revision.</summary>
    public long Revision => revision;

    /// <summary>Whether nothing more will happen.</summary>
    public bool IsDone => Volatile.Read(ref _reached) + Volatile.Read(ref _left) >= total;

    /// <summary>What was reported last, so that nothing is told twice.</summary>
    public (int Reached, int Left)? Reported { get; set; }

    /// <summary>Whether the last report tells how it stands.</summary>
    public bool IsTold => Reported == (Volatile.Read(ref _reached), Volatile.Read(ref _left));

    /// <summary>One more stream has it.</summary>
    public void Reach(DateTimeOffset at)
    {
        var elapsed = Milliseconds(committedAt, at);
        for (var last = Volatile.Read(ref _last); elapsed > last;)
        {
            var seen = Interlocked.CompareExchange(ref _last, elapsed, last);
            if (seen == last)
                break;
            last = seen;
        }
        Interlocked.Increment(ref _reached);
    }

    /// <summary>One of the streams ended without it.</summary>
    public void Leave() => Interlocked.Increment(ref _left);

    /// <summary>How it stands, if that is news.</summary>
    public RevisionReach? News((int Count, int Seconds) polling)
    {
        var stands = (Volatile.Read(ref _reached), Volatile.Read(ref _left));
        if (Reported == stands)
            return null;
        Reported = stands;
        return new RevisionReach(environment, revision, total, stands.Item1, stands.Item2, Math.Max(_applied, Volatile.Read(ref _last)), polling.Count, polling.Seconds);
    }

    private static int Milliseconds(DateTimeOffset? from, DateTimeOffset to) => from is { } start ? (int)Math.Clamp(Math.Ceiling((to - start).TotalMilliseconds), 0, int.MaxValue) : 0;
}
