using System.Globalization;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>
/// The contexts that an algorithm tells apart. A cell is named by the number of the value of each attribute, 0 for any other: <c>2.0</c>; without attributes there is the one cell <c></c>.
/// </summary>
public static class AlgorithmCells
{
    /// <summary>All of them. The last is where every attribute has some other value, or none.</summary>
    public static IReadOnlyList<string> All(IReadOnlyList<AlgorithmContext> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        IEnumerable<int[]> cells = [[]];
        foreach (var part in context)
            cells = [.. cells.SelectMany(cell => Enumerable.Range(1, part.Values.Count).Append(0).Select(value => (int[])[.. cell, value]))];
        return [.. cells.Select(Name)];
    }

    /// <summary>The numbers in a cell's name.</summary>
    public static int[] Parse(string cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell.Length == 0 ? [] : [.. cell.Split('.').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
    }

    /// <summary>What the linear models see of a cell: 1, and for every value that is told apart whether it is that.</summary>
    public static double[] Features(IReadOnlyList<AlgorithmContext> context, string cell)
    {
        ArgumentNullException.ThrowIfNull(context);
        var values = Parse(cell);
        return [1, .. context.SelectMany((part, i) => Enumerable.Range(1, part.Values.Count).Select(value => values[i] == value ? 1.0 : 0))];
    }

    /// <summary>The cell of the attributes that an event came with.</summary>
    /// <param name="context">What is told apart.</param>
    /// <param name="attributes">A JSON object; anything else has no attributes.</param>
    public static string Of(IReadOnlyList<AlgorithmContext> context, JsonElement attributes)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Name([.. context.Select(part => Text(attributes, part.Attribute) is { } text ? IndexOf(part.Values, text) + 1 : 0)]);
    }

    /// <summary>What a cell is called by people: <c>country=DE, device=other</c>; empty where nothing is told apart.</summary>
    public static string Describe(IReadOnlyList<AlgorithmContext> context, string cell)
    {
        ArgumentNullException.ThrowIfNull(context);
        var values = Parse(cell);
        return string.Join(", ", context.Select((part, i) => $"{part.Attribute}={(values[i] == 0 ? "*" : part.Values[values[i] - 1])}"));
    }

    internal static bool Same(IReadOnlyList<AlgorithmContext> left, IReadOnlyList<AlgorithmContext> right) =>
        left.Count == right.Count && left.Zip(right).All(pair => pair.First.Attribute == pair.Second.Attribute && pair.First.Values.SequenceEqual(pair.Second.Values, StringComparer.Ordinal));

    private static string Name(int[] values) => string.Join('.', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));

    private static int IndexOf(IReadOnlyList<string> values, string text)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] == text)
                return i;
        }

        return -1;
    }

    // As a condition of the snapshot compares: the exact name, then a path; texts, and what numbers and booleans look like.
    private static string? Text(JsonElement attributes, string name)
    {
        if (attributes.ValueKind != JsonValueKind.Object)
            return null;
        if (!attributes.TryGetProperty(name, out var value))
        {
            value = attributes;
            foreach (var part in name.Split('.'))
            {
                if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value))
                    return null;
            }
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => null,
        };
    }
}
