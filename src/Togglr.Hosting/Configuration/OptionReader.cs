using System.Globalization;

namespace Togglr.Hosting.Configuration;

/// <summary>Turns option texts into values; every error names the option, the value (unless secret) and what is accepted.</summary>
internal sealed class OptionReader(IReadOnlyDictionary<string, string> values)
{
    public string Text(string name) =>
        values[name].Trim() is { Length: > 0 } text ? text : throw new ConfigurationException($"{name} must not be empty.");

    public string? OptionalText(string name) => values[name].Trim() is { Length: > 0 } text ? text : null;

    public string? OptionalSecret(string name, int minimumLength) => values[name] switch
    {
        { Length: 0 } => null,
        { } secret when secret.Length >= minimumLength => secret,
        _ => throw new ConfigurationException($"{name} must have at least {minimumLength} characters."),
    };

    public int Integer(string name, int minimum, int maximum) =>
        int.TryParse(values[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum
            ? number
            : throw new ConfigurationException($"{name} is `{values[name]}`; it must be a whole number from {minimum} to {maximum}.");

    public bool Flag(string name) => values[name].Trim().ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" or "" => false,
        _ => throw new ConfigurationException($"{name} is `{values[name]}`; it must be `true` or `false`."),
    };

    public string Choice(string name, params string[] choices)
    {
        var value = values[name].Trim().ToLowerInvariant();
        return choices.Contains(value, StringComparer.Ordinal)
            ? value
            : throw new ConfigurationException($"{name} is `{values[name]}`; it must be one of {string.Join(", ", choices)}.");
    }

    public IReadOnlyList<string> Choices(string name, params string[] choices)
    {
        var chosen = List(name).Select(item => item.ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToArray();
        if (chosen.Length == 0)
            throw new ConfigurationException($"{name} must name at least one of {string.Join(", ", choices)}.");
        foreach (var item in chosen)
        {
            if (!choices.Contains(item, StringComparer.Ordinal))
                throw new ConfigurationException($"{name} has `{item}`; it must be made of {string.Join(", ", choices)}.");
        }

        return chosen;
    }

    public IReadOnlyList<string> List(string name) =>
        values[name].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IReadOnlyList<ListenAddress> Addresses(string name) => [.. List(name).Select(item =>
    {
        var colon = item.LastIndexOf(':');
        var isValid = colon > 0
            && int.TryParse(item.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port <= 65535
            && (item[..colon] is "localhost" or "*" || System.Net.IPAddress.TryParse(item[..colon].Trim('[', ']'), out _));
        return isValid
            ? new ListenAddress(item[..colon], int.Parse(item.AsSpan(colon + 1), CultureInfo.InvariantCulture))
            : throw new ConfigurationException($"{name} has `{item}`; it must be host:port with an IP address, `localhost` or `*`, for example 127.0.0.1:8080.");
    })];

    public IReadOnlyList<System.Net.IPNetwork> Networks(string name) => [.. List(name).Select(item =>
    {
        if (System.Net.IPNetwork.TryParse(item, out var network))
            return network;
        return System.Net.IPAddress.TryParse(item, out var address)
            ? new System.Net.IPNetwork(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)
            : throw new ConfigurationException($"{name} has `{item}`; it must be an IP address or a network such as 10.0.0.0/8, without bits beyond its length.");
    })];

    public IReadOnlyList<string> Origins(string name) => [.. List(name).Select(item =>
        Uri.TryCreate(item, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") && url.GetLeftPart(UriPartial.Authority).Equals(item.TrimEnd('/'), StringComparison.OrdinalIgnoreCase)
            ? item.TrimEnd('/')
            : throw new ConfigurationException($"{name} has `{item}`; it must be an origin such as https://flags.example.com, without a path. `*` is not accepted here."))];

    public (string Host, int Port)? OptionalHostAndPort(string name)
    {
        var text = values[name].Trim();
        if (text.Length == 0)
            return null;
        var colon = text.LastIndexOf(':');
        return colon > 0 && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? (text[..colon].Trim('[', ']'), port)
            : throw new ConfigurationException($"{name} is `{text}`; it must be host:port, for example mail.example.com:587.");
    }

    public Uri? OptionalHttpUrl(string name)
    {
        if (values[name].Length == 0)
            return null;
        return Uri.TryCreate(values[name], UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
            ? url
            : throw new ConfigurationException($"{name} is `{values[name]}`; it must be an http or https address.");
    }

    public string Email(string name) =>
        values[name].Trim() is var address && address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < address.Length - 1 && !address.Contains(' ', StringComparison.Ordinal)
            ? address
            : throw new ConfigurationException($"{name} is `{values[name]}`; it must be an e-mail address.");
}
