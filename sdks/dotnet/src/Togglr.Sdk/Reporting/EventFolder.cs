using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Togglr.Sdk.Reporting;

/// <summary>
/// Batches of events on disk, a file each, oldest first. Files of other processes with the same endpoint and key are sent, too: two that send the same one do no harm, because the events have ids. Bounded in size and
/// in age.
/// </summary>
internal sealed partial class EventFolder
{
    private const string Ending = ".events";

    /// <summary>What is older is refused by the server.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromHours(24);

    private readonly string _directory;
    private readonly string _prefix;
    private readonly TogglrClientOptions _options;

    public EventFolder(string directory, TogglrClientOptions options)
    {
        // The name must not tell the key, and two environments must not meet.
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes(options.Endpoint.AbsoluteUri + "\n" + options.SdkKey));
        (_directory, _prefix, _options) = (directory, $"togglr-{Convert.ToHexStringLower(identity.AsSpan(0, 12))}-", options);
    }

    /// <summary>Whether nothing is kept.</summary>
    public bool IsEmpty => Files().Count == 0;

    /// <summary>Writes a batch. False when that is not possible.</summary>
    public bool Keep(byte[] batch)
    {
        var file = Path.Combine(_directory, $"{_prefix}{Guid.CreateVersion7():N}{Ending}");
        try
        {
            Directory.CreateDirectory(_directory);
            MakeRoom(batch.Length);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            // It tells who did what: readable by this user only.
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(file + ".tmp", options))
            {
                stream.Write(batch);
                stream.Flush(flushToDisk: true);
            }

            File.Move(file + ".tmp", file);
            return true;
        }
        catch (Exception exception)
        {
            LogNotKept(_options.Logger, exception, _directory);
            return false;
        }
    }

    /// <summary>The oldest batch that the server still takes; null for none.</summary>
    public (string File, byte[] Batch)? Next()
    {
        foreach (var file in Files())
        {
            try
            {
                if (_options.TimeProvider.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc > Oldest)
                {
                    LogTooOld(_options.Logger, file.Name);
                    file.Delete();
                    continue;
                }

                return (file.FullName, File.ReadAllBytes(file.FullName));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another process has sent it meanwhile, or somebody took it away.
            }
        }

        return null;
    }

    /// <summary>Removes a batch that was sent.</summary>
    public void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotKept(_options.Logger, exception, _directory);
        }
    }

    private void MakeRoom(long needed)
    {
        var files = Files();
        var size = files.Sum(static file => file.Exists ? file.Length : 0) + needed;
        foreach (var file in files)
        {
            if (size <= _options.MaxEventDirectoryBytes)
                return;
            size -= file.Exists ? file.Length : 0;
            LogNoRoom(_options.Logger, file.Name, nameof(TogglrClientOptions.MaxEventDirectoryBytes));
            Remove(file.FullName);
        }
    }

    // Names grow with time, as version 7 ids do.
    private List<FileInfo> Files()
    {
        try
        {
            var directory = new DirectoryInfo(_directory);
            return directory.Exists ? [.. directory.EnumerateFiles(_prefix + "*" + Ending).OrderBy(static file => file.Name, StringComparer.Ordinal)] : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotKept(_options.Logger, exception, _directory);
            return [];
        }
    }

    [LoggerMessage(231, LogLevel.Warning, "Events cannot be kept in {Directory}")]
    private static partial void LogNotKept(ILogger logger, Exception exception, string directory);

    [LoggerMessage(232, LogLevel.Warning, "The events in {File} are more than a day old and are dropped")]
    private static partial void LogTooOld(ILogger logger, string file);

    [LoggerMessage(233, LogLevel.Warning, "The events in {File} are dropped: more are kept than {Option} allows")]
    private static partial void LogNoRoom(ILogger logger, string file, string option);
}
