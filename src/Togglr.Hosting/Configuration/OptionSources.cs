using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Togglr.Hosting.Configuration;

/// <summary>Merges command line, environment, YAML and defaults into one value per option.</summary>
internal static class OptionSources
{
    public static Dictionary<string, string> Merge(
        IReadOnlyList<OptionDefinition> definitions, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var known = definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
        var switches = ParseSwitches(arguments, known);
        var values = definitions.ToDictionary(definition => definition.Name, definition => definition.Default, StringComparer.Ordinal);

        switches.Remove("TOGGLR_CONFIG", out var file);
        file ??= environment.GetValueOrDefault("TOGGLR_CONFIG");
        if (!string.IsNullOrEmpty(file))
        {
            foreach (var (name, value) in ReadYaml(file))
                values[Known(name, known, $"{file}: ")] = value;
        }

        foreach (var definition in definitions)
        {
            foreach (var alias in definition.Aliases)
            {
                if (environment.TryGetValue(alias, out var aliased))
                    values[definition.Name] = aliased;
            }
        }

        // Names of the installer and of SDKs share the prefix, so an unknown variable is not an error as an unknown switch or YAML key is.
        foreach (var (name, value) in environment)
        {
            if (known.ContainsKey(name))
                values[name] = value;
        }

        foreach (var (name, value) in switches)
            values[name] = value;
        return values;
    }

    private static Dictionary<string, string> ParseSwitches(IReadOnlyList<string> arguments, Dictionary<string, OptionDefinition> known)
    {
        var switches = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
                throw new ConfigurationException($"`{argument}` is not understood. Options are written `--name value`.");
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = ToName(equals < 0 ? argument[2..] : argument[2..equals]);
            if (name != "TOGGLR_CONFIG")
                name = Known(name, known, string.Empty);
            if (equals >= 0)
                switches[name] = argument[(equals + 1)..];
            else if (i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                switches[name] = arguments[++i];
            else if (name == "TOGGLR_DEMO")
                switches[name] = "true";
            else
                throw new ConfigurationException($"`{argument}` needs a value.");
        }

        return switches;
    }

    private static IEnumerable<(string Name, string Value)> ReadYaml(string file)
    {
        var yaml = new YamlStream();
        try
        {
            using var reader = new StreamReader(file);
            yaml.Load(reader);
        }
        catch (YamlException error)
        {
            throw new ConfigurationException($"{file} is not valid YAML: line {error.Start.Line}: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The configuration file {file} cannot be read: {error.Message}");
        }

        if (yaml.Documents.Count == 0)
            return [];
        return yaml.Documents[0].RootNode is YamlMappingNode root
            ? Flatten(root, string.Empty, file)
            : throw new ConfigurationException($"{file} must be a mapping of options.");
    }

    private static IEnumerable<(string Name, string Value)> Flatten(YamlMappingNode node, string prefix, string file)
    {
        foreach (var (keyNode, valueNode) in node.Children)
        {
            var key = prefix + ((keyNode as YamlScalarNode)?.Value ?? throw new ConfigurationException($"{file}: line {keyNode.Start.Line}: a name must be text."));
            switch (valueNode)
            {
                case YamlScalarNode scalar:
                    yield return (ToName(key), scalar.Value ?? string.Empty);
                    break;
                case YamlSequenceNode sequence:
                    yield return (ToName(key), string.Join(',', sequence.Children.Select(item => (item as YamlScalarNode)?.Value
                        ?? throw new ConfigurationException($"{file}: line {item.Start.Line}: `{key}` must be a list of texts."))));
                    break;
                case YamlMappingNode mapping:
                    foreach (var entry in Flatten(mapping, key + "_", file))
                        yield return entry;
                    break;
            }
        }
    }

    private static string ToName(string key)
    {
        var name = key.Replace('-', '_').Replace('.', '_').ToUpperInvariant();
        return name.StartsWith("TOGGLR_", StringComparison.Ordinal) ? name : "TOGGLR_" + name;
    }

    private static string Known(string name, Dictionary<string, OptionDefinition> known, string where) =>
        known.ContainsKey(name)
            ? name
            : throw new ConfigurationException($"{where}there is no option {name}. `togglr config` lists the options; docs/configuration.md explains them.");
}
