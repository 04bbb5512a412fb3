using System.Security.Cryptography;
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
        var refused = Assert.Throws<InvalidOperationException>(() => EncryptionKeys.Load(keys, Path.GetTempPath()));
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

    private static SecretProtector Of(string keys) => new(EncryptionKeys.Load(keys, Path.GetTempPath()));
}
