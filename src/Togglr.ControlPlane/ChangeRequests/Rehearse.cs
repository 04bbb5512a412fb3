using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Makes all calls of a request in a transaction that is then undone: tells what they would change, what guards it, and what is in the way.</summary>
internal sealed class Rehearse(CommandReplay replay, TogglrDatabase database, ChangeSignal signal, AuditSeal seal)
{
    /// <summary>Tries the calls; what each would do is noted in it.</summary>
    public async Task<(ChangeRehearsal? Rehearsal, ReplayFailure? Failure)> RunAsync(
        Guid organization, Guid project, Guid requestId, Caller author, IReadOnlyList<ChangeCommand> commands, CancellationToken cancel)
    {
        await using var ambient = await AmbientTransaction.BeginAsync(database, signal, seal, organization, project, cancel);
        foreach (var command in commands)
        {
            if (await RunAsync(command, author, ambient, requestId, cancel) is { } failure)
                return (null, failure);
        }
        return (new ChangeRehearsal(ambient.Guard, [.. ambient.Touched.Union(commands.Select(StateOf).OfType<string>(), StringComparer.Ordinal)], ChangeCommand.HashOf(commands)), null);
    }

    /// <summary>The state of a flag that a call is about by its path, also where it changes what belongs to it only, such as a schedule.</summary>
    private static string? StateOf(ChangeCommand command) =>
        command.Path.Split('/') is [_, "api", "v1", "orgs", _, "projects", _, "flags", var flag, "environments", var environment, ..] ? $"flags/{flag}/environments/{environment}" : null;

    private async Task<ReplayFailure?> RunAsync(ChangeCommand command, Caller author, AmbientTransaction ambient, Guid requestId, CancellationToken cancel)
    {
        var (commits, known) = (ambient.Commits.Count, ambient.Bases.Select(row => row.Path).ToHashSet(StringComparer.Ordinal));
        if (await replay.RunAsync(command, author, ambient, Authority.Approved(requestId), cancel) is { } failure)
            return failure;
        if (ambient.Commits.Count == commits)
            return new ReplayFailure(command.Position, 409, "changes_nothing", "Everything is so already.");
        command.Describe(ambient.Commits[^1], [.. ambient.Bases.Where(row => !known.Contains(row.Path))]);
        return null;
    }
}
