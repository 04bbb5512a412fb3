using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>An <see cref="AuditFilter"/> as SQL.</summary>
internal sealed class AuditCondition
{
    private readonly AuditFilter _filter;
    private readonly string _terms;
    private readonly List<(string Column, object Value)> _lead = [];

    internal AuditCondition(Guid organizationId, AuditFilter filter, IReadOnlyCollection<string> words)
    {
        (OrganizationId, _filter) = (organizationId, filter);
        var terms = new List<string> { AuditTerms.Organization(organizationId) };
        void Add(string? value, Func<string, string> term)
        {
            if (value is not null)
                terms.Add(term(value));
        }

        Add(filter.Project, AuditTerms.Project);
        Add(filter.Environment, AuditTerms.Environment);
        Add(filter.Entity, AuditTerms.Entity);
        Add(filter.EntityKey, AuditTerms.EntityKey);
        Add(filter.Action, AuditTerms.Action);
        Add(filter.ActorKind, AuditTerms.ActorKind);
        Add(filter.ActorName, AuditTerms.ActorName);
        Add(filter.Address, AuditTerms.Address);
        if (filter.ActorId is { } actor)
            terms.Add(AuditTerms.Actor(actor));
        if (filter.TokenId is { } token)
            terms.Add(AuditTerms.Token(token));
        string[][] visible = filter.VisibleProjects is { } projects ? [[.. projects.Select(AuditTerms.Project)]] : [];
        _terms = AuditTerms.Query(terms, visible, words);
        Lead();
        IsOrdered = terms.Count - 1 == _lead.Count && words.Count == 0 && visible.Length == 0 && filter.From is null && filter.To is null;
    }

    internal Guid OrganizationId { get; }

    /// <summary>True where an index has exactly these entries in their order, so that nothing needs to be looked through.</summary>
    internal bool IsOrdered { get; }

    /// <summary>What fits among the newest <paramref name="near"/> entries of the best ordered index.</summary>
    internal NpgsqlCommand Near(NpgsqlConnection connection, long lowest, long highest, int near, int limit)
    {
        var command = Command(connection, lowest, highest);
        var inner = $"SELECT * FROM audit_entries WHERE {LeadCondition(command)} ORDER BY sequence DESC LIMIT {(IsOrdered ? limit : near)}";
        command.CommandText = IsOrdered
            ? $"SELECT {AuditChain.EntryColumns} FROM ({inner}) near ORDER BY sequence DESC"
            : $"SELECT {AuditChain.EntryColumns} FROM ({inner}) near WHERE search @@ {Parameter(command, _terms)}::tsquery{Times(command, "at")} ORDER BY sequence DESC LIMIT {limit}";
        return command;
    }

    /// <summary>The number of the last of those entries; nothing when there are fewer.</summary>
    internal NpgsqlCommand NearEnd(NpgsqlConnection connection, long lowest, long highest, int near)
    {
        var command = Command(connection, lowest, highest);
        command.CommandText = $"SELECT sequence FROM audit_entries WHERE {LeadCondition(command)} ORDER BY sequence DESC OFFSET {near - 1} LIMIT 1";
        return command;
    }

    /// <summary>What fits anywhere, by the inverted index. Adding nothing to number and time keeps the ordered indexes out of it.</summary>
    internal NpgsqlCommand Far(NpgsqlConnection connection, long lowest, long highest, int limit)
    {
        var command = Command(connection, lowest, highest);
        command.CommandText =
            $"""
            WITH found AS MATERIALIZED (
                SELECT sequence FROM audit_entries
                WHERE search @@ {Parameter(command, _terms)}::tsquery AND sequence + 0 BETWEEN $2 AND $3{Times(command, "at + interval '0'")}),
            newest AS MATERIALIZED (SELECT sequence FROM found ORDER BY sequence DESC LIMIT {limit})
            SELECT {AuditChain.EntryColumns} FROM audit_entries WHERE organization_id = $1 AND sequence IN (SELECT sequence FROM newest) ORDER BY sequence DESC
            """;
        return command;
    }

    private void Lead()
    {
        if (_filter is { Entity: { } entity, EntityKey: { } key })
            _lead.AddRange([("entity", entity), ("entity_key", key)]);
        else if (_filter.ActorId is { } actor)
            _lead.Add(("actor_id", actor));
        else if (_filter.Action is { } action)
            _lead.Add(("action", action));
        else if (_filter.Project is { } project)
            _lead.Add(("project", project));
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, long lowest, long highest)
    {
        var command = new NpgsqlCommand { Connection = connection };
        Parameter(command, OrganizationId);
        Parameter(command, lowest);
        Parameter(command, highest);
        return command;
    }

    private string LeadCondition(NpgsqlCommand command) =>
        string.Concat(_lead.Select(lead => $"{lead.Column} = {Parameter(command, lead.Value)} AND ")) + "organization_id = $1 AND sequence BETWEEN $2 AND $3";

    private string Times(NpgsqlCommand command, string column) =>
        (_filter.From is { } from ? $" AND {column} >= {Parameter(command, from.ToUniversalTime())}" : "")
        + (_filter.To is { } to ? $" AND {column} < {Parameter(command, to.ToUniversalTime())}" : "");

    private static string Parameter(NpgsqlCommand command, object value)
    {
        command.Parameters.Add(value is string text ? new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Text } : new NpgsqlParameter { Value = value });
        return $"${command.Parameters.Count}";
    }
}
