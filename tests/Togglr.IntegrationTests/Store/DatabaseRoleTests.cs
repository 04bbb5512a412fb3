using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

/// <summary>What the role that the server works as may do to the audit log.</summary>
public sealed class DatabaseRoleTests(PostgresFixture postgres) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-roles-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("UPDATE audit_entries SET reason = 'x'")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("TRUNCATE audit_entries")]
    [InlineData("ALTER TABLE audit_entries DISABLE TRIGGER ALL")]
    [InlineData("DROP TRIGGER audit_entries_append_only ON audit_entries")]
    [InlineData("SET session_replication_role = replica")]
    [InlineData("DROP TABLE audit_entries")]
    [InlineData("DELETE FROM audit_chains")]
    [InlineData("GRANT DELETE ON audit_entries TO CURRENT_USER; DELETE FROM audit_entries")]
    [InlineData("CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$")]
    [InlineData("UPDATE schema_migrations SET checksum = ''")]
    public async Task The_role_of_the_server_is_refused(string crime)
    {
        var owner = await postgres.CreateDatabaseAsync();
        await using var store = await TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(owner), _directory, owner: owner);
        await AuditSealTests.HistoryAsync(store);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync(crime));
        Assert.True(refused.SqlState == PostgresErrorCodes.InsufficientPrivilege, refused.Message);
    }

    [Fact]
    public async Task The_server_goes_on_without_the_owner_once_the_schema_is_up_to_date()
    {
        var owner = await postgres.CreateEmptyDatabaseAsync();
        var failed = await Assert.ThrowsAsync<StoreStartException>(() => TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(owner), _directory));
        Assert.Contains("TOGGLR_MIGRATION_DATABASE_URL", failed.Message, StringComparison.Ordinal);
        await (await TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(owner), _directory, owner: owner)).DisposeAsync();
        await using var store = await TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(owner), _directory);
        var shop = await AuditSealTests.HistoryAsync(store);
        Assert.Null((await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id, store.Get<AuditSeal>())).Problem);
    }

    [Fact]
    public async Task A_single_role_that_owns_the_tables_gives_up_what_it_never_needs()
    {
        var superuser = await postgres.CreateEmptyDatabaseAsync();
        await using (var admin = NpgsqlDataSource.Create(superuser))
        {
            await using var command = admin.CreateCommand($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(superuser).Database} OWNER TO togglr_work; ALTER SCHEMA public OWNER TO togglr_work");
            await command.ExecuteNonQueryAsync();
        }

        await using var store = await TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(superuser), _directory);
        await AuditSealTests.HistoryAsync(store);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync("UPDATE audit_entries SET reason = 'x'"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);

        // Retention takes the right for one statement.
        await store.ExecuteAsync("UPDATE organizations SET audit_retention_days = 1");
        var future = new AuditRetention(
            store.Get<TogglrDatabase>(), store.Get<AuditSeal>(), new LaterTime(TimeSpan.FromDays(3)), Microsoft.Extensions.Logging.Abstractions.NullLogger<AuditRetention>.Instance);
        await Assert.ThrowsAsync<PostgresException>(() => future.RunAsync());
        await store.ExecuteAsync("ALTER TABLE audit_entries DISABLE TRIGGER USER; GRANT UPDATE ON audit_entries TO CURRENT_USER; UPDATE audit_entries SET at = at - interval '3 days'; REVOKE UPDATE ON audit_entries FROM CURRENT_USER; ALTER TABLE audit_entries ENABLE TRIGGER USER");
        Assert.Equal(6, await future.RunAsync());
        refused = await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync("DELETE FROM audit_entries"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task The_embedded_database_is_worked_on_without_its_superuser()
    {
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddTogglrStore(_ => new StoreOptions { DataDirectory = _directory, AuditKeys = new AuditKeys(TestStore.Key(1)) });
        for (var start = 0; start < 2; start++)
        {
            await using var provider = services.BuildServiceProvider();
            var database = provider.GetRequiredService<TogglrDatabase>();
            await database.StartAsync();
            await using (var who = database.DataSource.CreateCommand(
                "SELECT rolname || ' ' || rolsuper || ' ' || has_table_privilege('audit_entries', 'UPDATE, DELETE, TRUNCATE, TRIGGER') FROM pg_roles WHERE rolname = current_user"))
                Assert.Equal("togglr_app false false", await who.ExecuteScalarAsync());
            // Another process finds the running one, as verify-audit does.
            var running = EmbeddedPostgres.FindRunning(new StoreOptions { DataDirectory = _directory });
            await using (var other = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(running) { Options = "-c default_transaction_read_only=on" }))
                Assert.Empty(await AuditChain.ListAsync(other));
            await database.StopAsync();
            Assert.Null(EmbeddedPostgres.FindRunning(new StoreOptions { DataDirectory = _directory }));
        }
    }
}
