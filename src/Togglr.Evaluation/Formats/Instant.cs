namespace Togglr.Evaluation.Formats;

/// <summary>Instants as whole Unix milliseconds, from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z.</summary>
internal static class Instant
{
    public const long Minimum = -62_135_596_800_000;
    public const long Maximum = 253_402_300_799_999;

    /// <summary>Reads RFC 3339 with seconds and offset, or a date alone (midnight UTC). Digits beyond milliseconds are dropped.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length < 10 || !Digits(text, 0, 4, out var year) || text[4] != '-' || !Digits(text, 5, 2, out var month) || text[7] != '-'
            || !Digits(text, 8, 2, out var day) || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        var days = DateOnly.FromDateTime(new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc)).DayNumber;
        milliseconds = Minimum + (days * 86_400_000L);
        if (text.Length == 10)
            return true;

        if (text.Length < 20 || (text[10] | 0x20) != 't' || !Digits(text, 11, 2, out var hour) || text[13] != ':' || !Digits(text, 14, 2, out var minute)
            || text[16] != ':' || !Digits(text, 17, 2, out var second) || hour > 23 || minute > 59 || second > 59)
            return false;
        milliseconds += (((((hour * 60L) + minute) * 60) + second) * 1000) + Fraction(text, out var at);
        return at > 0 && TryOffset(text[at..], out var offset) && (milliseconds -= offset) is >= Minimum and <= Maximum;
    }

    /// <summary>A number of Unix milliseconds, floored.</summary>
    public static bool TryFromNumber(double number, out long milliseconds)
    {
        var floor = Math.Floor(number);
        milliseconds = floor is >= Minimum and <= Maximum ? (long)floor : 0;
        return floor is >= Minimum and <= Maximum;
    }

    // Milliseconds of the fraction that may start at 19; next is where the offset starts, or 0 where the fraction has no digit.
    private static int Fraction(ReadOnlySpan<byte> text, out int next)
    {
        next = 19;
        if (text[19] != '.')
            return 0;
        next = 20;
        var value = 0;
        var scale = 100;
        while (next < text.Length && (uint)(text[next] - '0') <= 9)
        {
            value += (text[next] - '0') * scale;
            scale /= 10;
            next++;
        }
        if (next == 20)
            next = 0;
        return value;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length == 1)
            return (text[0] | 0x20) == 'z';
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':' || !Digits(text, 1, 2, out var hours)
            || !Digits(text, 4, 2, out var minutes) || hours > 23 || minutes > 59)
            return false;
        milliseconds = ((hours * 60L) + minutes) * (text[0] == '-' ? -60_000 : 60_000);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, int start, int count, out int value)
    {
        value = 0;
        for (var i = start; i < start + count; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit > 9)
                return false;
            value = (value * 10) + (int)digit;
        }
        return true;
    }
}
