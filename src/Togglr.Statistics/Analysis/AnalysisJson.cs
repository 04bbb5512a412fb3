using System.Text.Json;
using System.Text.Json.Serialization;

namespace Togglr.Statistics.Analysis;

/// <summary>How results and looks are stored and shown.</summary>
public static class AnalysisJson
{
    /// <summary>Names in camel case, enumerations by name, nothing for null. A number that is none would throw, so none can be stored.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
