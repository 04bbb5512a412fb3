using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.LiveEvents;

/// <summary>What a page wants to hear of. Everything absent means any.</summary>
/// <param name="Organization">One organization.</param>
/// <param name="Project">One project.</param>
/// <param name="Environment">One environment, by key; changes that are not about an environment are told too.</param>
internal sealed record LiveFilter(Guid? Organization, Guid? Project, string? Environment)
{
    public bool Matches(LiveEvent change) =>
        (Organization is null || Organization == change.OrganizationId)
        && (Project is null || Project == change.ProjectId)
        && (Environment is null || change.Environment is null || Environment == change.Environment);
}

/// <summary>One open page.</summary>
internal sealed class LiveConnection(WebSocket socket, LiveFilter filter, Caller caller, TimeProvider time)
{
    /// <summary>More events than this behind: the page is cut off, connects again and reads everything anew.</summary>
    private const int QueueLimit = 256;
    private const int LongestMessage = 4096;
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(20);

    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(QueueLimit) { SingleReader = true });
    private volatile Caller _caller = caller;

    /// <summary>Whose page it is.</summary>
    public Guid UserId { get; } = caller.Id;

    /// <summary>Tells the page about a change that it asked for and its owner may see.</summary>
    public void Offer(LiveEvent change)
    {
        if (change.Recipients is { } people)
        {
            // What is in somebody's inbox is told on every page of theirs, whatever the page is about.
            if (people.Contains(UserId) && !_caller.Requirements.ContainsKey(change.OrganizationId) && _caller.Grants.Any(grant => grant.Scope.Organization == change.OrganizationId))
                Offer(change.Json);
            return;
        }
        if (!filter.Matches(change))
            return;
        if (_caller.Requirements.ContainsKey(change.OrganizationId))
            return;
        if (Authorization.Authorize(_caller, PermissionFor(change.Entity, change.ProjectId), new Scope(change.OrganizationId, change.ProjectId)) == Verdict.Allowed)
            Offer(change.Json);
    }

    /// <summary>What it takes to hear of a change: what it takes to read what was changed.</summary>
    internal static string PermissionFor(string entity, Guid? project) => entity switch
    {
        "organization" => Permissions.OrganizationView,
        "project" => project is null ? Permissions.OrganizationView : Permissions.ProjectView,
        "flag" or "segment" or "context" or "changerequest" or "schedule" or "ramp" or "incident" or "experiment" or "metric" or "layer" or "holdout" => Permissions.FlagView,
        "key" => Permissions.KeyManage,
        "environment" or "changepolicy" or "category" or "tag" or "attribute" => Permissions.ProjectView,
        // People, their rights, their sign-ins, identity providers, and whatever else there will be.
        _ => Permissions.MembershipView,
    };

    /// <summary>Whether there is still anything that this page may be told: its organization, or any, must still be open to its owner.</summary>
    public bool MayGoOn(Caller now) =>
        filter switch
        {
            // What is asked of its owner first keeps every event back: the page is to ask what that is rather than to wait.
            { Organization: { } organization } when now.Requirements.ContainsKey(organization) => false,
            { Organization: { } organization, Project: { } project } => Authorization.Authorize(now, Permissions.ProjectView, new Scope(organization, project)) == Verdict.Allowed,
            { Organization: { } organization } => Authorization.Authorize(now, Permissions.OrganizationView, new Scope(organization)) == Verdict.Allowed,
            _ => now.Grants.Count > 0,
        };

    /// <summary>Whether a change of rights may be about the owner of this page.</summary>
    public bool Concerns(ChangeNotice change)
    {
        var owner = _caller;
        return change.EntityId == owner.Id || change.ActorId == owner.Id || (owner.Session is { Id: var session } && change.EntityId == session)
            || owner.Grants.Any(grant => grant.Scope.Organization == change.OrganizationId);
    }

    /// <summary>Ends the connection.</summary>
    public void End() => _queue.Writer.TryComplete();

    /// <summary>Takes over what its owner may do now, and ends when nothing is left that the page could hear of.</summary>
    public void Recheck(Caller now)
    {
        _caller = now;
        if (!now.Grants.Any(grant => filter.Organization is null || grant.Scope.Organization == filter.Organization))
            End();
    }

    /// <summary>Runs until either side ends it.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var receiving = ReceiveAsync(ending.Token);
        try
        {
            await SendAsync(ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Offer(ReadOnlyMemory<byte> message)
    {
        if (!_queue.Writer.TryWrite(message))
            End();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(cancellationToken))
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(SendLimit);
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, limit.Token);
            }
            using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            closing.CancelAfter(TimeSpan.FromSeconds(2));
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "connect again", closing.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            socket.Abort();
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestMessage];
        var length = 0;
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
                length += received.Count;
                if (!received.EndOfMessage && length == buffer.Length)
                    break;
                if (!received.EndOfMessage)
                    continue;
                if (IsPing(buffer.AsSpan(0, length)))
                    Offer(LiveEvent.Pong(time.GetUtcNow()));
                length = 0;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // Gone.
        }
        End();
    }

    private static bool IsPing(ReadOnlySpan<byte> message)
    {
        try
        {
            var reader = new Utf8JsonReader(message);
            return JsonElement.TryParseValue(ref reader, out var element) && element is { ValueKind: JsonValueKind.Object } ping
                && ping.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("ping"u8);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
