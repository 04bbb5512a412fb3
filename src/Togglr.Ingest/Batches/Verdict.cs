namespace Togglr.Ingest.Batches;

/// <summary>Why one event of a batch was refused.</summary>
/// <param name="Index">Its position in the batch.</param>
/// <param name="Code">A stable code.</param>
/// <param name="Member">The member of the event that is wrong; empty: the event as a whole.</param>
/// <param name="Message">What, for people.</param>
internal readonly record struct Verdict(int Index, string Code, string Member, string Message)
{
    /// <summary>Where in the body.</summary>
    public string Path => Member.Length == 0 ? $"/events/{Index}" : $"/events/{Index}/{Member}";
}
