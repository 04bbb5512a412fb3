namespace Togglr.Evaluation.Formats;

/// <summary>An IPv4 or IPv6 address. An IPv4-mapped IPv6 address is the IPv4 address.</summary>
internal readonly record struct IpAddress(bool IsV4, UInt128 Bits)
{
    private static readonly UInt128 s_mapped = new(0, 0xFFFF_0000_0000);

    public static bool TryParse(ReadOnlySpan<byte> text, out IpAddress address)
    {
        if (!TryParseAsWritten(text, out address))
            return false;
        if (!address.IsV4 && (address.Bits >> 32) == (s_mapped >> 32))
            address = new IpAddress(true, address.Bits & uint.MaxValue);
        return true;
    }

    /// <summary>Reads an address and keeps an IPv4-mapped one as IPv6: a range's prefix length counts from there.</summary>
    public static bool TryParseAsWritten(ReadOnlySpan<byte> text, out IpAddress address)
    {
        if (text.Contains((byte)':'))
        {
            var isV6 = TryParseV6(text, out var bits);
            address = new IpAddress(false, bits);
            return isV6;
        }
        var isV4 = TryParseV4(text, out var small);
        address = new IpAddress(true, small);
        return isV4;
    }

    /// <summary>Decimal digits without leading zeros, at most <paramref name="maximum"/>.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<byte> text, int maximum, out int value)
    {
        value = 0;
        if (text.Length is 0 or > 3 || (text.Length > 1 && text[0] == '0'))
            return false;
        foreach (var character in text)
        {
            var digit = (uint)(character - '0');
            if (digit > 9)
                return false;
            value = (value * 10) + (int)digit;
        }
        return value <= maximum;
    }

    private static bool TryParseV4(ReadOnlySpan<byte> text, out uint bits)
    {
        bits = 0;
        for (var part = 0; part < 4; part++)
        {
            var end = part < 3 ? text.IndexOf((byte)'.') : text.Length;
            if (end < 0 || !TryParseDecimal(text[..end], 255, out var value))
                return false;
            bits = (bits << 8) | (uint)value;
            text = part < 3 ? text[(end + 1)..] : [];
        }
        return true;
    }

    private static bool TryParseV6(ReadOnlySpan<byte> text, out UInt128 bits)
    {
        bits = default;
        var gap = text.IndexOf("::"u8);
        if (gap < 0)
            return TryParseGroups(text, out bits, out var all) && all == 8;
        UInt128 head = default;
        UInt128 tail = default;
        var before = 0;
        var after = 0;
        var left = text[..gap];
        var right = text[(gap + 2)..];
        // An IPv4 ending belongs to the end of the address only.
        if ((!left.IsEmpty && (left.Contains((byte)'.') || !TryParseGroups(left, out head, out before)))
            || (!right.IsEmpty && !TryParseGroups(right, out tail, out after)) || before + after > 7)
            return false;
        bits = before == 0 ? tail : (head << ((8 - before) * 16)) | tail;
        return true;
    }

    private static bool TryParseGroups(ReadOnlySpan<byte> text, out UInt128 bits, out int groups)
    {
        bits = default;
        groups = 0;
        while (true)
        {
            var end = text.IndexOf((byte)':');
            var group = end < 0 ? text : text[..end];
            if (end < 0 && group.Contains((byte)'.'))
            {
                if (!TryParseV4(group, out var v4))
                    return false;
                bits = (bits << 32) | v4;
                groups += 2;
                return groups <= 8;
            }
            if (group.Length is 0 or > 4 || ++groups > 8)
                return false;
            uint value = 0;
            foreach (var character in group)
            {
                var digit = (uint)(character - '0');
                if (digit > 9)
                {
                    digit = (uint)((character | 0x20) - 'a') + 10;
                    if (digit is < 10 or > 15)
                        return false;
                }
                value = (value << 4) | digit;
            }
            bits = (bits << 16) | value;
            if (end < 0)
                return true;
            text = text[(end + 1)..];
        }
    }
}
