using System.Text;

namespace Togglr.Evaluation.Json;

/// <summary>The text inside a JSON string.</summary>
internal static class JsonText
{
    /// <summary>
    /// Writes the text of a JSON string (without its quotes, already checked by a reader) as UTF-8 and returns its length, which is never more than
    /// the source's. An unpaired surrogate becomes U+FFFD.
    /// </summary>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
            {
                raw.CopyTo(target[written..]);
                return written + raw.Length;
            }
            raw[..plain].CopyTo(target[written..]);
            written += plain;
            var escape = raw[plain + 1];
            raw = raw[(plain + 2)..];
            if (escape != 'u')
            {
                target[written++] = escape switch
                {
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    (byte)'n' => (byte)'\n',
                    (byte)'r' => (byte)'\r',
                    (byte)'t' => (byte)'\t',
                    _ => escape,
                };
                continue;
            }
            var unit = Hexadecimal(raw);
            raw = raw[4..];
            if (char.IsHighSurrogate((char)unit) && raw is [(byte)'\\', (byte)'u', _, _, _, _, ..] && char.IsLowSurrogate((char)Hexadecimal(raw[2..])))
            {
                written += new Rune((char)unit, (char)Hexadecimal(raw[2..])).EncodeToUtf8(target[written..]);
                raw = raw[6..];
                continue;
            }
            var rune = Rune.TryCreate((char)unit, out var scalar) ? scalar : Rune.ReplacementChar;
            written += rune.EncodeToUtf8(target[written..]);
        }
    }

    /// <summary>Replaces the escapes of surrogates that have no partner by the one of U+FFFD, in place. The text may turn out not to be JSON.</summary>
    public static void ReplaceUnpairedSurrogates(Span<byte> json)
    {
        while (json.IndexOf((byte)'\\') is var at and >= 0)
        {
            json = json[at..];
            if (!IsUnit(json))
            {
                json = json[Math.Min(2, json.Length)..];
                continue;
            }
            var unit = (char)Hexadecimal(json[2..]);
            if (char.IsHighSurrogate(unit) && IsUnit(json[6..]) && char.IsLowSurrogate((char)Hexadecimal(json[8..])))
            {
                json = json[12..];
                continue;
            }
            if (char.IsSurrogate(unit))
                "\\ufffd"u8.CopyTo(json);
            json = json[6..];
        }

        static bool IsUnit(ReadOnlySpan<byte> text) => text is [(byte)'\\', (byte)'u', var a, var b, var c, var d, ..]
            && char.IsAsciiHexDigit((char)a) && char.IsAsciiHexDigit((char)b) && char.IsAsciiHexDigit((char)c) && char.IsAsciiHexDigit((char)d);
    }

    private static int Hexadecimal(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        for (var i = 0; i < 4; i++)
        {
            int digit = digits[i];
            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }
        return value;
    }
}
