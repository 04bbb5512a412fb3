using Togglr.Sdk.Snapshots;

namespace Togglr.Sdk;

/// <summary>The one place that knows how the client is doing, and who waits for it to be ready.</summary>
internal sealed class StatusBoard(TimeProvider time, Action<ClientStatus> changed)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClientStatus _current = new(ClientState.Initializing, time.GetUtcNow(), SnapshotSource.None, null, "No snapshot yet.");

    public ClientStatus Current => Volatile.Read(ref _current);

    /// <summary>Completes when it is known how the start ended, well or not.</summary>
    public Task Settled => _settled.Task;

    public void Loaded(SnapshotSource source, long revision) =>
        Set(state => state is ClientState.Initializing && source is not SnapshotSource.Network ? ClientState.Stale : state, "Not connected yet.", source, revision);

    public void UpToDate() => Set(state => state is ClientState.Disposed ? state : ClientState.Ready, null);

    public void Interrupted(string error) => Set(
        state => state is ClientState.Ready ? ClientState.Stale : state, error);

    public void Failed(string error) => Set(state => state is ClientState.Disposed ? state : ClientState.Failed, error);

    public void Offline() => Set(_ => ClientState.Offline, "Offline by option.");

    public void Disposed() => Set(_ => ClientState.Disposed, "The client is disposed.");

    private void Set(Func<ClientState, ClientState> next, string? error, SnapshotSource? source = null, long? revision = null)
    {
        ClientStatus updated;
        lock (_lock)
        {
            var before = _current;
            var state = next(before.State);
            if (before.State is ClientState.Disposed)
                return;
            updated = new ClientStatus(
                state, state == before.State ? before.Since : time.GetUtcNow(), source ?? before.Source, revision ?? before.Revision, state is ClientState.Ready ? null : error ?? before.Error);
            if (updated == before)
                return;
            Volatile.Write(ref _current, updated);
            if (state == before.State)
                return;
            changed(updated);
        }

        if (updated.State is not (ClientState.Initializing or ClientState.Stale))
            _settled.TrySetResult();
    }
}
