using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Togglr.Store;

/// <summary>A directory with <c>postgres</c> and <c>initdb</c>.</summary>
/// <param name="Directory">The directory.</param>
/// <param name="Major">The major version of what is in it.</param>
internal sealed record PostgresBinaries(string Directory, int Major)
{
    /// <summary>The oldest that the SQL of this program works with.</summary>
    private const int OldestMajor = 14;

    internal string Server => Path.Combine(Directory, "postgres");

    internal string Initializer => Path.Combine(Directory, "initdb");

    /// <summary>The binaries fetched for this platform: <c>linux-x64</c>, <c>linux-arm64</c>, <c>darwin-x64</c>, <c>darwin-arm64</c>.</summary>
    private static string Platform =>
        (OperatingSystem.IsMacOS() ? "darwin-" : "linux-") + (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64");

    /// <summary>The option's directory, else what the build fetched, else the newest of the system's.</summary>
    /// <exception cref="StoreStartException">There is none; the message says how to get one.</exception>
    internal static PostgresBinaries Find(string? configured)
    {
        if (!string.IsNullOrEmpty(configured))
        {
            return Inspect(configured) ?? throw new StoreStartException(
                $"TOGGLR_POSTGRES_BIN is {configured}, where there is no postgres {OldestMajor} or later with its initdb.");
        }

        foreach (var directory in Fetched())
        {
            if (Inspect(directory) is { } fetched)
                return fetched;
        }

        return System().Select(Inspect).OfType<PostgresBinaries>().MaxBy(found => found.Major) ?? throw new StoreStartException(
            $"No PostgreSQL was found. Run eng/postgres/fetch.sh (make does), install PostgreSQL {OldestMajor} or later, name the directory of its programs in "
            + "TOGGLR_POSTGRES_BIN, or name a running database in TOGGLR_DATABASE_URL.");
    }

    private static IEnumerable<string> Fetched()
    {
        yield return Path.Combine(AppContext.BaseDirectory, "postgres", "bin");
        // In a working copy: the nearest .tools above the program's output.
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            yield return Path.Combine(directory.FullName, ".tools", "postgres", Platform, "bin");
    }

    private static IEnumerable<string> System()
    {
        const string debian = "/usr/lib/postgresql";
        if (global::System.IO.Directory.Exists(debian))
        {
            foreach (var version in global::System.IO.Directory.EnumerateDirectories(debian))
                yield return Path.Combine(version, "bin");
        }

        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return directory;
    }

    private static PostgresBinaries? Inspect(string directory)
    {
        var server = Path.Combine(directory, "postgres");
        if (!File.Exists(server) || !File.Exists(Path.Combine(directory, "initdb")))
            return null;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(server, "-V") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            // "postgres (PostgreSQL) 18.4", "postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)", "postgres (PostgreSQL) 19beta1"
            var version = output.Split(") ", 2) is [_, var rest] ? new string([.. rest.TakeWhile(char.IsAsciiDigit)]) : "";
            return process.ExitCode == 0 && int.TryParse(version, out var major) && major >= OldestMajor ? new PostgresBinaries(Path.GetFullPath(directory), major) : null;
        }
        catch (global::System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
