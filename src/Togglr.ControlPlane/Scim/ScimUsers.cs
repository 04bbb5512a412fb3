using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Directories;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.Scim;

/// <summary>
/// Members of the organization as SCIM users. What is written concerns the membership; name and address of the account follow only where the person belongs to no other organization.
/// </summary>
internal static class ScimUsers
{
    private const int Batch = 500;
    private const int LongestName = 256;
    private const int LargestDocument = 64 * 1024;
    private static readonly string[] Computed = ["schemas", "id", "externalId", "userName", "active", "groups", "meta"];

    public static Task<ScimAnswer> ListAsync(ScimRequest request) => ListAsync(request, ScimList.Of(request, ScimSchema.User));

    public static async Task<ScimAnswer> SearchAsync(ScimRequest request) => await ListAsync(request, ScimList.Of(await ScimGate.ReadBodyAsync(request), ScimSchema.User));

    public static async Task<ScimAnswer> GetAsync(ScimRequest request)
    {
        var list = ScimList.Of(request, ScimSchema.User);
        var person = await FindAsync(request);
        if (ScimGate.HasSeen(request, person.Version))
            return new ScimAnswer(304, Version: person.Version);
        var document = (await DescribeAsync(request, [person]))[0];
        return new ScimAnswer(200, ScimDocument.Project(document, list.Only, list.Without), person.Version);
    }

    public static async Task<ScimAnswer> CreateAsync(ScimRequest request)
    {
        var document = ScimDocument.Read(await ScimGate.ReadBodyAsync(request), ScimSchema.User);
        var said = Said.Of(document);
        var (db, provider) = (request.Get<TogglrDbContext>(), request.Provider);
        var normalized = ScimPerson.Normalize(said.UserName);
        if (await db.ScimPeople.AnyAsync(row => row.ProviderId == provider.Id && row.NormalizedUserName == normalized, request.Cancel))
            throw ScimFaultException.Uniqueness($"There is a person with the userName {said.UserName}.");
        var email = User.Normalize(said.Email);
        var user = await db.Users.SingleOrDefaultAsync(row => row.NormalizedEmail == email, request.Cancel);
        Membership? membership = null;
        var action = user is null ? "user.created" : "user.linked";
        if (user is null)
        {
            var created = User.Create(said.Email, ExternalSignIn.NameOf(said.Name, said.Email));
            user = created.IsOk ? created.Value : throw ScimFaultException.Value(created.Error.Message);
            db.Users.Add(user);
        }
        else
        {
            var organizations = await db.MembershipsOf(user.Id).Select(row => row.OrganizationId).ToListAsync(request.Cancel);
            if (organizations.Contains(provider.OrganizationId))
            {
                if (await db.ScimPeople.AnyAsync(row => row.ProviderId == provider.Id && row.UserId == user.Id, request.Cancel))
                    throw ScimFaultException.Uniqueness($"There is a person with the address {said.Email}.");
                membership = await db.Memberships.SingleAsync(row => row.UserId == user.Id, request.Cancel);
            }
            else if (organizations.Count > 0)
            {
                throw ScimFaultException.Uniqueness("The person has an account already and must accept an invitation to this organization first.");
            }
            else
            {
                await AbandonedAccount.BeginAnewAsync(db, user, ExternalSignIn.NameOf(said.Name, said.Email), request.Get<TimeProvider>().GetUtcNow(), request.Cancel);
                action = AbandonedAccount.TakenIn;
            }
        }
        if (membership is null)
            db.Memberships.Add(membership = Membership.Create(provider.OrganizationId, user));
        await SetActiveAsync(request, membership, said.IsActive ?? true);
        var row = ScimPerson.Create(provider, user.Id);
        row.Describe(said.UserName, said.ExternalId, said.Attributes);
        db.ScimPeople.Add(row);
        await request.Get<ProviderGrants>().ApplyAsync(provider, user.Id, new HashSet<string>(StringComparer.OrdinalIgnoreCase), keepOwnership: false, request.Cancel);
        ScimGate.Check(await db.CommitAsync(new Change(request.Actor, action, user.Email) { EntityId = user.Id }, request.Cancel));
        return await AnswerAsync(request, user.Id, 201);
    }

    public static async Task<ScimAnswer> ReplaceAsync(ScimRequest request)
    {
        var document = ScimDocument.Read(await ScimGate.ReadBodyAsync(request), ScimSchema.User);
        return await ChangeAsync(request, _ => document);
    }

    public static async Task<ScimAnswer> PatchAsync(ScimRequest request)
    {
        var body = await ScimGate.ReadBodyAsync(request);
        return await ChangeAsync(request, document =>
        {
            ScimPatch.Apply(document, body, ScimSchema.User);
            return document;
        });
    }

    public static async Task<ScimAnswer> DeleteAsync(ScimRequest request)
    {
        var (db, person) = (request.Get<TogglrDbContext>(), await FindAsync(request));
        ScimGate.CheckMatch(request, person.Version);
        var user = person.Member.UserId;
        // The database would take all of this along; named here, the audit log tells of it.
        db.RoleGrants.RemoveRange(await db.RoleGrants.Where(row => row.UserId == user).ToListAsync(request.Cancel));
        db.GroupMembers.RemoveRange(await db.GroupMembers.Where(row => row.UserId == user).ToListAsync(request.Cancel));
        db.ApiTokens.RemoveRange(await db.ApiTokens.Where(row => row.UserId == user).ToListAsync(request.Cancel));
        db.ScimPeople.RemoveRange(await db.ScimPeople.Where(row => row.UserId == user).ToListAsync(request.Cancel));
        db.ExternalIdentities.RemoveRange(await db.ExternalIdentities.Where(row => row.UserId == user).ToListAsync(request.Cancel));
        db.Memberships.Remove(person.Member);
        await LostAccess.EndSessionsAsync(db, user, request.Get<TimeProvider>().GetUtcNow(), request.Cancel);
        ScimGate.Check(await db.CommitAsync(new Change(request.Actor, "member.removed", person.Member.User!.Email) { EntityId = user }, request.Cancel));
        return new ScimAnswer(204);
    }

    private static async Task<ScimAnswer> ListAsync(ScimRequest request, ScimList list)
    {
        var people = People(request);
        if (list.Filter?.Key is { } key)
            people = Narrow(people, key);
        if (list.Filter is null)
        {
            var total = await people.CountAsync(request.Cancel);
            var rows = list.Count == 0 ? [] : await people.Skip(list.StartIndex - 1).Take(list.Count).ToListAsync(request.Cancel);
            return list.Answer(total, await DescribeAsync(request, rows));
        }
        var (matching, page) = (0, new List<JsonObject>());
        for (var at = 0; ; at += Batch)
        {
            var rows = await people.Skip(at).Take(Batch).ToListAsync(request.Cancel);
            foreach (var document in (await DescribeAsync(request, rows)).Where(list.Filter.Matches))
            {
                matching++;
                if (matching >= list.StartIndex && page.Count < list.Count)
                    page.Add(document);
            }
            if (rows.Count < Batch)
                return list.Answer(matching, page);
        }
    }

    private static async Task<ScimAnswer> ChangeAsync(ScimRequest request, Func<JsonObject, JsonObject> change)
    {
        var (db, provider, person) = (request.Get<TogglrDbContext>(), request.Provider, await FindAsync(request));
        ScimGate.CheckMatch(request, person.Version);
        var before = DocumentOf(person);
        var was = Said.Of(before);
        var said = Said.Of(change(before));
        var user = person.Member.User!;
        var (renamed, readdressed) = (said.Name != was.Name, said.Email != was.Email);
        if (renamed || readdressed)
        {
            if (await db.MembershipsOf(user.Id).CountAsync(request.Cancel) > 1)
                throw ScimFaultException.Mutability("The person belongs to other organizations too; name and address are theirs to change.");
            if (readdressed)
                await db.ForgetResetsAsync(user.Id, db.Now, request.Cancel);
            var changed = readdressed ? user.Readdress(said.Email) : Result.Ok;
            if (changed.IsOk && renamed)
                changed = user.Rename(ExternalSignIn.NameOf(said.Name, said.Email));
            if (!changed.IsOk)
                throw ScimFaultException.Value(changed.Error.Message);
        }
        var wasActive = person.Member.DisabledAt is null;
        var isActive = said.IsActive ?? wasActive;
        await SetActiveAsync(request, person.Member, isActive);
        var row = person.Scim ?? ScimPerson.Create(provider, user.Id);
        row.Describe(said.UserName, said.ExternalId, said.Attributes);
        if (person.Scim is null)
            db.ScimPeople.Add(row);
        var action = wasActive == isActive ? "member.updated" : isActive ? "member.activated" : "member.deactivated";
        ScimGate.Check(await db.CommitAsync(new Change(request.Actor, action, user.Email) { EntityId = user.Id }, request.Cancel));
        return await AnswerAsync(request, user.Id, 200);
    }

    private static async Task SetActiveAsync(ScimRequest request, Membership membership, bool isActive)
    {
        if (isActive)
        {
            membership.Activate();
            return;
        }
        var now = request.Get<TimeProvider>().GetUtcNow();
        membership.Deactivate(now);
        await LostAccess.EndSessionsAsync(request.Get<TogglrDbContext>(), membership.UserId, now, request.Cancel);
    }

    private static async Task<ScimAnswer> AnswerAsync(ScimRequest request, Guid id, int status)
    {
        var list = ScimList.Of(request, ScimSchema.User);
        var person = await People(request).SingleAsync(row => row.Member.UserId == id, request.Cancel);
        var document = (await DescribeAsync(request, [person]))[0];
        return new ScimAnswer(status, ScimDocument.Project(document, list.Only, list.Without), person.Version, status == 201 ? $"{request.Base}/Users/{id}" : null);
    }

    private static async Task<Person> FindAsync(ScimRequest request)
    {
        var id = request.Id;
        return await People(request).SingleOrDefaultAsync(row => row.Member.UserId == id, request.Cancel) ?? throw ScimFaultException.NotFound($"There is no person {id}.");
    }

    private static IQueryable<Person> People(ScimRequest request)
    {
        var (db, provider) = (request.Get<TogglrDbContext>(), request.Provider.Id);
        return from member in db.Memberships.Include(row => row.User)
               join person in db.ScimPeople.Where(row => row.ProviderId == provider) on member.UserId equals person.UserId into said
               from person in said.DefaultIfEmpty()
               orderby member.UserId
               select new Person { Member = member, Scim = person, User = member.User };
    }

    private static IQueryable<Person> Narrow(IQueryable<Person> people, (string Attribute, string Value) key)
    {
        var (value, folded) = (key.Value, ScimPerson.Normalize(key.Value));
        return key.Attribute switch
        {
            _ when value.Contains('\0', StringComparison.Ordinal) => people.Where(_ => false),
            "id" => Guid.TryParse(value, out var id) ? people.Where(row => row.Member.UserId == id) : people.Where(_ => false),
            "userName" => people.Where(row => row.Scim == null ? row.User!.NormalizedEmail == folded : row.Scim.NormalizedUserName == folded),
            "externalId" => people.Where(row => row.Scim!.ExternalId == value),
            _ => people,
        };
    }

    private static async Task<List<JsonObject>> DescribeAsync(ScimRequest request, IReadOnlyList<Person> people)
    {
        var (db, provider) = (request.Get<TogglrDbContext>(), request.Provider.Id);
        var ids = people.Select(static person => person.Member.UserId).ToList();
        var groups = ids.Count == 0 ? null : (await db.GroupMembers.AsNoTracking().Where(row => ids.Contains(row.UserId) && row.Group!.ProviderId == provider)
            .Select(row => new { row.UserId, row.GroupId, row.Group!.Name }).ToListAsync(request.Cancel)).ToLookup(row => row.UserId);
        var documents = new List<JsonObject>();
        foreach (var person in people)
        {
            var (id, document) = (person.Member.UserId, DocumentOf(person));
            var schemas = new JsonArray(ScimSchema.UserUrn);
            if (document.ContainsKey(ScimSchema.EnterpriseUrn))
                schemas.Add(ScimSchema.EnterpriseUrn);
            document["schemas"] = schemas;
            document["id"] = id.ToString();
            var mine = groups![id].Select(group => (JsonNode)new JsonObject
            {
                ["value"] = group.GroupId.ToString(), ["$ref"] = $"{request.Base}/Groups/{group.GroupId}", ["display"] = group.Name, ["type"] = "direct",
            }).ToArray();
            if (mine.Length > 0)
                document["groups"] = new JsonArray(mine);
            document["meta"] = new JsonObject
            {
                ["resourceType"] = "User", ["created"] = Time(person.Member.CreatedAt), ["lastModified"] = Time(person.ChangedAt), ["location"] = $"{request.Base}/Users/{id}", ["version"] = person.Version,
            };
            documents.Add(document);
        }
        return documents;
    }

    /// <summary>What the provider said of somebody; of a member whom it has not touched, what the account says.</summary>
    private static JsonObject DocumentOf(Person person)
    {
        var user = person.Member.User!;
        var document = person.Scim is { } said
            ? JsonNode.Parse(said.Attributes.GetRawText())!.AsObject()
            : new JsonObject
            {
                ["displayName"] = user.Name, ["name"] = new JsonObject { ["formatted"] = user.Name },
                ["emails"] = new JsonArray(new JsonObject { ["value"] = user.Email, ["type"] = "work", ["primary"] = true }),
            };
        document["userName"] = person.Scim?.UserName ?? user.Email;
        if (person.Scim?.ExternalId is { } external)
            document["externalId"] = external;
        document["active"] = person.Member.DisabledAt is null;
        return document;
    }

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private sealed record Person
    {
        public required Membership Member { get; init; }

        public ScimPerson? Scim { get; init; }

        /// <summary>Loaded with the membership.</summary>
        public User? User { get; init; }

        public string Version => string.Create(CultureInfo.InvariantCulture, $"W/\"{Member.User!.Version}.{Member.Version}.{Scim?.Version ?? 0}\"");

        public DateTimeOffset ChangedAt => new[] { Member.UpdatedAt, Member.User!.UpdatedAt, Scim?.UpdatedAt ?? Member.UpdatedAt }.Max();
    }

    /// <summary>What a document says of a person.</summary>
    private sealed record Said(string UserName, string? ExternalId, string Email, string? Name, bool? IsActive, JsonElement Attributes)
    {
        public static Said Of(JsonObject document)
        {
            var userName = Text(document["userName"])?.Trim();
            if (string.IsNullOrEmpty(userName) || userName.Length > LongestName)
                throw ScimFaultException.Value($"userName is needed and has at most {LongestName} characters.");
            var external = Text(document["externalId"]);
            if (external?.Length > LongestName)
                throw ScimFaultException.Value($"externalId has at most {LongestName} characters.");
            var emails = (document["emails"] as JsonArray)?.OfType<JsonObject>().Where(static email => !string.IsNullOrWhiteSpace(Text(email["value"]))).ToList() ?? [];
            var email = emails.Find(static email => email["primary"] is JsonValue flag && flag.TryGetValue<bool>(out var isPrimary) && isPrimary)
                ?? emails.Find(static email => string.Equals(Text(email["type"]), "work", StringComparison.OrdinalIgnoreCase)) ?? emails.FirstOrDefault();
            var address = Text(email?["value"])?.Trim() ?? (userName.Contains('@', StringComparison.Ordinal) ? userName : throw ScimFaultException.Value("emails holds an address, or userName is one."));
            var name = document["name"] as JsonObject;
            var parts = $"{Text(name?["givenName"])} {Text(name?["familyName"])}".Trim();
            var shown = new[] { Text(document["displayName"]), Text(name?["formatted"]), parts }.FirstOrDefault(static text => !string.IsNullOrWhiteSpace(text));
            var attributes = JsonSerializer.SerializeToElement(new JsonObject(document.Where(static member => !Computed.Contains(member.Key, StringComparer.Ordinal))
                .Select(static member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))), StrictJson.Options);
            if (attributes.GetRawText().Length > LargestDocument)
                throw ScimFaultException.Value($"A person has at most {LargestDocument} bytes.");
            return new Said(userName, external, address, shown, document["active"] is JsonValue active && active.TryGetValue<bool>(out var isActive) ? isActive : null, attributes);
        }

        private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }
}
