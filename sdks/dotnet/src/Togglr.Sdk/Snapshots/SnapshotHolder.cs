using System.Text;
using Microsoft.Extensions.Logging;
using Togglr.Evaluation;

namespace Togglr.Sdk.Snapshots;

/// <summary>
/// The snapshot in use, and the rules for replacing it. What the network sends replaces a bootstrap file whatever its revision, and anything of a lower revision of
/// the same environment. It never takes flags back to a lower revision, unless the environment was made anew, which its salt tells.
/// </summary>
internal sealed partial class SnapshotHolder(TogglrClientOptions options, StatusBoard status, Action<SnapshotChange> changed) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ILogger _logger = options.Logger;
    private SnapshotFile? _file;
    private Held? _held;
    private long _sequence;

    /// <summary>The snapshot in use; null before the first and after <see cref="Dispose"/>.</summary>
    public Snapshot? Current => Volatile.Read(ref _held)?.Snapshot;

    /// <summary>The snapshot in use and how many there were before, seen together.</summary>
    public (Snapshot? Snapshot, long Sequence) Numbered
    {
        get
        {
            lock (_lock)
                return (_held?.Snapshot, _sequence);
        }
    }

    /// <summary>
    /// The revision that a request can build on; null when the snapshot in use was not received by this process. One from disk is not built on: should the environment
    /// have been made anew meanwhile, nobody would notice.
    /// </summary>
    public long? NetworkRevision => Volatile.Read(ref _held) is { Source: SnapshotSource.Network, Snapshot.Revision: var revision } ? revision : null;

    /// <summary>Takes what is stored: the last snapshot on disk, else the bootstrap file. Offline it is the other way round, as the file is what was asked for.</summary>
    public void LoadStored()
    {
        if (options.SnapshotDirectory is { } directory)
            _file = new SnapshotFile(directory, options);
        var disk = (_file?.FilePath, SnapshotSource.Disk);
        var bootstrap = (options.BootstrapFile, SnapshotSource.Bootstrap);
        foreach (var (path, source) in options.Offline ? [bootstrap, disk] : new[] { disk, bootstrap })
        {
            if (path is not null && Load(path, source))
                return;
        }
    }

    public Acceptance AcceptFull(ReadOnlySpan<byte> document, SnapshotSource source)
    {
        Snapshot snapshot;
        try
        {
            snapshot = Snapshot.Load(document.ToArray());
        }
        catch (SnapshotException exception)
        {
            return Malformed(exception.Code, exception.Message, source);
        }

        // Any JSON object loads, so that a bad part spoils nothing else; but not every object is a snapshot.
        return source is SnapshotSource.Network && (snapshot.Environment.Length == 0 || snapshot.Salt.Length == 0)
            ? Malformed(SnapshotException.Malformed, "The answer is no snapshot: it names no environment or no salt.", source)
            : Replace(snapshot, source);
    }

    public Acceptance AcceptPatch(ReadOnlySpan<byte> patch)
    {
        if (Volatile.Read(ref _held) is not { } held)
            return new Acceptance(AcceptResult.Gap, "A patch came before the first snapshot.");
        try
        {
            // A server that is behind repeats what is known here; only what follows is news.
            if (PatchRange.Read(patch) is { } range && range.Revision <= held.Snapshot.Revision)
                return new Acceptance(range.Revision == held.Snapshot.Revision ? AcceptResult.Unchanged : AcceptResult.Older);
            return Replace(held.Snapshot.Apply(patch.ToArray()), SnapshotSource.Network);
        }
        catch (SnapshotException exception) when (exception.Code == SnapshotException.RevisionMismatch)
        {
            return new Acceptance(AcceptResult.Gap, exception.Message);
        }
        catch (SnapshotException exception)
        {
            return Malformed(exception.Code, exception.Message, SnapshotSource.Network);
        }
    }

    /// <summary>Writes the last snapshot to disk and lets go of it.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        lock (_lock)
            _held = null;
    }

    private bool Load(string path, SnapshotSource source)
    {
        try
        {
            if (source is SnapshotSource.Disk && !File.Exists(path))
                return false;
            if (new FileInfo(path).Length > options.MaxSnapshotBytes)
                throw new InvalidDataException($"It is larger than {nameof(TogglrClientOptions.MaxSnapshotBytes)}.");
            var document = File.ReadAllBytes(path).AsSpan();
            // Editors like to begin a file with a byte order mark.
            var acceptance = AcceptFull(document.StartsWith(Encoding.UTF8.Preamble) ? document[3..] : document, source);
            return acceptance.Result is AcceptResult.Applied ? true : throw new InvalidDataException(acceptance.Error);
        }
        catch (Exception exception)
        {
            LogNotLoaded(_logger, path, exception.Message);
            return false;
        }
    }

    private Acceptance Replace(Snapshot snapshot, SnapshotSource source)
    {
        lock (_lock)
        {
            var before = _held;
            var keys = before is null ? snapshot.Flags.Select(flag => flag.Key).ToArray() : ChangedFlags.Between(before.Snapshot, snapshot);
            if (before is { Source: not SnapshotSource.Bootstrap } && SameEnvironment(before.Snapshot, snapshot))
            {
                if (snapshot.Revision < before.Snapshot.Revision)
                {
                    LogOlder(_logger, snapshot.Revision, before.Snapshot.Revision);
                    return new Acceptance(AcceptResult.Older, $"Togglr is at revision {snapshot.Revision}, behind {before.Snapshot.Revision} which is in use.");
                }

                if (snapshot.Revision == before.Snapshot.Revision && before.Source == source)
                    return new Acceptance(AcceptResult.Unchanged);
            }

            Volatile.Write(ref _held, new Held(snapshot, source));
            status.Loaded(source, snapshot.Revision);
            if (source is SnapshotSource.Network)
                _file?.Save(snapshot.ToUtf8Json);
            // The first snapshot changes nothing that anybody has seen.
            if (before is not null)
                changed(new SnapshotChange(snapshot, ++_sequence, keys));
            return new Acceptance(AcceptResult.Applied);
        }
    }

    private static bool SameEnvironment(Snapshot one, Snapshot other) =>
        one.Salt == other.Salt && one.Environment == other.Environment && one.Project == other.Project;

    private Acceptance Malformed(string code, string error, SnapshotSource source)
    {
        if (source is SnapshotSource.Network)
            LogMalformed(_logger, code, error);
        return new Acceptance(AcceptResult.Malformed, error);
    }

    private sealed record Held(Snapshot Snapshot, SnapshotSource Source);

    [LoggerMessage(502, LogLevel.Warning, "The snapshot in {Path} is not used: {Error}")]
    private static partial void LogNotLoaded(ILogger logger, string path, string error);

    [LoggerMessage(503, LogLevel.Warning, "A snapshot was refused ({Code}): {Error} The last good one stays in use")]
    private static partial void LogMalformed(ILogger logger, string code, string error);

    [LoggerMessage(504, LogLevel.Warning, "Togglr offers revision {Offered}, which is behind {Used}; it is not used until it has caught up")]
    private static partial void LogOlder(ILogger logger, long offered, long used);
}
