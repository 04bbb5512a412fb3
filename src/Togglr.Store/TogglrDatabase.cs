using Npgsql;

namespace Togglr.Store;

/// <summary>The way to the control data: known as soon as the store has started.</summary>
public sealed class TogglrDatabase : IAsyncDisposable
{
    private NpgsqlDataSource? _dataSource;

    /// <summary>The connections.</summary>
    /// <exception cref="InvalidOperationException">The store has not started.</exception>
    public NpgsqlDataSource DataSource => Volatile.Read(ref _dataSource) ?? throw new InvalidOperationException("The store has not started yet.");

    /// <summary>True once the database is there and has the schema of this program.</summary>
    public bool IsReady => Volatile.Read(ref _dataSource) is not null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _dataSource, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal void Use(NpgsqlDataSource dataSource) => Volatile.Write(ref _dataSource, dataSource);
}
