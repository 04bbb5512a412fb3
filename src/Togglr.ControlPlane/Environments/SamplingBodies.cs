namespace Togglr.ControlPlane.Environments;

/// <summary>What an environment keeps of the contexts that are evaluated in it.</summary>
/// <param name="Enabled">Whether a sample is kept.</param>
/// <param name="Attributes">The attributes that may be kept.</param>
/// <param name="Minutes">For how long a context is kept.</param>
/// <param name="Size">Of how many people.</param>
public sealed record SamplingView(bool Enabled, IReadOnlyList<string> Attributes, int Minutes, int Size);

/// <summary>Changes of what an environment keeps of contexts; what is absent stays.</summary>
public sealed record SamplingBody
{
    /// <summary>Whether a sample is kept. Off forgets all of it.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Names of attributes or dotted paths, at most 50; never the targeting key, never one that is marked as private. Another list starts the sample anew.</summary>
    public IReadOnlyList<string>? Attributes { get; init; }

    /// <summary>For how long a context is kept, 5 to 10,080 minutes.</summary>
    public int? Minutes { get; init; }

    /// <summary>Of how many people, 100 to 100,000.</summary>
    public int? Size { get; init; }
}
