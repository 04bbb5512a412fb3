using Togglr.ControlPlane.Encryption;
using Togglr.Hosting.Configuration;
using Togglr.Hosting.Security;

namespace Togglr.Server.Commands;

/// <summary>Rotation of the keys of encryption at rest.</summary>
internal static class KeyCommands
{
    /// <summary>Adds a key where the server keeps them itself, and encrypts everything with the newest. May run beside a server on the same data directory.</summary>
    public static Task<int> RotateAsync(TogglrOptions options)
    {
        var keys = EncryptionKeys.Load(options.EncryptionKeys, options.DataDirectory);
        return DatabaseCommands.WithDataSourceAsync(options, async database =>
        {
            if (keys.TryAdd() is { } added)
                Console.Out.WriteLine($"Added key {added} to {keys.Origin}.");
            else
                Console.Out.WriteLine($"The newest key of {keys.Origin} is {keys.Newest.Number}; add one with a higher number there to rotate again.");
            var secrets = new StoredSecrets(new SecretProtector(keys), keys);
            var report = await secrets.WalkAsync(database, rewrite: true);
            Console.Out.WriteLine($"Encrypted {report.Rewritten} secrets with key {keys.Newest.Number}; {report.Current} had it already.");
            return Tell(report);
        });
    }

    /// <summary>Drops old keys unless something still needs them.</summary>
    public static Task<int> DropOldAsync(TogglrOptions options)
    {
        var keys = EncryptionKeys.Load(options.EncryptionKeys, options.DataDirectory);
        return DatabaseCommands.WithDataSourceAsync(options, async database =>
        {
            var report = await new StoredSecrets(new SecretProtector(keys), keys).WalkAsync(database, rewrite: true);
            if (Tell(report) != CommandLine.Done)
                return CommandLine.Failed;
            Console.Out.WriteLine(keys.TryDropOld() is { } dropped
                ? $"Dropped {dropped} old keys from {keys.Origin}; key {keys.Newest.Number} stays."
                : $"No secret needs the keys of {keys.Origin} below {keys.Newest.Number} any more. Signatures of the audit log do: keep them there as long as you verify it.");
            return CommandLine.Done;
        });
    }

    private static int Tell(StoredSecretsReport report)
    {
        foreach (var secret in report.Unreadable)
            Console.Error.WriteLine($"Cannot be read: {secret}");
        return report.Unreadable.Count == 0 ? CommandLine.Done : CommandLine.Failed;
    }
}
