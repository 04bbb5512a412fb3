using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class SchemaTests(PostgresFixture postgres)
{
    private static Migrator Migrator => new(NullLogger<Migrator>.Instance);

    [Fact]
    public async Task The_model_matches_the_schema()
    {
        await using var store = await TestStore.StartAsync(postgres);
        await using var db = store.Open(Guid.Empty);
        var columns = new Dictionary<string, (string Type, bool Nullable)>(StringComparer.Ordinal);
        await using (var command = store.DataSource.CreateCommand(
            """
            SELECT c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            """))
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                columns.Add(reader.GetString(0), (reader.GetString(1), reader.GetBoolean(2)));
        }

        var differences = new List<string>();
        var mapped = new HashSet<string>(StringComparer.Ordinal);
        var tables = new HashSet<string>(StringComparer.Ordinal);
        foreach (var type in db.Model.GetEntityTypes())
        {
            tables.Add(type.GetTableName()!);
            foreach (var property in type.GetProperties())
            {
                var column = $"{type.GetTableName()}.{property.GetColumnName()}";
                mapped.Add(column);
                if (!columns.TryGetValue(column, out var actual))
                    differences.Add($"{column} is not in the schema");
                else if (actual.Nullable != property.IsColumnNullable(StoreObjectIdentifier.Table(type.GetTableName()!)))
                    differences.Add($"{column} is nullable in one of model and schema");
                else if (actual.Type != property.GetColumnType())
                    differences.Add($"{column} is {property.GetColumnType()} in the model and {actual.Type} in the schema");
            }
        }

        differences.AddRange(columns.Keys.Where(column => tables.Contains(column.Split('.')[0]) && !mapped.Contains(column)).Select(column => $"{column} is not in the model"));
        Assert.Empty(differences);
    }

    [Fact]
    public async Task Migrating_twice_applies_nothing_the_second_time()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabaseAsync());
        Assert.Equal(Migration.All.Count, await Migrator.ApplyAsync(database, Migration.All, TimeProvider.System));
        Assert.Equal(0, await Migrator.ApplyAsync(database, Migration.All, TimeProvider.System));
    }

    [Fact]
    public async Task Nodes_that_migrate_at_once_apply_every_migration_once()
    {
        var connection = await postgres.CreateEmptyDatabaseAsync();
        var applied = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            await using var database = NpgsqlDataSource.Create(connection);
            return await Migrator.ApplyAsync(database, Migration.All, TimeProvider.System);
        }));
        Assert.Equal(Migration.All.Count, applied.Sum());
    }

    [Fact]
    public async Task A_migration_that_was_changed_after_it_was_applied_is_refused()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var changed = Migration.All.Select(migration => migration with { Sql = migration.Sql + "\n-- later thought" }).ToList();
        // A copy made by "with" keeps the computed checksum, so make it anew.
        changed = [.. changed.Select(migration => new Migration(migration.Number, migration.Name, migration.Sql))];
        var failed = await Assert.ThrowsAsync<StoreStartException>(() => Migrator.ApplyAsync(database, changed, TimeProvider.System));
        Assert.Contains("other contents", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        Migration[] newer = [.. Migration.All, new Migration(Migration.All.Count + 1, "next", "CREATE TABLE next_thing (id integer)")];
        Assert.Equal(1, await Migrator.ApplyAsync(database, newer, TimeProvider.System));
        var failed = await Assert.ThrowsAsync<StoreStartException>(() => Migrator.ApplyAsync(database, Migration.All, TimeProvider.System));
        Assert.Contains("newer version", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_behind()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        Migration[] broken = [.. Migration.All, new Migration(Migration.All.Count + 1, "broken", "CREATE TABLE half (id integer); SELECT 1 / 0")];
        await Assert.ThrowsAsync<PostgresException>(() => Migrator.ApplyAsync(database, broken, TimeProvider.System));
        await using var command = database.CreateCommand("SELECT to_regclass('half') IS NULL");
        Assert.Equal(true, await command.ExecuteScalarAsync());
        Assert.Equal(0, await Migrator.ApplyAsync(database, Migration.All, TimeProvider.System));
    }

    [Fact]
    public async Task People_keep_their_roles_when_memberships_become_grants()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabaseAsync());
        await Migrator.ApplyAsync(database, [.. Migration.All.Take(3)], TimeProvider.System);
        await using (var before = database.CreateCommand(
            """
            INSERT INTO organizations (id, key, name, version, created_at, updated_at) VALUES ('00000000-0000-0000-0000-00000000000a', 'acme', 'Acme', 1, now(), now());
            INSERT INTO users (id, email, normalized_email, name, must_change_password, security_stamp, failed_sign_ins, version, created_at, updated_at)
            SELECT u.id::uuid, u.email, u.email, u.email, false, gen_random_uuid(), 0, 1, now(), now()
            FROM (VALUES ('00000000-0000-0000-0000-000000000001', 'anna@example.com'), ('00000000-0000-0000-0000-000000000002', 'boris@example.com')) u(id, email);
            INSERT INTO memberships (organization_id, user_id, role, version, created_at, updated_at)
            SELECT '00000000-0000-0000-0000-00000000000a', id, CASE email WHEN 'anna@example.com' THEN 'owner' ELSE 'viewer' END, 1, now(), now() FROM users;
            INSERT INTO refresh_tokens (id, user_id, family_id, hash, created_at, expires_at)
            SELECT gen_random_uuid(), id, gen_random_uuid(), email::bytea, now(), now() + interval '1 day' FROM users
            """))
            await before.ExecuteNonQueryAsync();
        await Migrator.ApplyAsync(database, Migration.All, TimeProvider.System);
        await using var after = database.CreateCommand(
            "SELECT string_agg(u.email || ' ' || g.built_in_role, ', ' ORDER BY u.email) FROM role_grants g JOIN users u ON u.id = g.user_id WHERE g.project_id IS NULL AND g.organization_id = '00000000-0000-0000-0000-00000000000a'");
        Assert.Equal("anna@example.com owner, boris@example.com viewer", await after.ExecuteScalarAsync());
    }
}
