using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>The parameters of a statement under construction; everything that people wrote goes through them and never into the text.</summary>
public sealed class SqlParameters
{
    private readonly List<NpgsqlParameter> _values = [];

    /// <summary>Adds a value; the result stands for it in the text.</summary>
    public string Add(object value, NpgsqlDbType? type = null)
    {
        var parameter = new NpgsqlParameter { Value = value };
        if (type is { } known)
            parameter.NpgsqlDbType = known;
        _values.Add(parameter);
        return FormattableString.Invariant($"${_values.Count}");
    }

    /// <summary>New parameters that begin with the first of these.</summary>
    public SqlParameters Copy(int first)
    {
        var copy = new SqlParameters();
        copy._values.AddRange(_values.Take(first).Select(value => value.Clone()));
        return copy;
    }

    /// <summary>The command with the parameters.</summary>
    public NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        foreach (var value in _values)
            command.Parameters.Add(value.Clone());
        return command;
    }
}

/// <summary>Which metric events count, and with what value, as conditions on a row <c>m</c> of <c>events_metric</c>.</summary>
public static class EventCondition
{
    /// <summary>The value of an event: its own, or that of a property where it is a number.</summary>
    public static string Value(string? property, SqlParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (property is null)
            return Bounded("m.value");
        var name = parameters.Add(property);
        return Bounded($"(CASE WHEN jsonb_typeof(m.properties -> {name}) = 'number' THEN (m.properties ->> {name})::float8 END)");
    }

    // Nothing that people do is greater, and the squares of what is left can be added.
    private static string Bounded(string value) => $"(CASE WHEN {value} > 1e100 THEN 1e100::float8 WHEN {value} < -1e100 THEN -1e100::float8 ELSE {value} END)";

    /// <summary>All filters, as one condition.</summary>
    public static string All(IReadOnlyList<MetricFilter> filters, SqlParameters parameters) =>
        filters is null or { Count: 0 } ? "true" : string.Join(" AND ", filters.Select(filter => $"coalesce({One(filter, parameters)}, false)"));

    private static string One(MetricFilter filter, SqlParameters parameters)
    {
        var name = parameters.Add(filter.Property);
        var property = $"(m.properties -> {name})";
        string Json() => parameters.Add(filter.Value!.Value.GetRawText(), NpgsqlDbType.Jsonb);
        string Number(string comparison) => filter.Value is { ValueKind: JsonValueKind.Number } number
            ? $"(CASE WHEN jsonb_typeof({property}) = 'number' THEN (m.properties ->> {name})::float8 {comparison} {parameters.Add(number.GetDouble())} END)"
            : "false";
        return filter.Operator switch
        {
            MetricOperator.Eq => $"{property} = {Json()}",
            MetricOperator.Neq => $"{property} <> {Json()}",
            MetricOperator.In => $"EXISTS (SELECT FROM jsonb_array_elements({Json()}) AS i(item) WHERE i.item = {property})",
            MetricOperator.NotIn => $"{property} IS NOT NULL AND NOT EXISTS (SELECT FROM jsonb_array_elements({Json()}) AS i(item) WHERE i.item = {property})",
            MetricOperator.Gt => Number(">"),
            MetricOperator.Gte => Number(">="),
            MetricOperator.Lt => Number("<"),
            MetricOperator.Lte => Number("<="),
            MetricOperator.Contains => $"(CASE WHEN jsonb_typeof({property}) = 'string' THEN strpos(m.properties ->> {name}, {parameters.Add(filter.Value!.Value.GetString() ?? "")}) > 0 END)",
            MetricOperator.Exists => $"{property} IS NOT NULL",
            _ => $"{property} IS NULL",
        };
    }
}
