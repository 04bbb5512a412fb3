namespace Togglr.Evaluation.Validation;

/// <summary>Finds what a name was probably meant to be.</summary>
public static class Nearness
{
    private const int Longest = 100;

    /// <summary>The only name that differs in case, or in one letter (two in long names); null where there is none or several.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        if (name.Length is < 3 or > Longest)
            return null;
        var limit = name.Length < 6 ? 1 : 2;
        string? best = null;
        var least = limit + 1;
        var isTied = false;
        foreach (var other in known)
        {
            if (Math.Abs(other.Length - name.Length) > limit)
                continue;
            var distance = string.Equals(name, other, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(name, other);
            if (distance == least)
                isTied = true;
            if (distance < least)
                (best, least, isTied) = (other, distance, false);
        }
        return least <= limit && !isTied ? best : null;
    }

    // Levenshtein, one row at a time.
    private static int Distance(string first, string second)
    {
        Span<int> row = stackalloc int[Longest + 3];
        for (var j = 0; j <= second.Length; j++)
            row[j] = j;
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var cost = first[i - 1] == second[j - 1] ? diagonal : diagonal + 1;
                diagonal = row[j];
                row[j] = Math.Min(cost, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[second.Length];
    }
}
