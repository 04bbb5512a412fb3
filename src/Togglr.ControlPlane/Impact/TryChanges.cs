using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Impact;

/// <summary>What changes would make of the snapshot of one environment.</summary>
/// <param name="Environment">The environment, at the revision on which the patch builds.</param>
/// <param name="Utf8Patch">A patch from there.</param>
internal sealed record TriedPatch(EnvironmentRevision Environment, ReadOnlyMemory<byte> Utf8Patch);

/// <summary>Makes calls in a transaction that is then undone, and reads in between what they make of the snapshots: exactly what SDKs would get.</summary>
internal sealed class TryChanges(CommandReplay replay, TogglrDatabase database, ChangeSignal signal, AuditSeal seal)
{
    public async Task<(IReadOnlyList<TriedPatch> Patches, ReplayFailure? Failure)> RunAsync(
        Guid organization, Guid project, Caller author, IReadOnlyList<ChangeCommand> commands, CancellationToken cancel)
    {
        await using var ambient = await AmbientTransaction.BeginAsync(database, signal, seal, organization, project, cancel);
        foreach (var command in commands)
        {
            // Whether it needs an approval is not the question here: nothing of it stays.
            if (await replay.RunAsync(command, author, ambient, Authority.Approved(Guid.Empty), cancel) is { } failure)
                return ([], failure);
        }
        var patches = new List<TriedPatch>();
        foreach (var environment in ambient.Outdated)
        {
            // An environment that is new or gone has nobody who gets something else.
            if (environment.Revision > 0 && await SnapshotReader.ReadPatchAsync(ambient, environment.Id, environment.Revision, cancel) is { } patch)
                patches.Add(new TriedPatch(environment, patch.Utf8));
        }
        return (patches, null);
    }
}
