namespace Togglr.Store;

/// <summary>One server per data directory. The operating system lets go of the lock when the process ends, however it ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock and notes our process number beside it.</summary>
    /// <exception cref="StoreStartException">Another process has it.</exception>
    internal static DirectoryLock Take(string directory)
    {
        var path = Path.Combine(directory, "togglr.lock");
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(NumberPath(directory), $"{Environment.ProcessId}\n");
            return new DirectoryLock(file);
        }
        catch (IOException failed) when (File.Exists(path))
        {
            throw new StoreStartException(
                $"The data directory {directory} is in use by another Togglr (process {Holder(directory)}). Stop that one or give this one a directory of its own (TOGGLR_DATA_DIR).", failed);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Whether a process has the lock.</summary>
    internal static bool IsTaken(string directory)
    {
        var path = Path.Combine(directory, "togglr.lock");
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>A file of its own, because the locked one cannot be read by others.</summary>
    private static string NumberPath(string directory) => Path.Combine(directory, "togglr.pid");

    private static string Holder(string directory)
    {
        try
        {
            return File.ReadAllText(NumberPath(directory)).Trim();
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
