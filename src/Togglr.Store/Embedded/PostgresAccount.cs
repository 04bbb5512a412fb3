using System.Diagnostics;
using System.Runtime.Versioning;

namespace Togglr.Store;

/// <summary>Who PostgreSQL runs as: ourselves, or an unprivileged user when we are root, which PostgreSQL refuses.</summary>
/// <param name="Name">The user; null: ourselves.</param>
/// <param name="User">Its number.</param>
/// <param name="Group">The number of its group.</param>
[UnsupportedOSPlatform("windows")]
internal sealed record PostgresAccount(string? Name, uint User, uint Group)
{
    private static readonly PostgresAccount Ourselves = new(null, 0, 0);

    /// <summary>Where data and programs go that the unprivileged user cannot reach where they are.</summary>
    private const string PublicDirectory = "/var/lib/togglr";

    internal static PostgresAccount Choose()
    {
        if (!Environment.IsPrivilegedProcess)
            return Ourselves;
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length >= 4).ToLookup(fields => fields[0], StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string>)["postgres", "nobody"])
        {
            if (users[name].FirstOrDefault() is { } fields && uint.TryParse(fields[2], out var user) && user != 0 && uint.TryParse(fields[3], out var group))
                return new PostgresAccount(name, user, group);
        }

        throw new StoreStartException(
            "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as. Run Togglr as another user or set TOGGLR_DATABASE_URL.");
    }

    /// <summary>How to start a program as this user.</summary>
    internal ProcessStartInfo Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = "/" };
        if (Name is not null)
            start.UserName = Name;
        // The environment of whoever started us must not reach into PostgreSQL (PGDATA, PGPORT, LC_ALL, …).
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        start.Environment["TZ"] = "UTC";
        return start;
    }

    /// <summary>A directory of this user's own, closed to others.</summary>
    internal void CreateDirectory(string path)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Give(path);
    }

    /// <summary>Makes this user the owner of a file or directory.</summary>
    internal void Give(string path)
    {
        if (Name is not null)
            Posix.ChangeOwner(path, User, Group);
    }

    /// <summary>The directory, if this user can get to it, else one below <c>/var/lib/togglr</c> that belongs to it.</summary>
    internal string Reachable(string directory)
    {
        if (CanPass(directory))
            return directory;
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(directory)))[..12];
        var moved = Path.Combine(PublicDirectory, hash);
        Directory.CreateDirectory(moved);
        return moved;
    }

    /// <summary>The binaries, copied to where this user can run them if it cannot where they are.</summary>
    internal PostgresBinaries Reachable(PostgresBinaries binaries)
    {
        if (CanPass(binaries.Directory))
            return binaries;
        var source = Path.GetDirectoryName(binaries.Directory)!;
        var target = Path.Combine(PublicDirectory, $"postgresql-{binaries.Major}-{File.GetLastWriteTimeUtc(binaries.Server).Ticks:x}");
        if (!Directory.Exists(target))
        {
            var partial = $"{target}.{Environment.ProcessId}";
            Copy(source, partial);
            Directory.Move(partial, target);
        }

        return binaries with { Directory = Path.Combine(target, Path.GetFileName(binaries.Directory)) };
    }

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos())
        {
            var path = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
                File.CreateSymbolicLink(path, link);
            else if (entry is FileInfo file)
                file.CopyTo(path);
            else
                Copy(entry.FullName, path);
        }
    }

    /// <summary>Whether this user can get to a directory.</summary>
    internal bool CanPass(string directory)
    {
        if (Name is null)
            return true;
        using var process = Process.Start(Start("/bin/sh", "-c", "cd -- \"$1\"", "sh", directory))!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
