namespace Togglr.Simulation;

/// <summary>What a simulation did: the truth that the results of the experiments can be held against.</summary>
public sealed class SimulationReport
{
    private readonly SortedDictionary<(string Experiment, string Variant), int> _exposed = [];

    /// <summary>People who were exposed, by experiment and variant; with those whose exposure got lost.</summary>
    public IReadOnlyDictionary<(string Experiment, string Variant), int> Exposed => _exposed;

    /// <summary>Visits.</summary>
    public long Visits { get; internal set; }

    /// <summary>Exposures that were never sent.</summary>
    public long Lost { get; internal set; }

    /// <summary>Events that were sent, each counted once however often it was sent.</summary>
    public long Events { get; internal set; }

    /// <summary>Of these, purchases.</summary>
    public long Purchases { get; internal set; }

    /// <summary>Events that were sent a second time with the same id.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Events that the server refused for good.</summary>
    public long Rejected { get; internal set; }

    /// <summary>Why the last of them was refused.</summary>
    public string? Refusal { get; internal set; }

    internal void Expose(string experiment, string variant) => _exposed[(experiment, variant)] = _exposed.GetValueOrDefault((experiment, variant)) + 1;
}
