using Npgsql;
using Togglr.ControlPlane.Encryption;
using Togglr.Hosting.Security;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Security;

public sealed class EncryptionTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-keys-").FullName;
    private string _url = "";
    private NpgsqlDataSource _database = null!;
    private Guid _user;

    public async ValueTask InitializeAsync()
    {
        _url = await postgres.CreateDatabaseAsync();
        await using (var server = await TogglrServer.StartAsync(["--database-url", _url, "--data-dir", _directory]))
        {
            await Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
            _database = NpgsqlDataSource.Create(Togglr.Store.DatabaseUrl.Parse(_url));
            // The key of events is made soon after the start.
            await Eventually.TrueAsync(async () =>
            {
                await using var keys = _database.CreateCommand("SELECT count(*) FROM event_keys");
                return (long)(await keys.ExecuteScalarAsync())! == 1;
            });
        }
        await using var find = _database.CreateCommand("SELECT id FROM users LIMIT 1");
        _user = (Guid)(await find.ExecuteScalarAsync())!;
        await WriteAsync(new SecretProtector(Keys()).Protect("JBSWY3DPEHPK3PXP", $"totp:{_user}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Rotating_encrypts_everything_anew_and_old_keys_can_go()
    {
        var before = await ReadAsync();
        var (code, output) = await TogglrProcess.RunAsync("rotate-keys", "--database-url", _url, "--data-dir", _directory);
        Assert.True(code == 0, output);
        Assert.Contains("Encrypted 2 secrets with key 2", output, StringComparison.Ordinal);
        var after = await ReadAsync();
        Assert.NotEqual(before, after);
        Assert.Equal(2, SecretProtector.KeyOf(after));

        // Somebody restores a row from before: it is read still, and rewritten before the old key goes.
        await WriteAsync(before);
        (code, output) = await TogglrProcess.RunAsync("drop-old-keys", "--database-url", _url, "--data-dir", _directory);
        Assert.True(code == 0, output);
        Assert.Equal([2], Keys().Numbers);
        Assert.Equal("JBSWY3DPEHPK3PXP", new SecretProtector(Keys()).UnprotectText(await ReadAsync(), $"totp:{_user}"));
        Assert.Null(new SecretProtector(Keys()).Unprotect(before, $"totp:{_user}"));

        // The audit log, signed with what was made from the old key, is still verified.
        (code, output) = await TogglrProcess.RunAsync("verify-audit", "--database-url", _url, "--data-dir", _directory);
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Keys_that_do_not_fit_are_named_and_dropped_keys_stay_while_something_needs_them()
    {
        var other = Directory.CreateTempSubdirectory("togglr-keys-").FullName;
        File.Copy(Path.Combine(_directory, "encryption.keys"), Path.Combine(other, "encryption.keys"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "encryption.keys"), $"1:{Convert.ToBase64String(new byte[32])}\n2:{Convert.ToBase64String(new byte[32])}\n");
        var (code, output) = await TogglrProcess.RunAsync("drop-old-keys", "--database-url", _url, "--data-dir", _directory);
        Assert.Equal(1, code);
        Assert.Contains($"users.totp_secret of {_user}: key 1 does not fit", output, StringComparison.Ordinal);
        Assert.Equal([1, 2], Keys().Numbers);

        await File.WriteAllTextAsync(Path.Combine(_directory, "encryption.keys"), $"7:{Convert.ToBase64String(new byte[32])}\n");
        var report = await new StoredSecrets(new SecretProtector(Keys()), Keys()).WalkAsync(_database, rewrite: true);
        Assert.Equal(["event_keys", "users"], report.Unreadable.Select(unreadable => unreadable.Column.Table).Order(StringComparer.Ordinal));
        Assert.All(report.Unreadable, unreadable => Assert.Contains("key 1 is missing", unreadable.ToString(), StringComparison.Ordinal));

        await File.WriteAllTextAsync(Path.Combine(_directory, "encryption.keys"), "nonsense");
        (code, output) = await TogglrProcess.RunAsync("rotate-keys", "--database-url", _url, "--data-dir", _directory);
        Assert.Equal(2, code);
        Assert.Contains("encryption.keys is damaged", output, StringComparison.Ordinal);
        Directory.Delete(other, recursive: true);
    }

    [Fact]
    public async Task A_server_says_at_its_start_that_the_keys_are_not_those_of_its_database()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "encryption.keys"), $"1:{Convert.ToBase64String(new byte[32])}\n");
        await using var server = TogglrProcess.Start("serve", "--database-url", _url, "--data-dir", _directory, "--listen", $"127.0.0.1:{FreePort.Next()}");
        await Eventually.TrueAsync(() => Task.FromResult(server.Output.Contains("stored secrets cannot be read with the keys of", StringComparison.Ordinal)), 30);
        Assert.DoesNotContain("JBSWY3DPEHPK3PXP", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_column_of_bytes_is_encrypted_with_the_registry_or_known_not_to_be()
    {
        // Hashes and signatures; an idempotent answer is sealed under the signing key and lives for a day; what was asked for of flags and segments is no secret; units of events are hashed before they are written; nobody can be found in a sketch of users.
        string[] others = ["event_groups.payload", "idempotency.body", "audit_entries.signature", "audit_chains.signature", "sign_in_failures.key", "change_request_commands.body", "evaluation_users.sketch"];
        await using var command = _database.CreateCommand(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bytea' AND column_name !~ 'hash$' AND table_name !~ '_y?[0-9]'");
        await using var reader = await command.ExecuteReaderAsync();
        var registry = EncryptedColumns.All.Select(column => $"{column.Table}.{column.Column}").ToHashSet(StringComparer.Ordinal);
        var found = 0;
        while (await reader.ReadAsync())
        {
            var column = reader.GetString(0);
            Assert.True(registry.Contains(column) || others.Contains(column), $"{column} is neither in EncryptedColumns nor known not to be encrypted");
            found += registry.Contains(column) ? 1 : 0;
        }
        Assert.True(found >= 2);
    }

    private EncryptionKeys Keys() => EncryptionKeys.Load(null, _directory);

    private async Task<byte[]> ReadAsync()
    {
        await using var command = _database.CreateCommand("SELECT totp_secret FROM users WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = _user });
        return (byte[])(await command.ExecuteScalarAsync())!;
    }

    private async Task WriteAsync(byte[] secret)
    {
        await using var command = _database.CreateCommand("UPDATE users SET totp_secret = $2 WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = _user });
        command.Parameters.Add(new NpgsqlParameter { Value = secret });
        await command.ExecuteNonQueryAsync();
    }
}
