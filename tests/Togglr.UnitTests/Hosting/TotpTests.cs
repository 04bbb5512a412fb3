using System.Text;
using Togglr.Hosting.Security;

namespace Togglr.UnitTests.Hosting;

public sealed class TotpTests
{
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_RFC_6238(long seconds, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");
        Assert.Equal(code, Totp.CodeOf(secret, Totp.StepOf(DateTimeOffset.FromUnixTimeSeconds(seconds)), digits: 8));
        Assert.Equal(code[2..], Totp.CodeOf(secret, seconds / 30));
    }

    [Fact]
    public void A_code_counts_one_step_before_and_after_and_no_longer()
    {
        var secret = Totp.NewSecret();
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_015);
        var step = Totp.StepOf(now);
        Assert.All(new[] { -1, 0, 1 }, shift => Assert.Equal(step + shift, Totp.FindStep(secret, Totp.CodeOf(secret, step + shift), now)));
        Assert.All(new[] { -2, 2 }, shift => Assert.Null(Totp.FindStep(secret, Totp.CodeOf(secret, step + shift), now)));
        Assert.All(new[] { "", "12345", "1234567", "٠٠٠٠٠٠", "abcdef" }, code => Assert.Null(Totp.FindStep(secret, code, now)));
    }

    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base_32_is_that_of_RFC_4648(string text, string expected) => Assert.Equal(expected, Totp.ToBase32(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_address_names_account_and_issuer_whatever_they_hold()
    {
        var uri = Totp.UriOf(new byte[20], "Togglr", "a+b&secret=X@example.com");
        Assert.Equal("otpauth://totp/Togglr:a%2Bb%26secret%3DX%40example.com?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=Togglr&algorithm=SHA1&digits=6&period=30", uri);
    }
}
