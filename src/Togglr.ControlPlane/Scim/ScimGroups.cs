using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Store;

namespace Togglr.ControlPlane.Scim;

/// <summary>The provider's groups. Who is in one gets what people granted to the group, and what the provider's mappings give for its name.</summary>
internal static class ScimGroups
{
    private const int Batch = 200;
    private const int LongestKey = 40;

    private static readonly ConcurrentDictionary<Guid, SemaphoreSlim> s_turns = new();

    /// <summary>
    /// Lets the writes of one provider's groups follow one another, on all servers. What mappings give somebody depends on all their groups: two who are each taken
    /// out of one of two groups at once would otherwise keep what either gives.
    /// </summary>
    public static Func<ScimRequest, Task<ScimAnswer>> InTurn(Func<ScimRequest, Task<ScimAnswer>> write) => async request =>
    {
        // One of a process at a time, so that those who wait hold no connections.
        var turn = s_turns.GetOrAdd(request.Provider.Id, static _ => new SemaphoreSlim(1));
        await turn.WaitAsync(request.Cancel);
        try
        {
            await using var connection = await request.Get<TogglrDatabase>().DataSource.OpenConnectionAsync(request.Cancel);
            await using var transaction = await connection.BeginTransactionAsync(request.Cancel);
            await using var wait = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction);
            wait.Parameters.Add(new NpgsqlParameter { Value = BitConverter.ToInt64(request.Provider.Id.ToByteArray(), 8) });
            await wait.ExecuteNonQueryAsync(request.Cancel);
            return await write(request);
        }
        finally
        {
            turn.Release();
        }
    };

    public static Task<ScimAnswer> ListAsync(ScimRequest request) => ListAsync(request, ScimList.Of(request, ScimSchema.Group));

    public static async Task<ScimAnswer> SearchAsync(ScimRequest request) => await ListAsync(request, ScimList.Of(await ScimGate.ReadBodyAsync(request), ScimSchema.Group));

    public static async Task<ScimAnswer> GetAsync(ScimRequest request)
    {
        var list = ScimList.Of(request, ScimSchema.Group);
        var (document, version) = (await DescribeAsync(request, [await FindAsync(request)]))[0];
        return ScimGate.HasSeen(request, version) ? new ScimAnswer(304, Version: version) : new ScimAnswer(200, ScimDocument.Project(document, list.Only, list.Without), version);
    }

    public static async Task<ScimAnswer> CreateAsync(ScimRequest request)
    {
        var (db, provider) = (request.Get<TogglrDbContext>(), request.Provider);
        var said = Said.Of(ScimDocument.Read(await ScimGate.ReadBodyAsync(request), ScimSchema.Group));
        await RefuseTakenAsync(request, said.Name, except: null);
        var created = Group.Create(provider.OrganizationId, await KeyOfAsync(db, said.Name, request.Cancel), said.Name, providerId: provider.Id, externalId: said.ExternalId);
        var group = created.IsOk ? created.Value : throw ScimFaultException.Value(created.Error.Message);
        db.Groups.Add(group);
        await SetMembersAsync(request, group, [], said.Members);
        await FollowMappingsAsync(request, group, said.Members, said.Members);
        ScimGate.Check(await db.CommitAsync(new Change(request.Actor, "group.created", group.Key) { EntityId = group.Id }, request.Cancel));
        return await AnswerAsync(request, group, 201);
    }

    public static async Task<ScimAnswer> ReplaceAsync(ScimRequest request)
    {
        var document = ScimDocument.Read(await ScimGate.ReadBodyAsync(request), ScimSchema.Group);
        return await ChangeAsync(request, _ => document);
    }

    public static async Task<ScimAnswer> PatchAsync(ScimRequest request)
    {
        var body = await ScimGate.ReadBodyAsync(request);
        return await ChangeAsync(request, document =>
        {
            ScimPatch.Apply(document, body, ScimSchema.Group);
            return document;
        });
    }

    public static async Task<ScimAnswer> DeleteAsync(ScimRequest request)
    {
        var (db, group) = (request.Get<TogglrDbContext>(), await FindAsync(request));
        ScimGate.CheckMatch(request, (await DescribeAsync(request, [group]))[0].Version);
        var members = await db.GroupMembers.Where(row => row.GroupId == group.Id).ToListAsync(request.Cancel);
        await FollowMappingsAsync(request, group, members.Select(static row => row.UserId).ToHashSet(), []);
        db.RoleGrants.RemoveRange(await db.RoleGrants.Where(row => row.GroupId == group.Id).ToListAsync(request.Cancel));
        db.GroupMembers.RemoveRange(members);
        db.Groups.Remove(group);
        ScimGate.Check(await db.CommitAsync(new Change(request.Actor, "group.deleted", group.Key) { EntityId = group.Id }, request.Cancel));
        return new ScimAnswer(204);
    }

    private static async Task<ScimAnswer> ChangeAsync(ScimRequest request, Func<JsonObject, JsonObject> change)
    {
        var (db, group) = (request.Get<TogglrDbContext>(), await FindAsync(request));
        var (document, version) = (await DescribeAsync(request, [group]))[0];
        ScimGate.CheckMatch(request, version);
        var before = Said.Of(document);
        var said = Said.Of(change(document));
        if (!string.Equals(said.Name, group.Name, StringComparison.OrdinalIgnoreCase))
            await RefuseTakenAsync(request, said.Name, group.Id);
        var isCalledOtherwise = said.Name != group.Name || said.ExternalId != group.ExternalId;
        var described = group.Describe(said.Name, group.Description);
        if (!described.IsOk)
            throw ScimFaultException.Value(described.Error.Message);
        group.Identify(said.ExternalId);
        await SetMembersAsync(request, group, before.Members, said.Members);
        var concerned = isCalledOtherwise ? before.Members.Union(said.Members).ToHashSet() : [.. before.Members.Except(said.Members), .. said.Members.Except(before.Members)];
        await FollowMappingsAsync(request, group, concerned, said.Members);
        ScimGate.Check(await db.CommitAsync(new Change(request.Actor, "group.updated", group.Key) { EntityId = group.Id }, request.Cancel));
        return await AnswerAsync(request, group, 200);
    }

    private static async Task<ScimAnswer> ListAsync(ScimRequest request, ScimList list)
    {
        var (db, provider) = (request.Get<TogglrDbContext>(), request.Provider.Id);
        var groups = db.Groups.AsNoTracking().Where(row => row.ProviderId == provider).OrderBy(row => row.Id).AsQueryable();
        if (list.Filter?.Key is { } key && !key.Value.Contains('\0', StringComparison.Ordinal))
        {
            var value = key.Value;
            groups = key.Attribute switch
            {
                "id" => Guid.TryParse(value, out var id) ? groups.Where(row => row.Id == id) : groups.Where(_ => false),
                "externalId" => groups.Where(row => row.ExternalId == value),
                // The database's own folding may find more; the filter itself decides.
                "displayName" => ByName(groups, Literally(value)),
                _ => groups,
            };
        }
        if (list.Filter is null)
        {
            var total = await groups.CountAsync(request.Cancel);
            var rows = list.Count == 0 ? [] : await groups.Skip(list.StartIndex - 1).Take(list.Count).ToListAsync(request.Cancel);
            return list.Answer(total, (await DescribeAsync(request, rows)).Select(static row => row.Document));
        }
        var (matching, page) = (0, new List<JsonObject>());
        for (var at = 0; ; at += Batch)
        {
            var rows = await groups.Skip(at).Take(Batch).ToListAsync(request.Cancel);
            foreach (var (document, _) in (await DescribeAsync(request, rows)).Where(row => list.Filter.Matches(row.Document)))
            {
                matching++;
                if (matching >= list.StartIndex && page.Count < list.Count)
                    page.Add(document);
            }
            if (rows.Count < Batch)
                return list.Answer(matching, page);
        }
    }

    private static IQueryable<Group> ByName(IQueryable<Group> groups, string pattern) => groups.Where(row => EF.Functions.ILike(row.Name, pattern, Paging.Escape));

    private static async Task SetMembersAsync(ScimRequest request, Group group, HashSet<Guid> before, HashSet<Guid> after)
    {
        var db = request.Get<TogglrDbContext>();
        var added = after.Except(before).ToList();
        if (added.Count > 0)
        {
            var known = await db.Memberships.Where(row => added.Contains(row.UserId)).Select(row => row.UserId).ToListAsync(request.Cancel);
            if (known.Count < added.Count)
                throw ScimFaultException.Value($"There is no person {added.Except(known).First()}.");
            db.GroupMembers.AddRange(added.Select(user => GroupMember.Create(group, user)));
        }
        var removed = before.Except(after).ToList();
        if (removed.Count > 0)
            db.GroupMembers.RemoveRange(await db.GroupMembers.Where(row => row.GroupId == group.Id && removed.Contains(row.UserId)).ToListAsync(request.Cancel));
    }

    /// <summary>Makes what the mappings give follow the groups of those whom a change concerns.</summary>
    private static async Task FollowMappingsAsync(ScimRequest request, Group group, HashSet<Guid> concerned, HashSet<Guid> members)
    {
        var (db, provider) = (request.Get<TogglrDbContext>(), request.Provider);
        var resolved = concerned.Count == 0 ? [] : await request.Get<ProviderMappings>().ResolveAsync(provider, request.Cancel);
        if (resolved.All(static mapping => mapping.Match == ProviderMappings.Everybody))
            return;
        var others = (await db.GroupMembers.AsNoTracking().Where(row => concerned.Contains(row.UserId) && row.GroupId != group.Id && row.Group!.ProviderId == provider.Id)
            .Select(row => new { row.UserId, row.Group!.Name, row.Group.ExternalId }).ToListAsync(request.Cancel)).ToLookup(row => row.UserId);
        var groups = new Dictionary<Guid, IReadOnlySet<string>>();
        foreach (var user in concerned)
        {
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var other in others[user])
                AddNames(names, other.Name, other.ExternalId);
            if (members.Contains(user))
                AddNames(names, group.Name, group.ExternalId);
            groups.Add(user, names);
        }
        await request.Get<ProviderGrants>().ApplyAsync(provider, resolved, groups, request.Cancel);
    }

    private static void AddNames(HashSet<string> names, string name, string? externalId)
    {
        names.Add(name);
        if (externalId is not null)
            names.Add(externalId);
    }

    private static async Task RefuseTakenAsync(ScimRequest request, string name, Guid? except)
    {
        var (pattern, provider) = (Literally(name), request.Provider.Id);
        if (await request.Get<TogglrDbContext>().Groups.AnyAsync(row => row.ProviderId == provider && row.Id != except && EF.Functions.ILike(row.Name, pattern, Paging.Escape), request.Cancel))
            throw ScimFaultException.Uniqueness($"There is a group {name}.");
    }

    /// <summary>A pattern for a text and nothing else, whatever its case.</summary>
    private static string Literally(string text) => Paging.Pattern(text) is { } pattern ? pattern[1..^1] : "";

    /// <summary>A key made of a name, with a number where it is taken.</summary>
    private static async Task<string> KeyOfAsync(TogglrDbContext db, string name, CancellationToken cancel)
    {
        var key = new StringBuilder();
        foreach (var letter in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter))
                key.Append(letter);
            else if (key.Length > 0 && key[^1] != '-')
                key.Append('-');
            if (key.Length == LongestKey)
                break;
        }
        var stem = key.ToString().TrimEnd('-') is { Length: > 0 } made ? made : "group";
        var taken = (await db.Groups.Where(row => row.Key.StartsWith(stem)).Select(row => row.Key).ToListAsync(cancel)).ToHashSet(StringComparer.Ordinal);
        var candidate = stem;
        for (var number = 2; taken.Contains(candidate); number++)
            candidate = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}");
        return candidate;
    }

    private static async Task<Group> FindAsync(ScimRequest request)
    {
        var (id, provider) = (request.Id, request.Provider.Id);
        return await request.Get<TogglrDbContext>().Groups.SingleOrDefaultAsync(row => row.Id == id && row.ProviderId == provider, request.Cancel) ?? throw ScimFaultException.NotFound($"There is no group {id}.");
    }

    private static async Task<ScimAnswer> AnswerAsync(ScimRequest request, Group group, int status)
    {
        var list = ScimList.Of(request, ScimSchema.Group);
        var (document, version) = (await DescribeAsync(request, [group]))[0];
        return new ScimAnswer(status, ScimDocument.Project(document, list.Only, list.Without), version, status == 201 ? $"{request.Base}/Groups/{group.Id}" : null);
    }

    private static async Task<List<(JsonObject Document, string Version)>> DescribeAsync(ScimRequest request, IReadOnlyList<Group> groups)
    {
        var ids = groups.Select(static group => group.Id).ToList();
        var members = ids.Count == 0 ? null : (await request.Get<TogglrDbContext>().GroupMembers.AsNoTracking().Where(row => ids.Contains(row.GroupId)).OrderBy(row => row.UserId)
            .Select(row => new { row.GroupId, row.UserId, row.User!.Name }).ToListAsync(request.Cancel)).ToLookup(row => row.GroupId);
        var documents = new List<(JsonObject, string)>();
        foreach (var group in groups)
        {
            // The members are part of the resource, and count in its version.
            var people = members![group.Id].ToList();
            var mark = Convert.ToHexStringLower(SHA256.HashData(people.SelectMany(static row => row.UserId.ToByteArray()).ToArray()).AsSpan(0, 8));
            var version = string.Create(CultureInfo.InvariantCulture, $"W/\"{group.Version}.{mark}\"");
            var document = new JsonObject { ["schemas"] = new JsonArray(ScimSchema.GroupUrn), ["id"] = group.Id.ToString() };
            if (group.ExternalId is not null)
                document["externalId"] = group.ExternalId;
            document["displayName"] = group.Name;
            if (people.Count > 0)
            {
                document["members"] = new JsonArray([.. people.Select(row => (JsonNode)new JsonObject
                {
                    ["value"] = row.UserId.ToString(), ["$ref"] = $"{request.Base}/Users/{row.UserId}", ["display"] = row.Name, ["type"] = "User",
                })]);
            }
            document["meta"] = new JsonObject
            {
                ["resourceType"] = "Group", ["created"] = ScimUsers.Time(group.CreatedAt), ["lastModified"] = ScimUsers.Time(group.UpdatedAt), ["location"] = $"{request.Base}/Groups/{group.Id}", ["version"] = version,
            };
            documents.Add((document, version));
        }
        return documents;
    }

    private sealed record Said(string Name, string? ExternalId, HashSet<Guid> Members)
    {
        public static Said Of(JsonObject document)
        {
            var name = (document["displayName"] as JsonValue)?.GetValue<string>().Trim();
            if (string.IsNullOrEmpty(name))
                throw ScimFaultException.Value("displayName is needed.");
            var external = (document["externalId"] as JsonValue)?.GetValue<string>();
            if (external?.Length > 256)
                throw ScimFaultException.Value("externalId has at most 256 characters.");
            var members = new HashSet<Guid>();
            foreach (var member in (document["members"] as JsonArray)?.OfType<JsonObject>() ?? [])
            {
                var value = (member["value"] as JsonValue)?.GetValue<string>();
                members.Add(Guid.TryParse(value, out var id) ? id : throw ScimFaultException.Value($"A member is the id of a person, not {value}."));
            }
            return new Said(name, external, members);
        }
    }
}
