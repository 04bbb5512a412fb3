using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private const string ChildDirectory = "TOGGLR_TEST_CHILD_DIRECTORY";

    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-pg-").FullName;

    public EmbeddedPostgresTests() => File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Data_survive_a_clean_stop()
    {
        await using (var first = await StartAsync())
            await ExecuteAsync(first, "CREATE TABLE kept AS SELECT 1 AS one");
        Assert.False(File.Exists(Path.Combine(_directory, "postgres", "postmaster.pid")));
        await using var second = await StartAsync();
        await ExecuteAsync(second, "SELECT one FROM kept");
    }

    [Fact]
    public async Task The_server_has_no_port_and_wants_the_password()
    {
        await using var postgres = await StartAsync();
        var connection = new NpgsqlConnectionStringBuilder(postgres.ConnectionString);
        Assert.StartsWith("/", connection.Host, StringComparison.Ordinal);
        Assert.Equal("", await ScalarAsync<string>(postgres, "SHOW listen_addresses"));
        Assert.Equal(("on", "on", "on"), (await ScalarAsync<string>(postgres, "SHOW fsync"), await ScalarAsync<string>(postgres, "SHOW full_page_writes"), await ScalarAsync<string>(postgres, "SHOW data_checksums")));
        connection.Password = "guess";
        await using var wrong = new NpgsqlConnection(connection.ConnectionString);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await Assert.ThrowsAsync<PostgresException>(() => wrong.OpenAsync())).SqlState);
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(Path.Combine(_directory, "postgres.password")));
    }

    [Fact]
    public async Task Names_beyond_ascii_are_found_whatever_their_case()
    {
        await using var postgres = await StartAsync();
        if (await ScalarAsync<int>(postgres, "SELECT current_setting('server_version_num')::int") >= 170000)
            Assert.True(await ScalarAsync<bool>(postgres, "SELECT 'Оплата' ILIKE '%оПЛАТА%'"));
    }

    [Fact]
    public async Task A_second_server_on_the_directory_is_refused_by_the_number_of_the_first()
    {
        await using var postgres = await StartAsync();
        var refused = await Assert.ThrowsAsync<StoreStartException>(StartAsync);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_of_another_version_are_refused_by_both_names()
    {
        await (await StartAsync()).DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(_directory, "postgres", "PG_VERSION"), "13\n");
        var refused = await Assert.ThrowsAsync<StoreStartException>(StartAsync);
        Assert.Contains("PostgreSQL 13,", refused.Message, StringComparison.Ordinal);
        Assert.Contains("TOGGLR_POSTGRES_BIN", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_programs_is_refused_by_the_name_of_the_option()
    {
        var refused = await Assert.ThrowsAsync<StoreStartException>(
            () => EmbeddedPostgres.StartAsync(new StoreOptions { DataDirectory = _directory, PostgresBinDirectory = "/nowhere" }, NullLogger.Instance));
        Assert.Contains("TOGGLR_POSTGRES_BIN is /nowhere", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_while_the_data_are_made_is_forgotten()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "postgres.initializing", "base"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "postgres.initializing", "PG_VERSION"), "18\n");
        await using var postgres = await StartAsync();
        Assert.Equal(1, await ScalarAsync<int>(postgres, "SELECT 1"));
    }

    [Fact]
    public async Task A_stale_process_number_that_belongs_to_a_stranger_does_not_disturb()
    {
        await (await StartAsync()).DisposeAsync();
        using var stranger = Process.Start("sleep", "60");
        await File.WriteAllTextAsync(Path.Combine(_directory, "postgres", "postmaster.pid"), $"{stranger.Id}\n{_directory}/postgres\n");
        await using (var postgres = await StartAsync())
            Assert.Equal(1, await ScalarAsync<int>(postgres, "SELECT 1"));
        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    [Fact]
    public async Task A_killed_postgres_is_started_again_and_connections_recover()
    {
        await using var postgres = await StartAsync();
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
        await using (var command = database.CreateCommand("CREATE TABLE kept AS SELECT 7 AS seven"))
            await command.ExecuteNonQueryAsync();
        for (var round = 0; round < 2; round++)
        {
            var victim = postgres.ProcessId;
            // Between two lives the number is 0, and killing 0 would kill our own process group.
            Assert.True(victim > 1);
            Process.GetProcessById(victim).Kill();
            var deadline = Stopwatch.StartNew();
            while (true)
            {
                try
                {
                    await using var command = database.CreateCommand("SELECT seven FROM kept");
                    Assert.Equal(7, await command.ExecuteScalarAsync());
                    if (postgres.ProcessId is var successor && successor > 1 && successor != victim)
                        break;
                }
                catch (NpgsqlException) when (deadline.Elapsed < TimeSpan.FromSeconds(60))
                {
                }

                Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), "PostgreSQL does not come back.");
                await Task.Delay(20);
            }
        }
    }

    [Fact]
    public async Task After_a_killed_server_the_next_one_has_all_that_was_committed()
    {
        for (var round = 1; round <= 3; round++)
        {
            using var child = StartChild();
            var ready = Path.Combine(_directory, "ready");
            var deadline = Stopwatch.StartNew();
            while (!File.Exists(ready))
            {
                Assert.False(child.HasExited, "The child ended early.");
                Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), "The child is not ready.");
                await Task.Delay(20);
            }

            child.Kill();
            await child.WaitForExitAsync();
            File.Delete(ready);
            await using var postgres = await StartAsync();
            Assert.Equal(round, await ScalarAsync<long>(postgres, "SELECT count(*) FROM kept"));
        }
    }

    /// <summary>The child of the test above: a server that commits something, says so and waits for its end.</summary>
    [Fact(Explicit = true)]
    public async Task Child_that_is_killed()
    {
        var directory = Environment.GetEnvironmentVariable(ChildDirectory);
        Assert.NotNull(directory);
        var postgres = await EmbeddedPostgres.StartAsync(new StoreOptions { DataDirectory = directory }, NullLogger.Instance);
        await ExecuteAsync(postgres, "CREATE TABLE IF NOT EXISTS kept (at timestamptz)");
        await ExecuteAsync(postgres, "INSERT INTO kept VALUES (now())");
        await File.WriteAllTextAsync(Path.Combine(directory, "ready"), "");
        await Task.Delay(TimeSpan.FromMinutes(2));
        await postgres.DisposeAsync();
    }

    private static async Task ExecuteAsync(EmbeddedPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> ScalarAsync<T>(EmbeddedPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private Task<EmbeddedPostgres> StartAsync() => EmbeddedPostgres.StartAsync(new StoreOptions { DataDirectory = _directory }, NullLogger.Instance);

    private Process StartChild()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(EmbeddedPostgresTests).Assembly.Location);
        foreach (var argument in (string[])["-method", $"{typeof(EmbeddedPostgresTests).FullName}.{nameof(Child_that_is_killed)}", "-explicit", "only"])
            start.ArgumentList.Add(argument);
        start.Environment[ChildDirectory] = _directory;
        var child = Process.Start(start)!;
        child.OutputDataReceived += (_, _) => { };
        child.BeginOutputReadLine();
        return child;
    }
}
