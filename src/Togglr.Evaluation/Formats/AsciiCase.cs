namespace Togglr.Evaluation.Formats;

/// <summary>Comparison that folds the ASCII letters and nothing else. The right-hand side is folded already.</summary>
internal static class AsciiCase
{
    public static byte Fold(byte character) => (uint)(character - 'A') <= 25 ? (byte)(character | 0x20) : character;

    public static byte[] Fold(ReadOnlySpan<byte> text)
    {
        var folded = text.ToArray();
        foreach (ref var character in folded.AsSpan())
            character = Fold(character);
        return folded;
    }

    public static bool EqualsFolded(ReadOnlySpan<byte> text, ReadOnlySpan<byte> folded)
    {
        if (text.Length != folded.Length)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (Fold(text[i]) != folded[i])
                return false;
        }
        return true;
    }

    public static bool ContainsFolded(ReadOnlySpan<byte> text, ReadOnlySpan<byte> folded)
    {
        for (var start = 0; start + folded.Length <= text.Length; start++)
        {
            if (EqualsFolded(text.Slice(start, folded.Length), folded))
                return true;
        }
        return false;
    }
}
