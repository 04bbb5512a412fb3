using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Togglr.ControlPlane;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Demo;
using Togglr.Hosting;
using Togglr.Hosting.Configuration;
using Togglr.Store;

namespace Togglr.Server.Commands;

/// <summary>Commands that work on the database and end.</summary>
internal static class DatabaseCommands
{
    public static Task<int> MigrateAsync(TogglrOptions options) => WithDatabaseAsync(options, static (_, _) =>
    {
        Console.Out.WriteLine("The database is up to date.");
        return Task.FromResult(CommandLine.Done);
    });

    public static Task<int> SeedAsync(TogglrOptions options) => WithDatabaseAsync(options, static async (services, options) =>
    {
        var administrator = await FirstStart.EnsureAdministratorAsync(services, options.AdminEmail, demo: true, CancellationToken.None);
        await DemoData.SeedDemoAsync(services, options.Demo, CancellationToken.None);
        Console.Out.WriteLine(administrator is null ? "The demo data is there." : $"The demo data is there. Sign in as {FirstStart.DemoEmail} with the password {FirstStart.DemoPassword}");
        return CommandLine.Done;
    });

    public static Task<int> ResetTwoFactorAsync(TogglrOptions options, string email) => WithDatabaseAsync(options, async (services, _) =>
    {
        if (await EmergencyAccess.ResetTwoFactorAsync(services, email, CancellationToken.None) is { } problem)
        {
            await Console.Error.WriteLineAsync(problem);
            return CommandLine.Failed;
        }

        Console.Out.WriteLine($"{email} signs in with the password alone now. All their sign-ins have ended.");
        return CommandLine.Done;
    });

    /// <summary>Checks all chains, also while a server works on the same database or data directory.</summary>
    public static async Task<int> VerifyAuditAsync(TogglrOptions options)
    {
        var settings = TogglrApp.StoreOptionsOf(options);
        try
        {
            if (settings.DatabaseUrl is not null || OperatingSystem.IsWindows() || EmbeddedPostgres.FindRunning(settings) is not { } running)
                return await WithDatabaseAsync(options, static (services, _) => VerifyAuditAsync(services.GetRequiredService<TogglrDatabase>().DataSource, services.GetRequiredService<AuditSeal>()));
            var seal = new AuditSeal(settings, NullLogger<AuditSeal>.Instance);
            seal.Load();
            await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(running) { Options = "-c default_transaction_read_only=on" });
            return await VerifyAuditAsync(database, seal);
        }
        catch (StoreStartException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return CommandLine.Failed;
        }
    }

    /// <summary>Lets chains that are not intact go on from where they are, and says so in each of them.</summary>
    public static Task<int> AcceptAuditAsync(TogglrOptions options) => WithDatabaseAsync(options, static async (services, _) =>
    {
        foreach (var (name, problem) in await services.GetRequiredService<AuditAcceptance>().RunAsync())
            Console.Out.WriteLine($"{name}: accepted although {problem}");
        return CommandLine.Done;
    });

    private static async Task<int> VerifyAuditAsync(NpgsqlDataSource database, AuditSeal seal)
    {
        var broken = false;
        foreach (var (organization, name) in await AuditChain.ListAsync(database, seal))
        {
            var verdict = await AuditChain.VerifyAsync(database, organization, seal);
            var since = verdict.UncheckedThrough > 0 ? $", from {verdict.UncheckedThrough + 1} on" : "";
            Console.Out.WriteLine($"{name}: {verdict.Entries} entries{since}, {verdict.Problem ?? "intact"}");
            broken |= verdict.Problem is not null;
        }

        return broken ? CommandLine.Failed : CommandLine.Done;
    }

    /// <summary>Works on the database, also while a server uses the same data directory.</summary>
    internal static async Task<int> WithDataSourceAsync(TogglrOptions options, Func<NpgsqlDataSource, Task<int>> work)
    {
        var settings = TogglrApp.StoreOptionsOf(options);
        try
        {
            if (settings.DatabaseUrl is not null || OperatingSystem.IsWindows() || EmbeddedPostgres.FindRunning(settings) is not { } running)
                return await WithDatabaseAsync(options, (services, _) => work(services.GetRequiredService<TogglrDatabase>().DataSource));
            await using var database = NpgsqlDataSource.Create(running);
            return await work(database);
        }
        catch (StoreStartException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return CommandLine.Failed;
        }
    }

    private static async Task<int> WithDatabaseAsync(TogglrOptions options, Func<IServiceProvider, TogglrOptions, Task<int>> work)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddTogglrLogging(options));
        services.AddTogglrHosting(options);
        services.AddTogglrStore(_ => TogglrApp.StoreOptionsOf(options));
        services.AddControlPlane(TogglrApp.ControlPlaneOptionsOf(options));
        services.AddSingleton<AuditAcceptance>();
        await using var provider = services.BuildServiceProvider();
        var database = provider.GetRequiredService<TogglrDatabase>();
        try
        {
            await database.StartAsync();
            return await work(provider, options);
        }
        catch (StoreStartException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return CommandLine.Failed;
        }
        finally
        {
            await database.StopAsync();
        }
    }
}
