using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>Where a change request stands.</summary>
public enum ChangeRequestState
{
    /// <summary>Its author collects changes.</summary>
    Draft,

    /// <summary>Waits for approvals.</summary>
    Pending,

    /// <summary>May be applied.</summary>
    Approved,

    /// <summary>Approved, and applied by itself at its time.</summary>
    Scheduled,

    /// <summary>Done.</summary>
    Applied,

    /// <summary>Somebody who may approve said no.</summary>
    Rejected,

    /// <summary>Taken back.</summary>
    Cancelled,

    /// <summary>Waited too long.</summary>
    Expired,

    /// <summary>Something changed meanwhile: it must be brought up to date.</summary>
    Conflicted,
}

/// <summary>What trying a request out has told.</summary>
/// <param name="Guard">What stands before it.</param>
/// <param name="Touches">The names of the rows that it changes or makes.</param>
/// <param name="CommandsHash">Stands for the calls and what they do: an approval is for this and nothing else.</param>
public sealed record ChangeRehearsal(Guard Guard, IReadOnlyList<string> Touches, byte[] CommandsHash);

/// <summary>Changes that somebody asks for: calls that are made again, all or none, when enough people have approved.</summary>
public sealed class ChangeRequest : Entity, IProjectOwned
{
    /// <summary>Most calls of one request.</summary>
    public const int MaximumCommands = 50;

    private ChangeRequest()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Counts the project's requests from 1; people name it by this.</summary>
    public int Number { get; private set; }

    /// <summary>What it is about, in a few words.</summary>
    public string Title { get; private set; } = "";

    /// <summary>Why; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Where it stands.</summary>
    public ChangeRequestState State { get; private set; }

    /// <summary><c>user</c> or <c>service_account</c>.</summary>
    public string AuthorKind { get; private set; } = "";

    /// <summary>Who asks; it is applied with what they may do then.</summary>
    public Guid AuthorId { get; private set; }

    /// <summary>Their name at that time.</summary>
    public string AuthorName { get; private set; } = "";

    /// <summary>Everybody who put something into it, the author too: none of them can approve it.</summary>
    public IReadOnlyList<Guid> EditorIds { get; private set; } = [];

    /// <summary>Since when it waits.</summary>
    public DateTimeOffset? SubmittedAt { get; private set; }

    /// <summary>When it stops waiting.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>When it is applied by itself once approved; null: when somebody does.</summary>
    public DateTimeOffset? ApplyAt { get; private set; }

    /// <summary>When it came to its end.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <inheritdoc cref="ChangeRehearsal.CommandsHash"/>
    public byte[] CommandsHash { get; private set; } = [];

    /// <summary>The policies that stood before it when it was last tried, as JSON.</summary>
    public string Requirements { get; private set; } = "[]";

    /// <inheritdoc cref="Guard.Environments"/>
    public IReadOnlyList<Guid> EnvironmentIds { get; private set; } = [];

    /// <inheritdoc cref="Guard.IsProjectWide"/>
    public bool ProjectWide { get; private set; }

    /// <inheritdoc cref="ChangeRehearsal.Touches"/>
    public IReadOnlyList<string> Touches { get; private set; } = [];

    /// <summary>What was wrong when it was last tried or applied.</summary>
    public string? Failure { get; private set; }

    /// <summary>Grows with everything that happens to it, so that of two who do something at once one is told.</summary>
    public int Transitions { get; private set; }

    internal override string AuditPath => $"change-requests/{Number}";

    /// <summary>Whether it can still come to be applied.</summary>
    public bool IsOpen => State is ChangeRequestState.Draft or ChangeRequestState.Pending or ChangeRequestState.Approved or ChangeRequestState.Scheduled or ChangeRequestState.Conflicted;

    /// <summary>What stood before it when it was last tried.</summary>
    public Guard Guard => new(JsonSerializer.Deserialize<List<GuardingPolicy>>(Requirements, JsonSerializerOptions.Web)!, EnvironmentIds, ProjectWide);

    /// <summary>Takes note of somebody who had a part in the calls and so cannot approve them.</summary>
    public void AddEditor(Guid person)
    {
        if (!EditorIds.Contains(person))
            EditorIds = [.. EditorIds, person];
    }

    /// <summary>A new draft.</summary>
    /// <param name="project">Where.</param>
    /// <param name="number">The next number of the project.</param>
    /// <param name="author">Who asks.</param>
    /// <param name="title">1 to 200 characters.</param>
    /// <param name="description">May be empty.</param>
    public static Result<ChangeRequest> Create(Project project, int number, ChangeActor author, string title, string description)
    {
        var request = new ChangeRequest
        {
            Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Number = number, AuthorKind = author.Kind, AuthorId = author.Id!.Value,
            AuthorName = author.Name, EditorIds = [author.Id.Value],
        };
        var described = request.Describe(title, description);
        return described.IsOk ? request : described.Error;
    }

    /// <summary>Changes what people read; approvals stay.</summary>
    public Result Describe(string title, string description)
    {
        if ((KeyFormat.Name(title, "title") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        (Title, Description) = (title, description);
        return Result.Ok;
    }

    /// <summary>Says when it is applied by itself.</summary>
    public Result Schedule(DateTimeOffset? applyAt)
    {
        if (!IsOpen)
            return Closed();
        if (ApplyAt != applyAt && State is ChangeRequestState.Approved or ChangeRequestState.Scheduled)
            State = applyAt is null ? ChangeRequestState.Approved : ChangeRequestState.Scheduled;
        ApplyAt = applyAt;
        Transitions++;
        return Result.Ok;
    }

    /// <summary>Takes over what trying it out has told, after the calls changed or what they build on did. Approvals for something else count no more.</summary>
    /// <param name="rehearsal">What was told.</param>
    /// <param name="editor">Who changed the calls; null when nobody did.</param>
    public Result Revise(ChangeRehearsal rehearsal, Guid? editor)
    {
        if (!IsOpen)
            return Closed();
        var isSame = CommandsHash.AsSpan().SequenceEqual(rehearsal.CommandsHash);
        CommandsHash = rehearsal.CommandsHash;
        Requirements = JsonSerializer.Serialize(rehearsal.Guard.Policies, JsonSerializerOptions.Web);
        (EnvironmentIds, ProjectWide, Touches, Failure) = (rehearsal.Guard.Environments, rehearsal.Guard.IsProjectWide, rehearsal.Touches, null);
        if (editor is { } person)
            AddEditor(person);
        if (State == ChangeRequestState.Conflicted || (!isSame && State is ChangeRequestState.Approved or ChangeRequestState.Scheduled))
            State = ChangeRequestState.Pending;
        Transitions++;
        return Result.Ok;
    }

    /// <summary>Asks for approval; also again, after it was rejected or had expired.</summary>
    public Result Submit(DateTimeOffset now)
    {
        if (State is not (ChangeRequestState.Draft or ChangeRequestState.Rejected or ChangeRequestState.Expired))
            return Refused("It waits for approval already, or has come to its end.");
        var hours = Guard.Policies.Count == 0 ? ChangePolicy.DefaultExpiryHours : Guard.Policies.Min(policy => policy.ExpiresAfterHours);
        (State, SubmittedAt, ExpiresAt, ClosedAt, Failure) = (ChangeRequestState.Pending, now, now.AddHours(hours), null, null);
        Transitions++;
        return Result.Ok;
    }

    /// <summary>Takes note of an approval that may or may not be the last one needed.</summary>
    public Result Approve(bool isEnough)
    {
        if (State != ChangeRequestState.Pending)
            return State == ChangeRequestState.Conflicted ? Conflicted() : Refused("It does not wait for approval.");
        if (isEnough)
            State = ApplyAt is null ? ChangeRequestState.Approved : ChangeRequestState.Scheduled;
        Transitions++;
        return Result.Ok;
    }

    /// <summary>Somebody who may approve says no.</summary>
    public Result Reject(DateTimeOffset now)
    {
        if (State is not (ChangeRequestState.Pending or ChangeRequestState.Approved or ChangeRequestState.Scheduled or ChangeRequestState.Conflicted))
            return Refused("It does not wait for approval.");
        return Close(ChangeRequestState.Rejected, now);
    }

    /// <summary>Takes it back.</summary>
    public Result Cancel(DateTimeOffset now) => IsOpen ? Close(ChangeRequestState.Cancelled, now) : Closed();

    /// <summary>Nobody approved or applied it in time.</summary>
    public Result Expire(DateTimeOffset now) =>
        State is ChangeRequestState.Pending or ChangeRequestState.Approved or ChangeRequestState.Conflicted ? Close(ChangeRequestState.Expired, now) : Closed();

    /// <summary>Done. Belongs into the transaction that does it.</summary>
    public Result Apply(DateTimeOffset now) =>
        State == ChangeRequestState.Conflicted ? Conflicted() : State == ChangeRequestState.Approved && ExpiresAt <= now ? Refused("It has waited too long.")
        : State is ChangeRequestState.Approved or ChangeRequestState.Scheduled ? Close(ChangeRequestState.Applied, now) : Refused("It is not approved.");

    /// <summary>What it builds on has changed, or it cannot be done any more.</summary>
    /// <param name="failure">What is in the way.</param>
    public Result Conflict(string failure)
    {
        if (!IsOpen || State == ChangeRequestState.Draft)
            return Closed();
        (State, Failure) = (ChangeRequestState.Conflicted, failure);
        Transitions++;
        return Result.Ok;
    }

    /// <summary>Approvals that were enough are not any more: a policy asks for more than it did.</summary>
    /// <param name="guard">What stands before it now.</param>
    public Result Reopen(Guard guard)
    {
        if (!IsOpen || State == ChangeRequestState.Draft)
            return Closed();
        Requirements = JsonSerializer.Serialize(guard.Policies, JsonSerializerOptions.Web);
        (State, EnvironmentIds, ProjectWide) = (ChangeRequestState.Pending, guard.Environments, guard.IsProjectWide);
        Transitions++;
        return Result.Ok;
    }

    private Result Close(ChangeRequestState state, DateTimeOffset now)
    {
        (State, ClosedAt) = (state, now);
        Transitions++;
        return Result.Ok;
    }

    private StoreError Conflicted() => new("conflicted", $"{Failure} Bring it up to date first.");

    private StoreError Closed() => Refused($"The request is {EnumText.Of(State)}.");

    private static StoreError Refused(string message) => new("wrong_state", message);
}

/// <summary>One call of a request, as it is made when the request is applied.</summary>
public sealed class ChangeCommand : ITenantOwned
{
    /// <summary>UUID version 7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>The request.</summary>
    public Guid RequestId { get; init; }

    /// <summary>Place among the request's calls, from 0.</summary>
    public int Position { get; set; }

    /// <summary>The operation's name in the API description.</summary>
    public required string Operation { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The path, from <c>/api/v1</c> on.</summary>
    public required string Path { get; init; }

    /// <summary>With its question mark; empty for none.</summary>
    public string Query { get; init; } = "";

    /// <summary>The body's type.</summary>
    public string? ContentType { get; init; }

    /// <summary>The body as it was sent; null for none.</summary>
    public byte[]? Body { get; set; }

    /// <summary>Why, from the header.</summary>
    public string? Reason { get; init; }

    /// <summary>What its audit entry will say.</summary>
    public string Action { get; private set; } = "";

    /// <inheritdoc cref="Change.EntityKey"/>
    public string EntityKey { get; private set; } = "";

    /// <inheritdoc cref="Change.Environment"/>
    public string? Environment { get; private set; }

    /// <summary>The rows as they were when it was last tried.</summary>
    public string? Before { get; private set; }

    /// <summary>What it would make of them.</summary>
    public string? After { get; private set; }

    /// <summary>The versions on which it builds, as JSON.</summary>
    public string Bases { get; private set; } = "[]";

    /// <summary>The versions on which it builds.</summary>
    public IReadOnlyList<BaseVersion> BaseVersions => ReadBases(Bases);

    /// <summary>Reads <see cref="Bases"/>.</summary>
    public static IReadOnlyList<BaseVersion> ReadBases(string bases) => JsonSerializer.Deserialize<List<BaseVersion>>(bases, JsonSerializerOptions.Web)!;

    /// <summary>Takes over what trying it has told.</summary>
    public void Describe(AmbientCommit commit, IReadOnlyList<BaseVersion> bases)
    {
        (Action, EntityKey, Environment) = (commit.Change.Action, commit.Change.EntityKey, commit.Change.Environment);
        (Before, After, Bases) = (commit.Before, commit.After, JsonSerializer.Serialize(bases, JsonSerializerOptions.Web));
    }

    /// <summary>Takes over what was told of the same call.</summary>
    public void TakeOver(ChangeCommand other) =>
        (Action, EntityKey, Environment, Before, After, Bases) = (other.Action, other.EntityKey, other.Environment, other.Before, other.After, other.Bases);

    /// <summary>The hash of calls and what they do.</summary>
    public static byte[] HashOf(IEnumerable<ChangeCommand> commands)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var command in commands)
        {
            hash.AppendData(AuditChain.Message([command.Operation, command.Method, command.Path, command.Query, command.ContentType, command.Reason, EffectOf(command.After)]));
            hash.AppendData(SHA256.HashData(command.Body ?? []));
        }

        return hash.GetHashAndReset();
    }

    /// <summary>What a call makes, without what is different each time it is made: identifiers that are given then, times and counters.</summary>
    public static string? EffectOf(string? after)
    {
        if (after is null)
            return null;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { MaxDepth = 1000 }))
            WriteEffect(writer, JsonColumn.Parse(after));
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static void WriteEffect(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject().Where(member => !IsFleeting(member.Name)))
                {
                    writer.WritePropertyName(NameOf(member.Name));
                    WriteEffect(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    WriteEffect(writer, item);
                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    /// <summary>A row that is named by an identifier gets another one each time it is made.</summary>
    private static string NameOf(string row) => row.LastIndexOf('/') is >= 0 and var slash && Guid.TryParse(row.AsSpan(slash + 1), out _) ? $"{row[..slash]}/*" : row;

    private static bool IsFleeting(string member) => member is "id" or "createdAt" or "updatedAt" or "version" or "keysVersion" or "archivedAt" or "killedAt" or "position" or "stepAt" or "holdUntil" or "startedAt" or "pausedAt" or "stoppedAt" or "decidedAt";
}

/// <summary>What somebody said to a request, for good.</summary>
public sealed class ChangeApproval : ITenantOwned
{
    /// <summary>UUID version 7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>The request.</summary>
    public Guid RequestId { get; init; }

    /// <summary>Who.</summary>
    public Guid PersonId { get; init; }

    /// <summary>Their name at that time.</summary>
    public required string PersonName { get; init; }

    /// <summary>Yes or no.</summary>
    public bool Approved { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>May be empty.</summary>
    public string Comment { get; init; } = "";

    /// <summary>What it was said to, see <see cref="ChangeRequest.CommandsHash"/>.</summary>
    public byte[] CommandsHash { get; init; } = [];

    /// <summary>Whether the person had just proved again who they are.</summary>
    public bool Reauthenticated { get; init; }
}

/// <summary>Something that happened to a request, or was said about it.</summary>
public sealed class ChangeRequestEvent : ITenantOwned
{
    /// <summary>UUID version 7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>The request.</summary>
    public Guid RequestId { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary><c>created</c>, <c>submitted</c>, <c>edited</c>, <c>approved</c>, <c>commented</c> and so on.</summary>
    public required string Kind { get; init; }

    /// <inheritdoc cref="ChangeActor.Kind"/>
    public required string ActorKind { get; init; }

    /// <inheritdoc cref="ChangeActor.Id"/>
    public Guid? ActorId { get; init; }

    /// <inheritdoc cref="ChangeActor.Name"/>
    public required string ActorName { get; init; }

    /// <summary>What was said; may be empty.</summary>
    public string Text { get; init; } = "";

    /// <summary>The people whom it mentions.</summary>
    public IReadOnlyList<Guid> Mentions { get; init; } = [];
}
