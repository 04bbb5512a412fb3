using System.Collections;
using System.Reflection;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Configuration;

namespace Togglr.Server.Commands;

/// <summary>
/// <c>togglr COMMAND [--option value …]</c>. Every option of docs/configuration.md is a switch of every command, so there is nothing to parse that
/// <see cref="TogglrOptions"/> does not.
/// </summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Misused = 2;

    private const string Usage = """
        Usage: togglr [COMMAND] [--option value …]

          serve          run the roles of TOGGLR_ROLES (the default command)
          migrate        bring the database's schema up to date
          seed           add the demo data
          simulate       send made-up traffic to a running server; see togglr simulate --help
          verify-audit   check every organization's audit chain
          reset-two-factor EMAIL
                         turn off the second factor of somebody who lost it
          accept-audit   let chains that are not intact go on from where they are
          rotate-keys    encrypt stored secrets with a new key; the old keys stay readable
          drop-old-keys  forget all keys but the newest, once nothing needs them
          config         print the effective options
          openapi        print the OpenAPI document of the management API
          version        print the version

        Options are those of docs/configuration.md: --data-dir DIR is TOGGLR_DATA_DIR=DIR; --config FILE reads YAML.
        """;

    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var command = arguments is [{ } first, ..] && !first.StartsWith('-') ? first : "serve";
        if (command == "simulate")
        {
            if (!arguments.Contains("--help", StringComparer.Ordinal))
                return await Simulate.RunAsync(arguments[1..]);
            Console.Out.WriteLine(Simulate.Usage);
            return Done;
        }

        if (command == "help" || arguments.Contains("--help", StringComparer.Ordinal) || arguments.Contains("-h", StringComparer.Ordinal))
        {
            Console.Out.WriteLine(Usage);
            return Done;
        }

        if (command == "version" || arguments is ["--version"])
        {
            Console.Out.WriteLine(Version);
            return Done;
        }

        try
        {
            var switches = arguments is [{ } name, ..] && !name.StartsWith('-') ? arguments[1..] : arguments;
            var email = "";
            if (command == "reset-two-factor")
            {
                if (switches is not [{ } whose, ..] || whose.StartsWith('-'))
                    return Misuse("Say whose second factor: togglr reset-two-factor EMAIL");
                (email, switches) = (whose, switches[1..]);
            }

            var options = TogglrOptions.Load(switches, EnvironmentVariables());
            return command switch
            {
                "serve" => await Serve.RunAsync(options),
                "migrate" => await DatabaseCommands.MigrateAsync(options),
                "seed" => await DatabaseCommands.SeedAsync(options),
                "verify-audit" => await DatabaseCommands.VerifyAuditAsync(options),
                "reset-two-factor" => await DatabaseCommands.ResetTwoFactorAsync(options, email),
                "accept-audit" => await DatabaseCommands.AcceptAuditAsync(options),
                "rotate-keys" => await KeyCommands.RotateAsync(options),
                "drop-old-keys" => await KeyCommands.DropOldAsync(options),
                "openapi" => await PrintApiDescriptionAsync(),
                "config" => PrintOptions(options),
                _ => Misuse($"There is no command `{command}`.\n\n{Usage}"),
            };
        }
        catch (ConfigurationException error)
        {
            return Misuse(error.Message);
        }
    }

    private static int PrintOptions(TogglrOptions options)
    {
        foreach (var (name, value) in options.Describe())
            Console.Out.WriteLine($"{name}={value}");
        return Done;
    }

    private static async Task<int> PrintApiDescriptionAsync()
    {
        Console.Out.Write(await ApiDocument.WriteAsync());
        return Done;
    }

    private static int Misuse(string message)
    {
        Console.Error.WriteLine(message);
        return Misused;
    }

    private static Dictionary<string, string> EnvironmentVariables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? string.Empty, StringComparer.Ordinal);
}
