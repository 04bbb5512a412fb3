using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Api;

/// <summary>Turns the store's expected failures into answers.</summary>
internal static class StoreProblems
{
    public static Problem ToProblem(this StoreError error) => error.Code switch
    {
        ErrorCodes.ValidationFailed => Problem.Invalid(new ProblemItem("invalid", Pointer(error.Path), error.Message)),
        ErrorCodes.AlreadyExists => Problem.AlreadyExists(error.Message),
        ErrorCodes.InUse => Problem.InUse(error.Message, Uses(error.UsedBy)),
        ErrorCodes.PreconditionFailed => Problem.PreconditionFailed(error.CurrentVersion),
        ErrorCodes.Unavailable => Problem.Unavailable(error.Message),
        _ => Problem.Conflict(error.Message, error.Code),
    };

    private static string Pointer(string? path) => string.IsNullOrEmpty(path) ? "" : path[0] == '/' ? path : "/" + path;

    /// <summary><c>flags/checkout/environments/prod</c> and its like, gathered by entity.</summary>
    private static List<ProblemUse> Uses(IReadOnlyList<string> places)
    {
        var uses = new List<ProblemUse>();
        foreach (var place in places.Select(place => place.Split('/')).Where(place => place.Length >= 2).GroupBy(place => (Kind: place[0], Key: place[1])))
        {
            string[] environments = [.. place.Where(parts => parts is [_, _, "environments", ..] && parts.Length > 3).Select(parts => parts[3]).Distinct(StringComparer.Ordinal)];
            uses.Add(new ProblemUse(place.Key.Kind.TrimEnd('s'), place.Key.Key, environments));
        }
        return uses;
    }
}

/// <summary>What every text must be to be stored.</summary>
internal static class Texts
{
    /// <summary>A fault when the text has a character that PostgreSQL cannot keep: U+0000 or half of a surrogate pair.</summary>
    public static ProblemItem? Fault(string text, string path)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !isPair))
                return new ProblemItem("invalid", path, "The text has a character that cannot be stored.");
            if (isPair)
                i++;
        }
        return null;
    }
}
