namespace Togglr.Messaging.Configuration;

/// <summary>The most recent patches of one environment, each starting where the one before ends. Not safe for several threads.</summary>
/// <param name="capacity">How many are kept.</param>
public sealed class PatchHistory(int capacity)
{
    private readonly Queue<EnvironmentPatch> _patches = new();
    private long _length;

    // However many patches there are, what they hold stays bounded: a resume with more than this is no better than the whole document.
    private const long LengthLimit = 16 * 1024 * 1024;

    /// <summary>Adds the newest patch. One that does not follow the last forgets everything before it.</summary>
    public void Add(EnvironmentPatch patch)
    {
        if (_patches.Count > 0 && _last != patch.From)
            Clear();
        _last = patch.Revision;
        _patches.Enqueue(patch);
        _length += patch.ToUtf8().Length;
        while (_patches.Count > capacity || (_length > LengthLimit && _patches.Count > 0))
            _length -= _patches.Dequeue().ToUtf8().Length;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _patches.Clear();
        _length = 0;
    }

    /// <summary>One patch from a revision to the newest, or null when the way from there is not known.</summary>
    public EnvironmentPatch? Since(long revision)
    {
        List<EnvironmentPatch>? missing = null;
        foreach (var patch in _patches)
        {
            if (missing is null && patch.From != revision)
                continue;
            (missing ??= []).Add(patch);
        }
        return missing is null ? null : EnvironmentPatch.Combine(missing);
    }

    private long _last = -1;
}
