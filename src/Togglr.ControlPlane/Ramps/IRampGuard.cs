using Togglr.Store;

namespace Togglr.ControlPlane.Ramps;

/// <summary>Totals of a flag in an environment, by variant.</summary>
/// <param name="Ramped">The variant that a ramp brings.</param>
/// <param name="Rest">All others.</param>
internal readonly record struct RampSample(RampCounts Ramped, RampCounts Rest);

/// <summary>Where the numbers come from by which a ramp is watched.</summary>
internal interface IRampGuard
{
    /// <summary>Totals from some time on, which never become less while a ramp runs.</summary>
    Task<RampSample> ReadAsync(Ramp ramp, CancellationToken cancel);
}
