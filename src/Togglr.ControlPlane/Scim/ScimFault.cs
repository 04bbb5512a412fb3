namespace Togglr.ControlPlane.Scim;

/// <summary>A request that SCIM answers with an error of its own. Caught in one place, <see cref="ScimGate"/>.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="type">The <c>scimType</c>, where the standard has one.</param>
/// <param name="detail">For people.</param>
#pragma warning disable CA1064 // Control flow out of nested readers, not part of the surface.
internal sealed class ScimFaultException(int status, string? type, string detail) : Exception(detail)
#pragma warning restore CA1064
{
    public int Status => status;

    public string? Type => type;

    public static ScimFaultException Syntax(string detail) => new(400, "invalidSyntax", detail);

    public static ScimFaultException Value(string detail) => new(400, "invalidValue", detail);

    public static ScimFaultException Filter(string detail) => new(400, "invalidFilter", detail);

    public static ScimFaultException Path(string detail) => new(400, "invalidPath", detail);

    public static ScimFaultException NoTarget(string detail) => new(400, "noTarget", detail);

    public static ScimFaultException Mutability(string detail) => new(400, "mutability", detail);

    public static ScimFaultException Uniqueness(string detail) => new(409, "uniqueness", detail);

    public static ScimFaultException NotFound(string detail) => new(404, null, detail);
}
