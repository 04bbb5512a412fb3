using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Togglr.Sdk.Snapshots;

/// <summary>
/// The last snapshot on disk: one file per endpoint and key, replaced as a whole, at most once a second. Processes that share the
/// directory replace each other's file, never mix it.
/// </summary>
internal sealed partial class SnapshotFile : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private Func<ReadOnlyMemory<byte>>? _pending;
    private bool _scheduled;
    private bool _disposed;

    public SnapshotFile(string directory, TogglrClientOptions options)
    {
        // The name must not tell the key, and two environments must not meet.
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes(options.Endpoint.AbsoluteUri + "\n" + options.SdkKey));
        _path = Path.Combine(directory, $"togglr-{Convert.ToHexStringLower(identity.AsSpan(0, 12))}.json");
        _logger = options.Logger;
        _timer = options.TimeProvider.CreateTimer(_ => WritePending(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            Directory.CreateDirectory(directory);
            foreach (var left in Directory.EnumerateFiles(directory, "togglr-*.tmp"))
            {
                if (options.TimeProvider.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(left) > Abandoned)
                    File.Delete(left);
            }
        }
        catch (Exception exception)
        {
            LogUnusable(_logger, exception, directory);
        }
    }

    /// <summary>The file, whether or not it exists.</summary>
    public string FilePath => _path;

    /// <summary>Writes <paramref name="document"/>'s result within a second, unless a later one replaces it before.</summary>
    public void Save(Func<ReadOnlyMemory<byte>> document)
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _pending = document;
            if (_scheduled)
                return;
            _scheduled = true;
            _timer.Change(Pace, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Writes what is waiting and ends.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        _timer.Dispose();
        WritePending();
    }

    private void WritePending()
    {
        lock (_lock)
        {
            var document = _pending;
            _pending = null;
            _scheduled = false;
            if (document is not null)
                Write(document);
        }
    }

    private void Write(Func<ReadOnlyMemory<byte>> document)
    {
        var temporary = $"{_path}.{Guid.CreateVersion7():N}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            // Rules may name people: readable by this user only.
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(temporary, options))
            {
                file.Write(document().Span);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception exception)
        {
            LogNotWritten(_logger, exception, _path);
            Remove(temporary);
        }
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception)
        {
            // Taken away at a later start.
        }
    }

    [LoggerMessage(401, LogLevel.Warning, "The last snapshot cannot be kept in {Directory}")]
    private static partial void LogUnusable(ILogger logger, Exception exception, string directory);

    [LoggerMessage(402, LogLevel.Warning, "The last snapshot was not written to {Path}")]
    private static partial void LogNotWritten(ILogger logger, Exception exception, string path);
}
