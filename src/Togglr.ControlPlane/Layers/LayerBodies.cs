using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.Layers;

/// <summary>Experiments that never share a unit.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the project; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Experiments">The parts that experiments have, of drafts and of those that run; the same part can be taken once per environment.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record LayerView(
    Guid Id, string Key, string Name, string Description, IReadOnlyList<LayerPartView> Experiments, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>The part of a layer that an experiment has.</summary>
/// <param name="Experiment">Key of the experiment.</param>
/// <param name="Name">Its name.</param>
/// <param name="Environment">Key of its environment.</param>
/// <param name="State">Where it is.</param>
/// <param name="From">Where the part begins, in percent.</param>
/// <param name="To">Where it ends, in percent.</param>
public sealed record LayerPartView(string Experiment, string Name, string Environment, ExperimentState State, double From, double To);

/// <summary>A new layer.</summary>
public sealed record CreateLayerRequest
{
    /// <summary>1 to 100 letters, digits and <c>. _ -</c>; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a layer.</summary>
public sealed record UpdateLayerRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Units that are left out of experiments.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the project; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Percentage">How many percent of all units are held out.</param>
/// <param name="Experiments">The experiments that name it, the archived ones left out.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record HoldoutView(
    Guid Id, string Key, string Name, string Description, double Percentage, IReadOnlyList<HeldOutView> Experiments, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>An experiment that leaves a holdout out.</summary>
/// <param name="Experiment">Key of the experiment.</param>
/// <param name="Name">Its name.</param>
/// <param name="Environment">Key of its environment.</param>
/// <param name="State">Where it is.</param>
public sealed record HeldOutView(string Experiment, string Name, string Environment, ExperimentState State);

/// <summary>A new holdout.</summary>
public sealed record CreateHoldoutRequest
{
    /// <summary>1 to 100 letters, digits and <c>. _ -</c>; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>How many percent of all units are held out: 0.01 to 50.</summary>
    public required double Percentage { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a holdout.</summary>
public sealed record UpdateHoldoutRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>How many percent of all units are held out; stays while an experiment that names it runs.</summary>
    public Optional<double> Percentage { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
