using Npgsql;

namespace Togglr.Store;

/// <summary>Reads <c>TOGGLR_DATABASE_URL</c>.</summary>
public static class DatabaseUrl
{
    /// <summary>Turns <c>postgres://user:password@host:port/database?sslmode=…</c> or Npgsql's keywords into a connection string.</summary>
    /// <exception cref="FormatException">It is neither; the message does not repeat the password.</exception>
    /// <param name="text">The address.</param>
    /// <param name="option">The option that holds it, for messages.</param>
    public static NpgsqlConnectionStringBuilder Parse(string text, string option = "TOGGLR_DATABASE_URL")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
            return ParseUrl(text, option);
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrEmpty(builder.Host) ? throw new FormatException($"{option} names no host.") : builder;
        }
        catch (ArgumentException failed)
        {
            throw new FormatException($"{option} is neither a postgres:// address nor Npgsql keywords: {failed.Message}", failed);
        }
    }

    /// <summary>The connection without its secrets, for logs.</summary>
    public static string Mask(NpgsqlConnectionStringBuilder connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return $"postgres://{connection.Username}@{connection.Host}:{connection.Port}/{connection.Database}";
    }

    private static NpgsqlConnectionStringBuilder ParseUrl(string text, string option)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address))
            throw new FormatException($"{option} is no valid address. Special characters of user and password are percent-encoded.");
        var credentials = address.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Uri.UnescapeDataString(address.Host.Trim('[', ']')),
            Port = address.Port > 0 ? address.Port : 5432,
            Database = Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/')) is { Length: > 0 } database ? database : "togglr",
        };
        if (credentials[0].Length > 0)
            builder.Username = Uri.UnescapeDataString(credentials[0]);
        if (credentials.Length == 2)
            builder.Password = Uri.UnescapeDataString(credentials[1]);
        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            Apply(builder, option, Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
        }

        return string.IsNullOrEmpty(builder.Host) ? throw new FormatException($"{option} names no host.") : builder;
    }

    private static void Apply(NpgsqlConnectionStringBuilder builder, string option, string name, string value)
    {
        try
        {
            switch (name)
            {
                case "host":
                    builder.Host = value;
                    break;
                case "sslmode":
                    builder.SslMode = Enum.Parse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
                    break;
                case "sslrootcert":
                    builder.RootCertificate = value;
                    break;
                case "sslcert":
                    builder.SslCertificate = value;
                    break;
                case "sslkey":
                    builder.SslKey = value;
                    break;
                case "application_name":
                    builder.ApplicationName = value;
                    break;
                case "connect_timeout":
                    builder.Timeout = int.Parse(value);
                    break;
                case "options":
                    builder.Options = value;
                    break;
                default:
                    throw new FormatException($"{option} has the parameter {name}, which is not known.");
            }
        }
        catch (ArgumentException failed)
        {
            throw new FormatException($"{option} has the parameter {name} with a value that it cannot have.", failed);
        }
    }
}
