using System.Text.Json.Nodes;

namespace Togglr.ControlPlane.Scim;

/// <summary>The kinds of values (RFC 7643, 2.3).</summary>
internal enum ScimType
{
    Text,
    Boolean,
    DateTime,
    Reference,
    Complex,
}

/// <summary>An attribute of a resource.</summary>
/// <param name="Name">As it is written; compared without regard to case.</param>
/// <param name="Type">The kind of value.</param>
/// <param name="Description">For people and for <c>/Schemas</c>.</param>
internal sealed record ScimAttribute(string Name, ScimType Type, string Description)
{
    public bool IsMulti { get; init; }

    public bool IsRequired { get; init; }

    public bool IsCaseExact { get; init; }

    public bool IsReadOnly { get; init; }

    public bool IsImmutable { get; init; }

    public bool IsUnique { get; init; }

    public IReadOnlyList<ScimAttribute> Sub { get; init; } = [];

    public ScimAttribute? Find(string name) => Sub.FirstOrDefault(sub => string.Equals(sub.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>As <c>/Schemas</c> shows it (RFC 7643, 7).</summary>
    public JsonObject Describe()
    {
        var shown = new JsonObject
        {
            ["name"] = Name,
            ["type"] = Type switch { ScimType.Text => "string", ScimType.DateTime => "dateTime", _ => Type.ToString().ToLowerInvariant() },
            ["multiValued"] = IsMulti,
            ["description"] = Description,
            ["required"] = IsRequired,
            ["caseExact"] = IsCaseExact,
            ["mutability"] = IsReadOnly ? "readOnly" : IsImmutable ? "immutable" : "readWrite",
            ["returned"] = "default",
            ["uniqueness"] = IsUnique ? "server" : "none",
        };
        if (Sub.Count > 0)
            shown["subAttributes"] = new JsonArray([.. Sub.Select(static sub => sub.Describe())]);
        return shown;
    }
}

/// <summary>A kind of resource: its attributes, and those of its extension.</summary>
internal sealed class ScimSchema
{
    public const string UserUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
    public const string GroupUrn = "urn:ietf:params:scim:schemas:core:2.0:Group";
    public const string EnterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    private static readonly ScimAttribute Id = new("id", ScimType.Text, "The identifier of the resource.") { IsReadOnly = true, IsCaseExact = true };
    private static readonly ScimAttribute ExternalId = new("externalId", ScimType.Text, "The provider's identifier.") { IsCaseExact = true };
    private static readonly ScimAttribute Meta = new("meta", ScimType.Complex, "About the resource.")
    {
        IsReadOnly = true,
        Sub =
        [
            new("resourceType", ScimType.Text, "The kind.") { IsReadOnly = true, IsCaseExact = true }, new("created", ScimType.DateTime, "When it was made.") { IsReadOnly = true },
            new("lastModified", ScimType.DateTime, "When it was last changed.") { IsReadOnly = true }, new("location", ScimType.Reference, "Its address.") { IsReadOnly = true, IsCaseExact = true },
            new("version", ScimType.Text, "The entity tag.") { IsReadOnly = true, IsCaseExact = true },
        ],
    };

    public static ScimSchema User { get; } = new(UserUrn, "User",
        [
            new("userName", ScimType.Text, "The provider's name for the person.") { IsRequired = true, IsUnique = true },
            new("name", ScimType.Complex, "The parts of the name.")
            {
                Sub =
                [
                    Text("formatted", "The whole name."), Text("familyName", "The family name."), Text("givenName", "The given name."), Text("middleName", "The middle name."),
                    Text("honorificPrefix", "What stands before the name."), Text("honorificSuffix", "What stands behind the name."),
                ],
            },
            Text("displayName", "The name that is shown."), Text("nickName", "A casual name."), new("profileUrl", ScimType.Reference, "A page about the person."), Text("title", "The title."),
            Text("userType", "The relation to the organization."), Text("preferredLanguage", "The language."), Text("locale", "Where the person is, for formats."), Text("timezone", "The time zone."),
            new("active", ScimType.Boolean, "Whether the person has access to the organization."),
            Multi("emails", "Addresses; the primary one is the account's."), Multi("phoneNumbers", "Telephone numbers."), Multi("ims", "Addresses of messengers."), Multi("photos", "Pictures."),
            new("addresses", ScimType.Complex, "Postal addresses.")
            {
                IsMulti = true,
                Sub =
                [
                    Text("formatted", "The whole address."), Text("streetAddress", "The street."), Text("locality", "The town."), Text("region", "The region."), Text("postalCode", "The postal code."),
                    Text("country", "The country."), Text("type", "What it is for."), new("primary", ScimType.Boolean, "Whether it is the first one."),
                ],
            },
            Multi("entitlements", "Entitlements."), Multi("roles", "Roles as the provider knows them; what they give here, groups and mappings decide."), Multi("x509Certificates", "Certificates."),
            new("groups", ScimType.Complex, "The person's groups.")
            {
                IsMulti = true, IsReadOnly = true,
                Sub =
                [
                    new("value", ScimType.Text, "The group's id.") { IsReadOnly = true, IsCaseExact = true }, new("$ref", ScimType.Reference, "The group's address.") { IsReadOnly = true, IsCaseExact = true },
                    new("display", ScimType.Text, "The group's name.") { IsReadOnly = true }, new("type", ScimType.Text, "direct") { IsReadOnly = true },
                ],
            },
        ],
        EnterpriseUrn,
        [
            Text("employeeNumber", "The number of the employee."), Text("costCenter", "The cost center."), Text("organization", "The organization."), Text("division", "The division."),
            Text("department", "The department."),
            new("manager", ScimType.Complex, "The person's manager.")
            {
                Sub = [new("value", ScimType.Text, "The manager's id.") { IsCaseExact = true }, new("$ref", ScimType.Reference, "The manager's address."), Text("displayName", "The manager's name.")],
            },
        ]);

    public static ScimSchema Group { get; } = new(GroupUrn, "Group",
        [
            new("displayName", ScimType.Text, "The name, which mappings match.") { IsRequired = true, IsUnique = true },
            new("members", ScimType.Complex, "The people in it.")
            {
                IsMulti = true,
                Sub =
                [
                    new("value", ScimType.Text, "The person's id.") { IsImmutable = true, IsCaseExact = true }, new("$ref", ScimType.Reference, "The person's address.") { IsImmutable = true, IsCaseExact = true },
                    new("display", ScimType.Text, "The person's name.") { IsReadOnly = true }, new("type", ScimType.Text, "User") { IsImmutable = true },
                ],
            },
        ],
        null, []);

    private readonly IReadOnlyList<ScimAttribute> _own;

    private ScimSchema(string urn, string name, IReadOnlyList<ScimAttribute> own, string? extension, IReadOnlyList<ScimAttribute> ofExtension)
    {
        (Urn, Name, Extension, _own) = (urn, name, extension, own);
        var all = new List<ScimAttribute>([Id, ExternalId, Meta, .. own]);
        if (extension is not null)
            all.Add(new ScimAttribute(extension, ScimType.Complex, "Enterprise User") { Sub = ofExtension });
        Attributes = all;
    }

    public string Urn { get; }

    public string Name { get; }

    public string? Extension { get; }

    /// <summary>All attributes; the extension is one with its URN as the name.</summary>
    public IReadOnlyList<ScimAttribute> Attributes { get; }

    public ScimAttribute? Find(string name) => Attributes.FirstOrDefault(attribute => string.Equals(attribute.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The documents of <c>/Schemas</c>.</summary>
    public IEnumerable<JsonObject> Describe()
    {
        yield return Document(Urn, Name, [ExternalId, .. _own]);
        if (Extension is not null)
            yield return Document(Extension, "Enterprise User", Find(Extension)!.Sub);
    }

    private static JsonObject Document(string urn, string name, IEnumerable<ScimAttribute> attributes) => new()
    {
        ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:Schema"),
        ["id"] = urn,
        ["name"] = name,
        ["description"] = name,
        ["attributes"] = new JsonArray([.. attributes.Select(static attribute => attribute.Describe())]),
        ["meta"] = new JsonObject { ["resourceType"] = "Schema", ["location"] = $"/scim/v2/Schemas/{urn}" },
    };

    private static ScimAttribute Text(string name, string description) => new(name, ScimType.Text, description);

    private static ScimAttribute Multi(string name, string description) => new(name, ScimType.Complex, description)
    {
        IsMulti = true,
        Sub = [Text("value", "The value."), Text("display", "For people."), Text("type", "What it is for."), new("primary", ScimType.Boolean, "Whether it is the first one.")],
    };
}
