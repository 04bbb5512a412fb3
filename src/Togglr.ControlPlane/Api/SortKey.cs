using System.Globalization;
using System.Linq.Expressions;
using Togglr.Hosting.Http;

namespace Togglr.ControlPlane.Api;

/// <summary>One order of a list: by a value, then by id so that it is total.</summary>
internal abstract record SortKey<T>(string Name, Expression<Func<T, Guid>> Id)
{
    public abstract IQueryable<T> Order(IQueryable<T> query, bool descending);

    /// <summary>The items after a cursor; null when the cursor's value is not one of this order.</summary>
    public abstract IQueryable<T>? After(IQueryable<T> query, ListCursor cursor, bool descending);

    private readonly Func<T, Guid> _id = Id.Compile();

    public Guid IdOf(T item) => _id(item);

    /// <summary>The cursor value of an item.</summary>
    public abstract string ValueOf(T item);

    public static SortKey<T> Text(string name, Expression<Func<T, string>> value, Expression<Func<T, Guid>> id) => new TextKey(name, value, id);

    public static SortKey<T> Time(string name, Expression<Func<T, DateTimeOffset>> value, Expression<Func<T, Guid>> id) => new TimeKey(name, value, id);

    public static SortKey<T> Number(string name, Expression<Func<T, long>> value, Expression<Func<T, Guid>> id) => new NumberKey(name, value, id);

    private static IQueryable<T> Order<TValue>(IQueryable<T> query, Expression<Func<T, TValue>> value, Expression<Func<T, Guid>> id, bool descending) =>
        descending ? query.OrderByDescending(value).ThenByDescending(id) : query.OrderBy(value).ThenBy(id);

    /// <summary>Applies a condition on value and id to the item that they come from.</summary>
    private static IQueryable<T> Where<TValue>(
        IQueryable<T> query, Expression<Func<T, TValue>> value, Expression<Func<T, Guid>> id, Expression<Func<TValue, Guid, bool>> condition)
    {
        var item = value.Parameters[0];
        var sameId = new Substitution([id.Parameters[0]], [item]).Visit(id.Body);
        var body = new Substitution(condition.Parameters, [value.Body, sameId]).Visit(condition.Body);
        return query.Where(Expression.Lambda<Func<T, bool>>(body, item));
    }

    private sealed record TextKey(string Name, Expression<Func<T, string>> Value, Expression<Func<T, Guid>> Id) : SortKey<T>(Name, Id)
    {
        private readonly Func<T, string> _value = Value.Compile();

        public override IQueryable<T> Order(IQueryable<T> query, bool descending) => Order(query, Value, Id, descending);

        public override IQueryable<T> After(IQueryable<T> query, ListCursor cursor, bool descending)
        {
            var (last, id) = (cursor.Value, cursor.Id);
            return descending
                ? Where(query, Value, Id, (value, key) => string.Compare(value, last) < 0 || (value == last && key.CompareTo(id) < 0))
                : Where(query, Value, Id, (value, key) => string.Compare(value, last) > 0 || (value == last && key.CompareTo(id) > 0));
        }

        public override string ValueOf(T item) => _value(item);
    }

    private sealed record TimeKey(string Name, Expression<Func<T, DateTimeOffset>> Value, Expression<Func<T, Guid>> Id) : SortKey<T>(Name, Id)
    {
        private readonly Func<T, DateTimeOffset> _value = Value.Compile();

        public override IQueryable<T> Order(IQueryable<T> query, bool descending) => Order(query, Value, Id, descending);

        public override IQueryable<T>? After(IQueryable<T> query, ListCursor cursor, bool descending)
        {
            if (!long.TryParse(cursor.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) || ticks > DateTimeOffset.MaxValue.Ticks)
                return null;
            var (last, id) = (new DateTimeOffset(ticks, TimeSpan.Zero), cursor.Id);
            return descending
                ? Where(query, Value, Id, (value, key) => value < last || (value == last && key.CompareTo(id) < 0))
                : Where(query, Value, Id, (value, key) => value > last || (value == last && key.CompareTo(id) > 0));
        }

        public override string ValueOf(T item) => _value(item).UtcTicks.ToString(CultureInfo.InvariantCulture);
    }

    private sealed record NumberKey(string Name, Expression<Func<T, long>> Value, Expression<Func<T, Guid>> Id) : SortKey<T>(Name, Id)
    {
        private readonly Func<T, long> _value = Value.Compile();

        public override IQueryable<T> Order(IQueryable<T> query, bool descending) => Order(query, Value, Id, descending);

        public override IQueryable<T>? After(IQueryable<T> query, ListCursor cursor, bool descending)
        {
            if (!long.TryParse(cursor.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var last))
                return null;
            var id = cursor.Id;
            return descending
                ? Where(query, Value, Id, (value, key) => value < last || (value == last && key.CompareTo(id) < 0))
                : Where(query, Value, Id, (value, key) => value > last || (value == last && key.CompareTo(id) > 0));
        }

        public override string ValueOf(T item) => _value(item).ToString(CultureInfo.InvariantCulture);
    }
}
