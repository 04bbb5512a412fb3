namespace Togglr.Store;

/// <summary>
/// What an entry is found by: the words of its texts in lower case, and one term per filter. A term of a filter begins with <c>=</c>, which no word has, and the
/// letter of its field. Words are what lies between blanks and ASCII punctuation, so that <c>dark-mode</c> is found by <c>dark</c>, <c>mode</c> and <c>dark-mode</c>.
/// </summary>
internal static class AuditTerms
{
    private const int MaximumWords = 200;
    private const int MaximumLength = 400;

    internal static string Organization(Guid id) => $"=o{id}";

    internal static string Project(string key) => Cut($"=p{key}");

    internal static string Environment(string key) => Cut($"=e{key}");

    internal static string Entity(string entity) => Cut($"=n{entity}");

    internal static string EntityKey(string key) => Cut($"=k{key}");

    internal static string Action(string action) => Cut($"=a{action}");

    internal static string ActorKind(string kind) => Cut($"=c{kind}");

    internal static string Actor(Guid id) => $"=u{id}";

    internal static string ActorName(string name) => Cut($"=l{name}");

    internal static string Token(Guid id) => $"=t{id}";

    internal static string Address(string address) => Cut($"=i{address}");

    /// <summary>All terms of an entry, each once, in byte order as PostgreSQL keeps them.</summary>
    internal static string[] Of(AuditEntry entry)
    {
        var terms = new HashSet<string>(StringComparer.Ordinal)
        {
            Organization(entry.OrganizationId), Entity(entry.Entity), EntityKey(entry.EntityKey), Action(entry.Action), ActorKind(entry.ActorKind), ActorName(entry.ActorName),
        };
        if (entry.Project is { } project)
            terms.Add(Project(project));
        if (entry.Environment is { } environment)
            terms.Add(Environment(environment));
        if (entry.ActorId is { } actor)
            terms.Add(Actor(actor));
        if (entry.TokenId is { } token)
            terms.Add(Token(token));
        if (entry.Address is { } address)
            terms.Add(Address(address));
        string?[] texts =
            [entry.EntityKey, entry.ActorName, entry.OnBehalfOfName, entry.TokenName, entry.Action, entry.Project, entry.Environment, entry.Reason];
        foreach (var word in texts.SelectMany(WordsOf).Take(MaximumWords))
            terms.Add(word);
        return [.. terms];
    }

    /// <summary>The words of a text, in lower case.</summary>
    internal static IEnumerable<string> WordsOf(string? text)
    {
        if (text is null)
            yield break;
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isPart = i < text.Length && !IsSeparator(text[i]);
            if (isPart && start < 0)
                start = i;
            if (isPart || start < 0)
                continue;
            yield return Cut(text[start..i].ToLowerInvariant());
            start = -1;
        }
    }

    /// <summary>A condition for <c>search @@ $n::tsquery</c>: all of <paramref name="terms"/>, one of each group, and words that begin with the prefixes.</summary>
    internal static string Query(IEnumerable<string> terms, IEnumerable<IReadOnlyCollection<string>> groups, IEnumerable<string> prefixes) => string.Join(
        " & ",
        [
            .. terms.Select(Quote), .. groups.Select(group => $"({string.Join(" | ", group.Select(Quote))})"), .. prefixes.Select(prefix => $"{Quote(prefix)}:*"),
        ]);

    private static bool IsSeparator(char letter) => char.IsWhiteSpace(letter) || char.IsControl(letter) || (char.IsAscii(letter) && !char.IsAsciiLetterOrDigit(letter));

    private static string Quote(string term) =>
        $"'{term.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>PostgreSQL keeps terms of up to 2,046 bytes; never half a surrogate pair.</summary>
    private static string Cut(string term) =>
        term.Length <= MaximumLength ? term : term[..(char.IsHighSurrogate(term[MaximumLength - 1]) ? MaximumLength - 1 : MaximumLength)];
}
