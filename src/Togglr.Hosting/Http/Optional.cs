using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Togglr.Hosting.Http;

/// <summary>A member of a PATCH body: absent (unchanged), or present with a value that may be null (clear it).</summary>
public readonly record struct Optional<T>(T Value) : IOptional
{
    /// <summary>Whether the member was there.</summary>
    public bool IsSet { get; } = true;

    /// <summary>The value if the member was there, else <paramref name="current"/>.</summary>
    public T Or(T current) => IsSet ? Value : current;

    object? IOptional.Untyped => Value;
}

/// <summary>An <see cref="Optional{T}"/> of whatever type.</summary>
internal interface IOptional
{
    object? Untyped { get; }
}

/// <summary>Reads <see cref="Optional{T}"/>.</summary>
public sealed class OptionalConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(OptionalConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()[0]))!;

    [SuppressMessage("Performance", "CA1812", Justification = "Created by reflection above.")]
    private sealed class OptionalConverter<T> : JsonConverter<Optional<T>>
    {
        public override bool HandleNull => true;

        public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<T>(ref reader, options)!);

        public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Value, options);
    }
}
