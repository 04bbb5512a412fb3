using System.Text.Json;
using System.Text.Json.Serialization;

namespace Togglr.Store;

/// <summary>How the parts of experiments are stored.</summary>
public static class ExperimentJson
{
    /// <summary>Names in camel case, nothing for null.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
