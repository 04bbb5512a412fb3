namespace Togglr.Store;

/// <summary>Where control data is kept.</summary>
public sealed record StoreOptions
{
    /// <summary>The server's directory; the embedded PostgreSQL lives in <c>postgres</c> below it.</summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>A PostgreSQL (14 or later) to use instead of the embedded one: <c>postgres://user:password@host:port/database</c> or Npgsql keywords.</summary>
    public string? DatabaseUrl { get; init; }

    /// <summary>
    /// The same database as the owner of the tables, who migrates it; <see cref="DatabaseUrl"/> then is a role that can neither change nor remove audit entries.
    /// Null: <see cref="DatabaseUrl"/> migrates too. The embedded PostgreSQL always has both.
    /// </summary>
    public string? MigrationDatabaseUrl { get; init; }

    /// <summary>The keys that sign the audit log; null: it is not signed.</summary>
    public AuditKeys? AuditKeys { get; init; }

    /// <summary>The directory with <c>postgres</c> and <c>initdb</c>; null: the one fetched by the build, else the system's.</summary>
    public string? PostgresBinDirectory { get; init; }

    /// <summary>Most connections that this process opens, 2 to 1,000.</summary>
    public int MaximumConnections { get; init; } = 20;

    /// <summary>How long the database may take to start or answer at start-up before that is an error.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
