using System.Text;
using Togglr.Messaging.Events;

namespace Togglr.ControlPlane.Events;

/// <summary>What is in groups of events, as far as the database has to be asked about it before they are sorted in.</summary>
internal sealed class BatchContents
{
    private readonly HashSet<Guid> _ids = [];

    private BatchContents()
    {
    }

    /// <summary>How many events there are.</summary>
    public int Count { get; private set; }

    /// <summary>The days on which they happened.</summary>
    public HashSet<DateOnly> Days { get; } = [];

    /// <summary>The environments in which they happened.</summary>
    public HashSet<Guid> Environments { get; } = [];

    /// <summary>The experiments that they speak of.</summary>
    public HashSet<(Guid Environment, string Experiment)> Experiments { get; } = [];

    /// <summary>Whether an algorithm may have to do with some of them.</summary>
    public bool ConcernsAlgorithms { get; private set; }

    /// <summary>The names of the events, each once, in the order in which indexes like them best.</summary>
    public Guid[] Ids { get; private set; } = [];

    /// <summary>Whether some of them stand in the groups more than once.</summary>
    public bool Repeated { get; private set; }

    /// <summary>Reads groups.</summary>
    /// <exception cref="InvalidDataException">They are none.</exception>
    public static BatchContents Read(IEnumerable<byte[]> payloads)
    {
        var contents = new BatchContents();
        foreach (var payload in payloads)
            contents.Add(payload);
        contents.Ids = [.. contents._ids];
        Array.Sort(contents.Ids);
        return contents;
    }

    private void Add(ReadOnlySpan<byte> payload)
    {
        var lastDay = long.MinValue;
        var lastExperiment = Array.Empty<byte>();
        while (!payload.IsEmpty)
        {
            var (environment, _, count) = EventBatch.Read(ref payload, out var events);
            Environments.Add(environment);
            lastExperiment = [];
            Count += count;
            while (!events.IsEmpty)
            {
                var recorded = RecordedEvent.Read(ref events);
                if (recorded.Id != Guid.Empty && !_ids.Add(recorded.Id))
                    Repeated = true;
                ConcernsAlgorithms |= recorded.Kind == RecordedKind.Feedback || (recorded.Kind == RecordedKind.Exposure && recorded.Name.IsEmpty);
                if (recorded.Kind is not (RecordedKind.Exposure or RecordedKind.Metric))
                    continue;
                var day = recorded.At / 86_400_000_000;
                if (day != lastDay)
                {
                    lastDay = day;
                    Days.Add(DateOnly.FromDateTime(EventBatch.Time(recorded.At).UtcDateTime));
                }
                if (recorded.Kind != RecordedKind.Exposure || recorded.Name.IsEmpty || recorded.Name.SequenceEqual(lastExperiment))
                    continue;
                lastExperiment = recorded.Name.ToArray();
                Experiments.Add((environment, Encoding.UTF8.GetString(recorded.Name)));
            }
        }
    }
}
