using System.Security.Cryptography;
using Togglr.Hosting.Configuration;
using Togglr.Hosting.Security;

namespace Togglr.UnitTests.Hosting;

public sealed class SecretProtectorTests
{
    private static readonly string First = $"1:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";
    private static readonly string Second = $"2:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";

    [Fact]
    public void What_is_protected_can_be_read_for_its_purpose_only()
    {
        var protector = Of(First);
        var secret = protector.Protect("open sesame", "totp:1");
        Assert.Equal("open sesame", protector.UnprotectText(secret, "totp:1"));
        Assert.Null(protector.Unprotect(secret, "totp:2"));
        Assert.NotEqual(secret, protector.Protect("open sesame", "totp:1"));
    }

    [Fact]
    public void Every_altered_byte_is_noticed()
    {
        var protector = Of(First);
        var secret = protector.Protect("open sesame", "totp:1");
        for (var i = 0; i < secret.Length; i++)
        {
            byte[] altered = [.. secret];
            altered[i] ^= 1;
            Assert.Null(protector.Unprotect(altered, "totp:1"));
        }
        for (var length = 0; length < secret.Length; length++)
            Assert.Null(protector.Unprotect(secret.AsSpan(0, length), "totp:1"));
    }

    [Fact]
    public void A_new_key_encrypts_and_the_old_one_still_reads()
    {
        var old = Of(First).Protect("open sesame", "x");
        var both = Of($"{First},{Second}");
        Assert.Equal("open sesame", both.UnprotectText(old, "x"));
        Assert.Null(Of(Second).Unprotect(old, "x"));
        Assert.Equal("open sesame", Of(Second).UnprotectText(both.Protect("open sesame", "x"), "x"));
    }

    [Theory]
    [InlineData("1:short")]
    [InlineData("no number")]
    [InlineData("x:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData(",")]
    public void Damaged_keys_are_refused_by_name(string keys)
    {
        var refused = Assert.Throws<ConfigurationException>(() => EncryptionKeys.Load(keys, Path.GetTempPath()));
        Assert.Contains("TOGGLR_ENCRYPTION_KEYS", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generated_key_stays_and_is_for_its_owner_only()
    {
        var directory = Directory.CreateTempSubdirectory("togglr-keys-");
        try
        {
            var secret = new SecretProtector(EncryptionKeys.Load(null, directory.FullName)).Protect("open sesame", "x");
            Assert.Equal("open sesame", new SecretProtector(EncryptionKeys.Load(null, directory.FullName)).UnprotectText(secret, "x"));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory.FullName, "encryption.keys")));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_running_server_follows_a_rotation_of_the_file()
    {
        var directory = Directory.CreateTempSubdirectory("togglr-keys-");
        try
        {
            var running = EncryptionKeys.Load(null, directory.FullName);
            var old = new SecretProtector(running).Protect("open sesame", "x");
            var command = EncryptionKeys.Load(null, directory.FullName);
            Assert.Equal(2, command.TryAdd());
            File.SetLastWriteTimeUtc(Path.Combine(directory.FullName, "encryption.keys"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            Assert.Equal(2, SecretProtector.KeyOf(new SecretProtector(running).Protect("open sesame", "x")));
            Assert.Equal("open sesame", new SecretProtector(running).UnprotectText(old, "x"));
            var audit = command.Derive(EncryptionKeys.AuditPurpose);
            Assert.Equal(1, command.TryDropOld());
            Assert.Equal(audit, EncryptionKeys.Load(null, directory.FullName).Derive(EncryptionKeys.AuditPurpose));
            Assert.Single(command.Derive("something else"));
            Assert.Equal([2], EncryptionKeys.Load(null, directory.FullName).Numbers);
            Assert.Null(new SecretProtector(command).Unprotect(old, "x"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Configured_keys_are_changed_by_the_operator_only()
    {
        var keys = EncryptionKeys.Load($"{First},{Second}", Path.GetTempPath());
        Assert.Null(keys.TryAdd());
        Assert.Null(keys.TryDropOld());
        Assert.Equal(2, keys.Newest.Number);
    }

    private static SecretProtector Of(string keys) => new(EncryptionKeys.Load(keys, Path.GetTempPath()));
}
