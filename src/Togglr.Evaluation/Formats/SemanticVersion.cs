namespace Togglr.Evaluation.Formats;

/// <summary>
/// A semantic version (SemVer 2.0 precedence) over the text it was read from: a leading small <c>v</c> and a missing minor or patch are allowed, numbers
/// have any length, build metadata is checked and ignored.
/// </summary>
internal readonly ref struct SemanticVersion
{
    private readonly ReadOnlySpan<byte> _major;
    private readonly ReadOnlySpan<byte> _minor;
    private readonly ReadOnlySpan<byte> _patch;
    private readonly ReadOnlySpan<byte> _prerelease;

    private SemanticVersion(ReadOnlySpan<byte> major, ReadOnlySpan<byte> minor, ReadOnlySpan<byte> patch, ReadOnlySpan<byte> prerelease)
    {
        _major = major;
        _minor = minor;
        _patch = patch;
        _prerelease = prerelease;
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out SemanticVersion version)
    {
        version = default;
        if (text is [(byte)'v', ..])
            text = text[1..];
        if (!Number(ref text, out var major))
            return false;
        var minor = "0"u8;
        var patch = "0"u8;
        if (text is [(byte)'.', ..])
        {
            text = text[1..];
            if (!Number(ref text, out minor))
                return false;
            if (text is [(byte)'.', ..])
            {
                text = text[1..];
                if (!Number(ref text, out patch))
                    return false;
            }
        }
        ReadOnlySpan<byte> prerelease = [];
        if (text is [(byte)'-', ..])
        {
            var end = text.IndexOf((byte)'+');
            prerelease = end < 0 ? text[1..] : text[1..end];
            text = end < 0 ? [] : text[end..];
            if (!Identifiers(prerelease, numbersAreExact: true))
                return false;
        }
        if (text is [(byte)'+', ..])
        {
            if (!Identifiers(text[1..], numbersAreExact: false))
                return false;
            text = [];
        }
        version = new SemanticVersion(major, minor, patch, prerelease);
        return text.IsEmpty;
    }

    public int PrecedenceAgainst(in SemanticVersion other)
    {
        var order = CompareNumbers(_major, other._major);
        if (order == 0)
            order = CompareNumbers(_minor, other._minor);
        if (order == 0)
            order = CompareNumbers(_patch, other._patch);
        return order != 0 ? order : ComparePrereleases(_prerelease, other._prerelease);
    }

    private static int ComparePrereleases(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.IsEmpty || right.IsEmpty)
            return left.IsEmpty.CompareTo(right.IsEmpty);
        while (!left.IsEmpty && !right.IsEmpty)
        {
            var a = NextIdentifier(ref left);
            var b = NextIdentifier(ref right);
            var aIsNumber = !a.ContainsAnyExceptInRange((byte)'0', (byte)'9');
            var bIsNumber = !b.ContainsAnyExceptInRange((byte)'0', (byte)'9');
            var order = (aIsNumber, bIsNumber) switch
            {
                (true, true) => CompareNumbers(a, b),
                (true, false) => -1,
                (false, true) => 1,
                _ => a.SequenceCompareTo(b),
            };
            if (order != 0)
                return order;
        }
        // The longer one is greater; both are empty when they are equal.
        return right.IsEmpty.CompareTo(left.IsEmpty);
    }

    private static ReadOnlySpan<byte> NextIdentifier(scoped ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'.');
        var identifier = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return identifier;
    }

    // Neither has leading zeros, so the longer one is greater.
    private static int CompareNumbers(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);

    private static bool Number(scoped ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> number)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        number = end < 0 ? text : text[..end];
        text = text[number.Length..];
        return number.Length == 1 || (number.Length > 1 && number[0] != '0');
    }

    private static bool Identifiers(ReadOnlySpan<byte> text, bool numbersAreExact)
    {
        while (true)
        {
            var end = text.IndexOf((byte)'.');
            var identifier = end < 0 ? text : text[..end];
            if (identifier.IsEmpty)
                return false;
            var isNumber = true;
            foreach (var character in identifier)
            {
                if ((uint)(character - '0') <= 9)
                    continue;
                if (character != '-' && (uint)((character | 0x20) - 'a') > 25)
                    return false;
                isNumber = false;
            }
            if (numbersAreExact && isNumber && identifier.Length > 1 && identifier[0] == '0')
                return false;
            if (end < 0)
                return true;
            text = text[(end + 1)..];
        }
    }
}
