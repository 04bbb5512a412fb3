using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Togglr.Hosting.Security;

/// <summary>Time-based one-time codes as authenticator apps make them: RFC 6238 with HMAC-SHA-1, 30 seconds and 6 digits.</summary>
public static class Totp
{
    /// <summary>Bytes of a secret: as many as the hash has (RFC 4226, 4).</summary>
    public const int SecretBytes = 20;

    /// <summary>Digits of a code.</summary>
    public const int Digits = 6;

    /// <summary>Seconds for which one code is shown.</summary>
    public const int PeriodSeconds = 30;

    /// <summary>Steps before and after the present one whose codes count too: clocks differ, and people type.</summary>
    private const int Window = 1;

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A random secret.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>The time step of a time.</summary>
    public static long StepOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / PeriodSeconds;

    /// <summary>The code of a step (RFC 4226, 5.3).</summary>
    public static string CodeOf(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The only algorithm that every authenticator app knows; HMAC does not need its hash to be free of collisions.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & int.MaxValue;
        var modulus = 1;
        for (var i = 0; i < digits; i++)
            modulus *= 10;
        return (number % modulus).ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>The step that a code belongs to, out of those that count now; null when it belongs to none. Takes the same time whichever it is.</summary>
    public static long? FindStep(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        var present = StepOf(now);
        long? found = null;
        var given = System.Text.Encoding.UTF8.GetBytes(code);
        for (var step = present - Window; step <= present + Window; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(CodeOf(secret, step)), given))
                found = step;
        }
        return found;
    }

    /// <summary>The address that authenticator apps read off a QR code.</summary>
    public static string UriOf(ReadOnlySpan<byte> secret, string issuer, string account) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}?secret={ToBase32(secret)}&issuer={Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period={PeriodSeconds}";

    /// <summary>Base 32 without padding (RFC 4648, 6).</summary>
    public static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder(((bytes.Length * 8) + 4) / 5);
        var (bits, count) = (0, 0);
        foreach (var item in bytes)
        {
            bits = (bits << 8) | item;
            count += 8;
            while (count >= 5)
            {
                count -= 5;
                text.Append(Base32[(bits >> count) & 31]);
            }
            bits &= (1 << count) - 1;
        }
        if (count > 0)
            text.Append(Base32[(bits << (5 - count)) & 31]);
        return text.ToString();
    }
}
