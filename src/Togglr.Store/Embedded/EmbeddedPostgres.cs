using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>
/// A private PostgreSQL below the data directory: made at the first start, reached over a Unix socket in a closed directory with a random password, stopped
/// with the server, restarted when it dies, and taken over when an earlier server of ours died and left it behind.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private const string DataName = "postgres";
    private const string PasswordName = "postgres.password";
    private const string SocketName = "postgres.socket";
    private const string UserName = "togglr";
    private const string DatabaseName = "postgres";

    /// <summary>The role as which the server works: neither superuser nor owner of anything.</summary>
    internal const string WorkUserName = "togglr_app";

    /// <summary>The longest path of a Unix socket, less the name of PostgreSQL's.</summary>
    private const int LongestSocketDirectory = 107 - 15;

    private readonly DirectoryLock _lock;
    private readonly PostgresProcess _process;
    private readonly string _socket;

    private EmbeddedPostgres(DirectoryLock directoryLock, PostgresProcess process, string socket, string connectionString) =>
        (_lock, _process, _socket, ConnectionString) = (directoryLock, process, socket, connectionString);

    /// <summary>How to connect; holds the password.</summary>
    public string ConnectionString { get; }

    /// <summary>The number of the server's process; 0 while it is being restarted.</summary>
    public int ProcessId => _process.ProcessId;

    /// <summary>Starts the server, making its data first where there are none.</summary>
    /// <exception cref="StoreStartException">
    /// The directory is in use, the data belong to another major version, there are no binaries, or PostgreSQL does not start; the message says which.
    /// </exception>
    public static async Task<EmbeddedPostgres> StartAsync(StoreOptions options, ILogger log, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var directory = Path.GetFullPath(options.DataDirectory);
        Directory.CreateDirectory(directory);
        var directoryLock = DirectoryLock.Take(directory);
        try
        {
            var account = PostgresAccount.Choose();
            var binaries = account.Reachable(PostgresBinaries.Find(options.PostgresBinDirectory));
            var home = account.Reachable(directory);
            if (home != directory)
                LogMoved(log, account.Name!, directory, home);
            var data = Path.Combine(home, DataName);
            if (home != directory && Directory.Exists(data) && !File.Exists(Path.Combine(directory, PasswordName)))
            {
                // Whoever removed the data directory wanted a new start; what was in it is kept all the same.
                var aside = $"{data}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.orphaned";
                Directory.Move(data, aside);
                LogOrphaned(log, directory, aside);
            }

            var password = await PrepareDataAsync(account, binaries, directory, data, log, cancellationToken).ConfigureAwait(false);
            await StopLeftOverAsync(data, log, cancellationToken).ConfigureAwait(false);
            var socket = CreateSocketDirectory(account, directory);
            var process = new PostgresProcess(() => Command(account, binaries, data, socket), log);
            var connection = new NpgsqlConnectionStringBuilder
            {
                Host = socket, Port = 5432, Username = UserName, Password = password, Database = DatabaseName,
            }.ConnectionString;
            var postgres = new EmbeddedPostgres(directoryLock, process, socket, connection);
            try
            {
                await postgres.WaitUntilReadyAsync(data, options.StartTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await postgres.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            process.KeepAlive();
            LogReady(log, binaries.Major, data);
            return postgres;
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>How to connect to the server of a data directory that another process of this machine has started; null when none has.</summary>
    /// <exception cref="StoreStartException">It runs, but its password cannot be read.</exception>
    public static string? FindRunning(StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var directory = Path.GetFullPath(options.DataDirectory);
        if (!Directory.Exists(directory) || !DirectoryLock.IsTaken(directory))
            return null;
        try
        {
            return new NpgsqlConnectionStringBuilder
            {
                Host = File.ReadAllText(Path.Combine(directory, SocketName)).Trim(), Port = 5432, Username = UserName,
                Password = File.ReadAllText(Path.Combine(directory, PasswordName)).Trim(), Database = DatabaseName,
            }.ConnectionString;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StoreStartException($"The running server of {directory} cannot be asked: {failed.Message} Run this as the user that it runs as.", failed);
        }
    }

    /// <summary>Stops the server in order (fast shutdown) and lets go of the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync().ConfigureAwait(false);
        _process.Dispose();
        TryDelete(_socket);
        _lock.Dispose();
    }

    private static async Task<string> PrepareDataAsync(
        PostgresAccount account, PostgresBinaries binaries, string directory, string data, ILogger log, CancellationToken cancellationToken)
    {
        var passwordFile = Path.Combine(directory, PasswordName);
        var versionFile = Path.Combine(data, "PG_VERSION");
        if (File.Exists(versionFile))
        {
            var version = (await File.ReadAllTextAsync(versionFile, cancellationToken).ConfigureAwait(false)).Trim();
            if (version != $"{binaries.Major}")
            {
                throw new StoreStartException(
                    $"The data in {data} were made by PostgreSQL {version}, the programs in {binaries.Directory} are PostgreSQL {binaries.Major}. Name the directory of "
                    + $"PostgreSQL {version} in TOGGLR_POSTGRES_BIN, or move the data with pg_upgrade or pg_dump; see docs/troubleshooting.md.");
            }

            if (!File.Exists(passwordFile))
                throw new StoreStartException($"{passwordFile} is missing, without which the data in {data} cannot be opened. Restore it from the backup of the data directory.");
            return (await File.ReadAllTextAsync(passwordFile, cancellationToken).ConfigureAwait(false)).Trim();
        }

        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
            throw new StoreStartException($"{data} holds something that is no PostgreSQL data. Move it away or choose another data directory.");
        var began = Stopwatch.GetTimestamp();
        var password = RandomNumberGenerator.GetHexString(48, lowercase: true);
        await WritePrivateAsync(passwordFile, password, cancellationToken).ConfigureAwait(false);
        // Made beside and moved into place when complete and on disk, so that a crash in between leaves nothing half-made behind.
        var partial = data + ".initializing";
        if (Directory.Exists(partial))
            Directory.Delete(partial, recursive: true);
        account.CreateDirectory(partial);
        await InitializeAsync(account, binaries, partial, password, cancellationToken).ConfigureAwait(false);
        if (Directory.Exists(data))
            Directory.Delete(data);
        Directory.Move(partial, data);
        LogMade(log, binaries.Major, data, (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        return password;
    }

    private static async Task InitializeAsync(PostgresAccount account, PostgresBinaries binaries, string data, string password, CancellationToken cancellationToken)
    {
        // The built-in C.UTF-8 sorts by code point, and unlike C knows upper and lower case beyond ASCII.
        string[] locale = binaries.Major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] : ["--locale=C"];
        string[] sync = binaries.Major >= 17 && OperatingSystem.IsLinux() ? ["--sync-method=syncfs"] : [];
        // A file, because as another user initdb may not open a pipe of ours; it is gone again at once.
        var passwordFile = data + ".password";
        try
        {
            await WritePrivateAsync(passwordFile, password, cancellationToken).ConfigureAwait(false);
            account.Give(passwordFile);
            using var process = Process.Start(account.Start(
                binaries.Initializer,
                ["-D", data, "-U", UserName, "-E", "UTF8", "-A", "scram-sha-256", $"--pwfile={passwordFile}", "--data-checksums", "--no-instructions", .. locale, .. sync]))!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                throw;
            }

            await output.ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new StoreStartException($"PostgreSQL's data could not be made in {data}: {(await errors.ConfigureAwait(false)).Trim()}");
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    /// <summary>A server whose parent was killed may still be there, or on its way out; and a stale number in its file may by now belong to a stranger.</summary>
    private static async Task StopLeftOverAsync(string data, ILogger log, CancellationToken cancellationToken)
    {
        var file = Path.Combine(data, "postmaster.pid");
        if (!File.Exists(file) || !int.TryParse(File.ReadLines(file).FirstOrDefault(), out var id) || id <= 1 || !Posix.Signal(id, 0))
            return;
        if (!await IsServerOfAsync(id, data).ConfigureAwait(false))
        {
            LogStranger(log, id);
            File.Delete(file);
            return;
        }

        LogLeftOver(log, id);
        foreach (var (signal, seconds) in ((int, int)[])[(Posix.Interrupt, 20), (Posix.Quit, 10)])
        {
            Posix.Signal(id, signal);
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(seconds);)
            {
                if (!Posix.Signal(id, 0) || IsZombie(id))
                    return;
                await Task.Delay(10, cancellationToken).ConfigureAwait(false);
            }
        }

        throw new StoreStartException($"The PostgreSQL that an earlier server left behind (process {id}) does not stop. Stop it by hand.");
    }

    private static async Task<bool> IsServerOfAsync(int id, string data)
    {
        string command;
        if (OperatingSystem.IsLinux())
        {
            try
            {
                command = (await File.ReadAllTextAsync($"/proc/{id}/cmdline").ConfigureAwait(false)).Replace('\0', ' ');
            }
            catch (IOException)
            {
                return false;
            }
        }
        else
        {
            using var process = Process.Start(new ProcessStartInfo("ps", ["-ww", "-o", "command=", "-p", $"{id}"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            command = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        }

        return command.Contains("postgres", StringComparison.Ordinal) && command.Contains($"-D {data} ", StringComparison.Ordinal);
    }

    private static bool IsZombie(int id)
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string CreateSocketDirectory(PostgresAccount account, string directory)
    {
        var note = Path.Combine(directory, SocketName);
        if (File.Exists(note) && File.ReadAllText(note).Trim() is var stale && Path.GetFileName(stale).StartsWith("togglr-", StringComparison.Ordinal))
            TryDelete(stale);
        foreach (var parent in (string[])[Path.GetTempPath(), "/tmp", "/run"])
        {
            var path = Path.Combine(parent, $"togglr-{RandomNumberGenerator.GetHexString(12, lowercase: true)}");
            if (path.Length > LongestSocketDirectory || !Directory.Exists(parent) || !account.CanPass(parent))
                continue;
            try
            {
                account.CreateDirectory(path);
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            File.WriteAllText(note, path);
            return path;
        }

        throw new StoreStartException($"There is no place for PostgreSQL's socket: neither {Path.GetTempPath()} nor /tmp nor /run can be written, or their paths are too long.");
    }

    private static ProcessStartInfo Command(PostgresAccount account, PostgresBinaries binaries, string data, string socket)
    {
        List<string> command =
        [
            binaries.Server, "-D", data,
            "-c", "listen_addresses=", "-c", $"unix_socket_directories={socket}", "-c", "unix_socket_permissions=0700",
            "-c", "max_connections=100", "-c", "shared_buffers=128MB", "-c", "work_mem=4MB", "-c", "maintenance_work_mem=32MB", "-c", "max_wal_size=1GB",
            "-c", "min_wal_size=32MB", "-c", "max_worker_processes=2", "-c", "max_parallel_workers=0", "-c", "max_logical_replication_workers=0",
            "-c", "max_wal_senders=0", "-c", "huge_pages=off", "-c", "jit=off", "-c", "logging_collector=off", "-c", "log_min_messages=log",
            "-c", "log_checkpoints=off", "-c", "log_destination=stderr", "-c", "timezone=UTC", "-c", "log_timezone=UTC",
        ];
        if (binaries.Major >= 18)
            command.AddRange(["-c", "io_method=sync"]);
        // End with us, and not by the Ctrl+C that is meant for us.
        if (Find("setpriv") is { } setpriv)
            command.InsertRange(0, [setpriv, "--pdeathsig", "INT", "--"]);
        if (Find("setsid") is { } setsid)
            command.Insert(0, setsid);
        return account.Start(command[0], command.Skip(1));
    }

    private static string? Find(string program) => ((string[])["/usr/bin", "/bin"]).Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    private static async Task WritePrivateAsync(string path, string text, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
    }

    private static void TryDelete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // An empty directory left behind disturbs nobody.
        }
    }

    private async Task WaitUntilReadyAsync(string data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var file = Path.Combine(data, "postmaster.pid");
        while (!IsReady(file))
        {
            if (_process.Ended.IsCompleted)
                throw new StoreStartException($"PostgreSQL does not start: {_process.LastLines}");
            if (Stopwatch.GetElapsedTime(began) > timeout)
                throw new StoreStartException($"PostgreSQL was not ready after {timeout.TotalSeconds:0} seconds: {_process.LastLines}");
            await Task.Delay(5, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsReady(string file)
    {
        try
        {
            // Line 1 is the process, line 8 its state.
            var lines = File.ReadAllLines(file);
            return lines.Length >= 8 && lines[0] == $"{_process.ProcessId}" && lines[7].StartsWith("ready", StringComparison.Ordinal);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LoggerMessage(3002, LogLevel.Information, "PostgreSQL {Major} is ready on the data in {Data}")]
    private static partial void LogReady(ILogger log, int major, string data);

    [LoggerMessage(3003, LogLevel.Information, "Made the data of PostgreSQL {Major} in {Data} in {Milliseconds} ms")]
    private static partial void LogMade(ILogger log, int major, string data, int milliseconds);

    [LoggerMessage(3004, LogLevel.Warning, "The user {User}, as which PostgreSQL runs, cannot reach {Directory}: its data are in {Home}")]
    private static partial void LogMoved(ILogger log, string user, string directory, string home);

    [LoggerMessage(3007, LogLevel.Warning, "{Directory} is new: the data of the one that was there before are kept in {Aside}")]
    private static partial void LogOrphaned(ILogger log, string directory, string aside);

    [LoggerMessage(3005, LogLevel.Warning, "An earlier server left its PostgreSQL behind (process {Id}); stopping it")]
    private static partial void LogLeftOver(ILogger log, int id);

    [LoggerMessage(3006, LogLevel.Warning, "Process {Id}, which postmaster.pid names, is another program; removing the stale file")]
    private static partial void LogStranger(ILogger log, int id);
}
