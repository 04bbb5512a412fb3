using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Togglr.ControlPlane.Api;

/// <summary>A value of an enumeration in a query, spelled as in bodies (<c>excluded</c>); the framework itself would want <c>Excluded</c>, or take numbers.</summary>
public readonly record struct Choice<T>(T Value)
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> Names =
        Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), value => value, StringComparer.Ordinal);

#pragma warning disable CA1000 // The framework finds this static method by its name.
    /// <summary>Reads one; false for what is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Choice<T> choice)
    {
        var isKnown = Names.TryGetValue(text ?? "", out var value);
        choice = new Choice<T>(value);
        return isKnown;
    }
#pragma warning restore CA1000
}
