namespace Togglr.Store;

/// <summary>One server per data directory. The operating system lets go of the lock when the process ends, however it ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock and notes our process number in it.</summary>
    /// <exception cref="StoreStartException">Another process has it.</exception>
    internal static DirectoryLock Take(string directory)
    {
        var path = Path.Combine(directory, "togglr.lock");
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            file.Flush();
            return new DirectoryLock(file);
        }
        catch (IOException failed) when (File.Exists(path))
        {
            throw new StoreStartException(
                $"The data directory {directory} is in use by another Togglr (process {Holder(path)}). Stop that one or give this one a directory of its own (TOGGLR_DATA).", failed);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string Holder(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadLine() is { Length: > 0 } line ? line : "unknown";
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
