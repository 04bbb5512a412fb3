using System.Globalization;

namespace Togglr.Evaluation.Formats;

/// <summary>Numbers exactly as JSON writes them; what platforms accept beyond that differs from language to language.</summary>
internal static class JsonNumber
{
    /// <summary>Reads a text that is, as a whole, a JSON number whose value fits a finite double.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double number)
    {
        number = 0;
        if (text.IsEmpty)
            return false;
        var at = text[0] == '-' ? 1 : 0;
        var firstDigit = at;
        long small = 0;
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            small = unchecked((small * 10) + (text[at] - '0'));
            at++;
        }
        var digits = at - firstDigit;
        if (digits == 0 || (digits > 1 && text[firstDigit] == '0'))
            return false;
        if (at == text.Length && digits <= 15)
        {
            number = firstDigit == 1 ? -(double)small : small;
            return true;
        }
        if (at < text.Length && text[at] == '.')
        {
            var fraction = ++at;
            at = SkipDigits(text, at);
            if (at == fraction)
                return false;
        }
        if (at < text.Length && (text[at] | 0x20) == 'e')
        {
            at++;
            if (at < text.Length && text[at] is (byte)'+' or (byte)'-')
                at++;
            var exponent = at;
            at = SkipDigits(text, at);
            if (at == exponent)
                return false;
        }
        return at == text.Length && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }

    private static int SkipDigits(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
            at++;
        return at;
    }
}
