namespace Togglr.Evaluation.Formats;

/// <summary>A set of addresses and CIDR ranges as sorted, disjoint intervals: one binary search however long the list is.</summary>
internal sealed class IpRanges
{
    private readonly (UInt128 First, UInt128 Last)[] _v4;
    private readonly (UInt128 First, UInt128 Last)[] _v6;

    private IpRanges(List<(UInt128 First, UInt128 Last)> v4, List<(UInt128 First, UInt128 Last)> v6)
    {
        _v4 = Merge(v4);
        _v6 = Merge(v6);
    }

    /// <summary>For analysis: the first and last addresses of all ranges.</summary>
    public IEnumerable<(IpAddress First, IpAddress Last)> Bounds =>
        _v4.Select(range => (new IpAddress(true, range.First), new IpAddress(true, range.Last)))
            .Concat(_v6.Select(range => (new IpAddress(false, range.First), new IpAddress(false, range.Last))));

    public bool Contains(in IpAddress address)
    {
        var ranges = address.IsV4 ? _v4 : _v6;
        var low = 0;
        var high = ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (address.Bits < ranges[middle].First)
                high = middle - 1;
            else if (address.Bits > ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }
        return false;
    }

    /// <summary>Collects ranges as they are read.</summary>
    public sealed class Builder
    {
        private readonly List<(UInt128, UInt128)> _v4 = [];
        private readonly List<(UInt128, UInt128)> _v6 = [];

        /// <summary>Adds an address or a range; false when the text is neither. Host bits are ignored.</summary>
        public bool TryAdd(ReadOnlySpan<byte> text)
        {
            var slash = text.IndexOf((byte)'/');
            if (!IpAddress.TryParseAsWritten(slash < 0 ? text : text[..slash], out var address))
                return false;
            var width = address.IsV4 ? 32 : 128;
            var prefix = width;
            if (slash >= 0 && !IpAddress.TryParseDecimal(text[(slash + 1)..], width, out prefix))
                return false;
            var hosts = prefix == width ? 0 : UInt128.MaxValue >> (128 - (width - prefix));
            var first = address.Bits & ~hosts;
            var last = address.Bits | hosts;
            // A range of mapped addresses is one of IPv4; a wider one holds no IPv4 address.
            if (!address.IsV4 && prefix >= 96 && (first >> 32) == 0xFFFF)
                _v4.Add((first & uint.MaxValue, last & uint.MaxValue));
            else
                (address.IsV4 ? _v4 : _v6).Add((first, last));
            return true;
        }

        public IpRanges Build() => new(_v4, _v6);
    }

    private static (UInt128 First, UInt128 Last)[] Merge(List<(UInt128 First, UInt128 Last)> ranges)
    {
        ranges.Sort((a, b) => a.First.CompareTo(b.First));
        var merged = new List<(UInt128 First, UInt128 Last)>(ranges.Count);
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last)
                merged[^1] = (merged[^1].First, UInt128.Max(merged[^1].Last, range.Last));
            else
                merged.Add(range);
        }
        return [.. merged];
    }
}
