using System.Runtime.Versioning;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
[assembly: UnsupportedOSPlatform("windows")]

namespace Togglr.IntegrationTests.Infrastructure;

/// <summary>
/// One embedded PostgreSQL for the whole test run, with a migrated template. A test class takes the fixture in its constructor and asks for a database of its own,
/// which is there in some tens of milliseconds.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private const string Template = "togglr_template";
    private const string WorkRole = "togglr_work";

    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-tests-").FullName;
    private readonly SemaphoreSlim _gate = new(1);
    private EmbeddedPostgres? _postgres;
    private int _databases;

    /// <summary>The connection string of a new, migrated, empty database. Usable as <c>TOGGLR_DATABASE_URL</c>.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await _gate.WaitAsync();
        try
        {
            await StartAsync();
            // A template may have no other sessions while it is copied, so one copy at a time.
            await ExecuteAsync(_postgres!.ConnectionString, $"CREATE DATABASE {name} TEMPLATE {Template}");
        }
        finally
        {
            _gate.Release();
        }

        return For(name);
    }

    /// <summary>The connection string of a new database without any schema.</summary>
    public async Task<string> CreateEmptyDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await _gate.WaitAsync();
        try
        {
            await StartAsync();
            await ExecuteAsync(_postgres!.ConnectionString, $"CREATE DATABASE {name}");
        }
        finally
        {
            _gate.Release();
        }

        return For(name);
    }

    /// <summary>The same database as a role that owns nothing in it, as which servers work; usable as <c>TOGGLR_DATABASE_URL</c> beside <c>TOGGLR_MIGRATION_DATABASE_URL</c>.</summary>
    public static string AsWorkRole(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Username = WorkRole, Password = WorkRole }.ConnectionString;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        _gate.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private string For(string database) => new NpgsqlConnectionStringBuilder(_postgres!.ConnectionString) { Database = database, MaxPoolSize = 20 }.ConnectionString;

    private async Task StartAsync()
    {
        if (_postgres is not null)
            return;
        // Unprivileged PostgreSQL must be able to pass through.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);
        _postgres = await EmbeddedPostgres.StartAsync(new StoreOptions { DataDirectory = _directory }, NullLogger.Instance);
        await ExecuteAsync(_postgres.ConnectionString, $"CREATE ROLE {WorkRole} LOGIN PASSWORD '{WorkRole}'");
        await ExecuteAsync(_postgres.ConnectionString, $"CREATE DATABASE {Template}");
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(For(Template)) { Pooling = false }.ConnectionString);
        await new Migrator(NullLogger<Migrator>.Instance).ApplyAsync(dataSource, Migration.All, TimeProvider.System);
    }
}
