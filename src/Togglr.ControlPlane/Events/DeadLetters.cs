namespace Togglr.ControlPlane.Events;

/// <summary>Limits of what is kept of events that could not be used.</summary>
internal static class DeadLetters
{
    /// <summary>The most of one batch that are found when events are sorted in; more are counted.</summary>
    public const int MostPerBatch = 500;

    /// <summary>The most of an environment.</summary>
    public const int MostPerEnvironment = 10_000;

    /// <summary>For how long they are kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(14);
}
