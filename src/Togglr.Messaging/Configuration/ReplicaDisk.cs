using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Togglr.Messaging.Configuration;

/// <summary>
/// The last known configuration on disk: one file for each environment and one for the keys, each a line of the feed. Files are written beside
/// the old ones and renamed over them, so whatever happens there is a whole one.
/// </summary>
/// <param name="directory">The folder; made when it is not there, readable by this user only.</param>
/// <param name="logger">Where unusable files are mentioned.</param>
public sealed partial class ReplicaDisk(string directory, ILogger<ReplicaDisk> logger)
{
    private const string KeysFile = "keys.json";
    private readonly ConcurrentDictionary<Guid, EnvironmentState?> _changed = new();
    private KeysMessage? _keys;

    /// <summary>Reads what was saved last; files that cannot be used are ignored with a line in the log.</summary>
    public List<FeedMessage> Load()
    {
        var messages = new List<FeedMessage>();
        if (!Directory.Exists(directory))
            return messages;
        foreach (var file in Directory.EnumerateFiles(directory, "env-*.json"))
        {
            if (Read(file) is EnvironmentMessage environment)
                messages.Add(environment);
        }
        var keys = Path.Combine(directory, KeysFile);
        if (File.Exists(keys) && Read(keys) is KeysMessage list)
            messages.Add(list);
        return messages;
    }

    /// <summary>Remembers to save an environment with the next <see cref="Save"/>; null deletes it.</summary>
    public void Note(Guid environmentId, EnvironmentState? state) => _changed[environmentId] = state;

    /// <summary>Remembers to save the keys with the next <see cref="Save"/>.</summary>
    public void Note(KeysMessage keys) => Interlocked.Exchange(ref _keys, keys);

    /// <summary>Writes what was noted. Failures are logged and tried again with the next call.</summary>
    public void Save()
    {
        if (_changed.IsEmpty && _keys is null)
            return;
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(directory);
            else
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var (id, state) in _changed)
            {
                var file = Path.Combine(directory, $"env-{id:N}.json");
                if (state is null)
                    File.Delete(file);
                else
                    Write(file, new EnvironmentMessage(state.Identity, state.Document, state.CommittedAt));
                // Only what was written is done; a newer state that came meanwhile stays noted.
                _changed.TryRemove(new KeyValuePair<Guid, EnvironmentState?>(id, state));
            }
            if (_keys is { } keys)
            {
                Write(Path.Combine(directory, KeysFile), keys);
                Interlocked.CompareExchange(ref _keys, null, keys);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogWriteFailed(directory, exception.Message);
        }
    }

    private static void Write(string file, FeedMessage message)
    {
        var line = new ArrayBufferWriter<byte>(64 * 1024);
        FeedCodec.Write(line, message);
        var draft = file + ".new";
        using (var stream = new FileStream(draft, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 }))
        {
            stream.Write(line.WrittenSpan);
            stream.Flush(flushToDisk: true);
        }
        File.Move(draft, file, overwrite: true);
    }

    private FeedMessage? Read(string file)
    {
        try
        {
            var bytes = File.ReadAllBytes(file);
            // A whole file ends with the end of its line.
            if (bytes is [.., (byte)'\n'] && FeedCodec.Read(bytes) is { } message)
                return message;
            LogIgnored(file, "it is not complete");
        }
        catch (Exception exception)
        {
            LogIgnored(file, exception.Message);
        }
        return null;
    }

    [LoggerMessage(LogLevel.Warning, "{File} is ignored: {Reason}")]
    private partial void LogIgnored(string file, string reason);

    [LoggerMessage(LogLevel.Warning, "The last configuration cannot be saved in {Directory}: {Error}")]
    private partial void LogWriteFailed(string directory, string error);
}
