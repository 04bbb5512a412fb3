namespace Togglr.ControlPlane.Api;

/// <summary>Names the component schema that describes a free JSON member in the API description (<see cref="ApiDescription"/> defines them).</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class ApiSchemaAttribute(string name, bool isList = false, bool isNullable = false) : Attribute
{
    public string Name { get; } = name;

    public bool IsList { get; } = isList;

    public bool IsNullable { get; } = isNullable;
}
