using System.Buffers;

namespace Togglr.Store;

/// <summary>What keys may look like. Keys never change, appear in paths, and are compared byte by byte.</summary>
public static class KeyFormat
{
    /// <summary>Longest name of anything, in UTF-16 units.</summary>
    public const int MaximumNameLength = 200;

    /// <summary>Longest description of anything, in UTF-16 units.</summary>
    public const int MaximumDescriptionLength = 10_000;

    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    private static readonly SearchValues<char> SlugFirst = SearchValues.Create(Lower + Digits);
    private static readonly SearchValues<char> SlugRest = SearchValues.Create(Lower + Digits + "-");
    private static readonly SearchValues<char> KeyFirst = SearchValues.Create(Lower + Upper + Digits);
    private static readonly SearchValues<char> SegmentRest = SearchValues.Create(Lower + Upper + Digits + "._-");
    private static readonly SearchValues<char> FlagRest = SearchValues.Create(Lower + Upper + Digits + "._-:");
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create(Digits + "abcdefABCDEF");

    /// <summary>Keys of organizations, projects, environments, categories and tags.</summary>
    public static bool IsSlug(string? key) => Matches(key, 50, SlugFirst, SlugRest);

    /// <summary>Keys of flags and variants.</summary>
    public static bool IsFlagKey(string? key) => Matches(key, 100, KeyFirst, FlagRest);

    /// <summary>Keys of segments and names of attributes: a flag's pattern without the colon, so that no two seeds can meet.</summary>
    public static bool IsSegmentKey(string? key) => Matches(key, 100, KeyFirst, SegmentRest);

    internal static StoreError? Slug(string? key, string path) =>
        IsSlug(key) ? null : Result.Invalid(path, "A key is 1 to 50 lower-case letters, digits and hyphens and does not begin with a hyphen.");

    internal static StoreError? Name(string? name, string path) => name switch
    {
        null or "" => Result.Invalid(path, "A name is needed."),
        { Length: > MaximumNameLength } => Result.Invalid(path, $"A name has at most {MaximumNameLength} characters."),
        _ => Text(name, path),
    };

    internal static StoreError? Description(string? description, string path) => description switch
    {
        null => Result.Invalid(path, "A description may be empty but not null."),
        { Length: > MaximumDescriptionLength } => Result.Invalid(path, $"A description has at most {MaximumDescriptionLength} characters."),
        _ => Text(description, path),
    };

    internal static StoreError? Color(string? color, string path) =>
        color is { Length: 7 } && color[0] == '#' && !color.AsSpan(1).ContainsAnyExcept(Hexadecimal) ? null : Result.Invalid(path, "A colour is written #rrggbb.");

    /// <summary>PostgreSQL texts hold neither U+0000 nor unpaired surrogates.</summary>
    internal static StoreError? Text(string text, string path)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
                return Result.Invalid(path, "The character U+0000 is not allowed.");
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return Result.Invalid(path, "The text holds half of a surrogate pair.");
            i++;
        }

        return null;
    }

    private static bool Matches(string? key, int maximum, SearchValues<char> first, SearchValues<char> rest) =>
        key is { Length: > 0 } && key.Length <= maximum && first.Contains(key[0]) && !key.AsSpan(1).ContainsAnyExcept(rest);
}
