namespace Togglr.Hosting.Configuration;

/// <summary>One configuration option: its environment variable, default and meaning. The list is in <see cref="TogglrOptions.Definitions"/>.</summary>
/// <param name="Name">The environment variable, for example <c>TOGGLR_DATABASE_URL</c>. The YAML path (<c>database.url</c> or <c>database_url</c>) and the
/// command-line switch (<c>--database-url</c>) follow from it.</param>
/// <param name="Default">The value used when the option is given nowhere, as text; empty for none.</param>
/// <param name="Description">What the option does, in one or two sentences.</param>
/// <param name="IsSecret">Whether the value must never be printed.</param>
/// <param name="Aliases">Other environment variables that mean the same.</param>
public sealed record OptionDefinition(string Name, string Default, string Description, bool IsSecret = false, params string[] Aliases);

/// <summary>A configuration that cannot be used. The message names the option and says what it accepts.</summary>
public sealed class ConfigurationException(string message) : Exception(message);
