using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Togglr.ControlPlane.Api;

/// <summary>A page of a list.</summary>
/// <param name="Items">At most <c>limit</c> items.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null at the end.</param>
/// <param name="Total">How many items the whole list has with these filters.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor, long Total);

/// <summary>What every list accepts.</summary>
/// <param name="Limit">Items on a page.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Sort">The order.</param>
/// <param name="Search">A part of the key, name or description, whatever its case.</param>
public sealed record ListQuery(
    [property: FromQuery(Name = "limit"), Description("Items on a page, 1 to 200; 50 if absent")] int? Limit,
    [property: FromQuery(Name = "cursor"), Description("nextCursor of the page before")] string? Cursor,
    [property: FromQuery(Name = "sort"), Description("What to sort by; a leading - means descending")] string? Sort,
    [property: FromQuery(Name = "search"), Description("A part of the key, name or description; case does not matter")] string? Search);
