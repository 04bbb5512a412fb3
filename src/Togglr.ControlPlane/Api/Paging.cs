using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.Api;

/// <summary>Reads one page of a query: positions instead of offsets, so nothing is shown twice or skipped when rows come and go.</summary>
internal static class Paging
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;
    /// <summary>What makes a wildcard of a pattern an ordinary character.</summary>
    public const string Escape = "\\";

    /// <summary>A page whose views need nothing but the rows.</summary>
    public static Task<(Page<TView>? Page, Problem? Problem)> ReadAsync<T, TView>(
        IQueryable<T> query, ListQuery list, IReadOnlyList<SortKey<T>> sorts, Func<IReadOnlyList<T>, IEnumerable<TView>> toViews, CancellationToken cancel,
        bool descendingByDefault = false) =>
        ReadAsync(query, list, sorts, rows => Task.FromResult<IReadOnlyList<TView>>([.. toViews(rows)]), cancel, descendingByDefault);

    /// <summary>
    /// A page of <paramref name="query"/> in the order that <paramref name="list"/> asks for (by default the first of <paramref name="sorts"/>), each row
    /// turned into its view, or the problem with what was asked for.
    /// </summary>
    public static async Task<(Page<TView>? Page, Problem? Problem)> ReadAsync<T, TView>(
        IQueryable<T> query, ListQuery list, IReadOnlyList<SortKey<T>> sorts, Func<IReadOnlyList<T>, Task<IReadOnlyList<TView>>> toViews, CancellationToken cancel,
        bool descendingByDefault = false)
    {
        var limit = list.Limit ?? DefaultLimit;
        if (limit is < 1 or > MaxLimit)
            return (null, Problem.Invalid(new ProblemItem("out_of_range", "limit", $"limit must be from 1 to {MaxLimit}.")));
        var name = list.Sort ?? (descendingByDefault ? "-" : "") + sorts[0].Name;
        var descending = name.StartsWith('-');
        var sort = sorts.FirstOrDefault(sort => sort.Name == (descending ? name[1..] : name));
        if (sort is null)
            return (null, Problem.Invalid(new ProblemItem("unknown_sort", "sort", $"sort must be one of {string.Join(", ", sorts.Select(sort => sort.Name))}, with a leading - for descending.")));

        var rest = query;
        if (list.Cursor is { } text)
        {
            var after = ListCursor.Decode(text) is { } cursor && cursor.Sort == name ? sort.After(query, cursor, descending) : null;
            if (after is null)
                return (null, Problem.Invalid(new ProblemItem("bad_cursor", "cursor", "cursor is not a nextCursor of this list with this sort.")));
            rest = after;
        }

        var rows = await sort.Order(rest, descending).Take(limit + 1).ToListAsync(cancel);
        var hasMore = rows.Count > limit;
        if (hasMore)
            rows.RemoveAt(limit);
        long total = list.Cursor is null && !hasMore ? rows.Count : await query.LongCountAsync(cancel);
        var next = hasMore ? new ListCursor(name, sort.ValueOf(rows[^1]), sort.IdOf(rows[^1])).Encode() : null;
        return (new Page<TView>(await toViews(rows), next, total), null);
    }

    /// <summary>The rows in one of whose texts something occurs, in upper or lower case; all of them where nothing is looked for.</summary>
    public static IQueryable<T> Search<T>(this IQueryable<T> query, string? search, params Expression<Func<T, string>>[] texts)
    {
        if (Pattern(search) is not { } pattern)
            return query;
        Expression<Func<string, bool>> matches = text => EF.Functions.ILike(text, pattern, Escape);
        var row = texts[0].Parameters[0];
        var any = texts
            .Select(text => new Substitution([text.Parameters[0]], [row]).Visit(text.Body))
            .Select(text => new Substitution(matches.Parameters, [text]).Visit(matches.Body))
            .Aggregate(Expression.OrElse);
        return query.Where(Expression.Lambda<Func<T, bool>>(any, row));
    }

    /// <summary>A <c>LIKE</c> pattern for a part of a text, with the text's own wildcards taken literally; null for no search.</summary>
    public static string? Pattern(string? search) =>
        string.IsNullOrEmpty(search)
            ? null
            : $"%{search.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}
