using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Togglr.Store;

/// <summary>One step of the schema. Steps are never edited after a release; a new one is added.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Name">The file's name after the number.</param>
/// <param name="Sql">The statements, run in one transaction.</param>
public sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the statements with line ends normalised, in lower-case hexadecimal.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The steps that are part of this program, <c>Migrations/0001_initial.sql</c> and on.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load();

    private static List<Migration> Load()
    {
        var assembly = typeof(Migration).Assembly;
        var migrations = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(name => Read(assembly, name)).ToList();
        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Number != i + 1)
                throw new InvalidOperationException($"Migration {i + 1} is missing or there twice.");
        }

        return migrations;
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new Migration(int.Parse(resource.AsSpan(0, 4)), resource[5..^4], reader.ReadToEnd());
    }
}
