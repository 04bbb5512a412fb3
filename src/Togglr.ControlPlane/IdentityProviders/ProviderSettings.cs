using System.Text.Json;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>Reads and writes the typed settings of identity providers.</summary>
internal static class ProviderSettings
{
    /// <summary>Settings as sent, read as strictly as a body; the fault when they cannot be.</summary>
    public static (T? Settings, ProblemItem? Fault) Read<T>(JsonElement settings)
        where T : class
    {
        if (settings.ValueKind != JsonValueKind.Object)
            return (null, new ProblemItem("invalid", "/settings", "Settings are an object."));
        try
        {
            return (settings.Deserialize<T>(StrictJson.Options), null);
        }
        catch (JsonException exception)
        {
            return (null, new ProblemItem("invalid", "/settings" + Pointer(exception.Path), $"This is not a setting of {Name<T>()} or not of the right kind."));
        }
    }

    /// <summary>Settings that were checked when they were stored.</summary>
    public static T Stored<T>(JsonElement settings)
        where T : class => settings.Deserialize<T>(StrictJson.Options)!;

    /// <summary>As they are stored.</summary>
    public static JsonElement Write<T>(T settings) => JsonSerializer.SerializeToElement(settings, StrictJson.Options);

    /// <summary>The fault of a text that is too long, or holds what cannot be stored.</summary>
    public static ProblemItem? Fault(string? text, string path, int longest, bool required = false) => text switch
    {
        null or "" when required => new ProblemItem("required", path, "This is needed."),
        { } given when given.Length > longest => new ProblemItem("too_long", path, $"This has at most {longest} characters."),
        { } given when given.Any(char.IsControl) => new ProblemItem("invalid", path, "The text has a control character."),
        { } given => Texts.Fault(given, path),
        null => null,
    };

    private static string Name<T>() => typeof(T).Name.Replace("Settings", "", StringComparison.Ordinal).ToUpperInvariant();

    private static string Pointer(string? path) => path is null or "$" ? "" : path[1..].Replace("['", "/", StringComparison.Ordinal).Replace("']", "", StringComparison.Ordinal)
        .Replace('.', '/').Replace("[", "/", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
}
