using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Togglr.Hosting.Http;

/// <summary>Refuses null as an element of a list or a map. The serializer checks members against their nullable annotations, but not what lists hold.</summary>
internal static class NullElements
{
    public static void Refuse(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        var collections = type.Properties
            .Where(property => property is { Get: not null } && property.PropertyType != typeof(string) && HoldsReferences(property.PropertyType))
            .Select(property => (property.Name, Get: property.Get!)).ToArray();
        if (collections.Length == 0)
            return;
        type.OnDeserialized = value =>
        {
            foreach (var (name, get) in collections)
            {
                if (get(value) is { } read && HasNull(read))
                    throw new JsonException($"{name} holds null.");
            }
        };
    }

    private static bool HoldsReferences(Type type)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>))
            type = type.GetGenericArguments()[0];
        return type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && !type.GetGenericArguments()[^1].IsValueType;
    }

    private static bool HasNull(object read) => read switch
    {
        IOptional optional => optional.Untyped is { } value && HasNull(value),
        IDictionary map => map.Values.Cast<object?>().Contains(null),
        IEnumerable list => list.Cast<object?>().Contains(null),
        _ => false,
    };
}
