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

    public static Task<int> VerifyAuditAsync(TogglrOptions options) => WithDatabaseAsync(options, static async (services, _) =>
    {
        var broken = false;
        var database = services.GetRequiredService<TogglrDatabase>().DataSource;
        foreach (var (organization, name) in await AuditChain.ListAsync(database))
        {
            var verdict = await AuditChain.VerifyAsync(database, organization);
            Console.Out.WriteLine($"{name}: {verdict.Entries} entries, {verdict.Problem ?? "intact"}");
            broken |= verdict.Problem is not null;
        }

        return broken ? CommandLine.Failed : CommandLine.Done;
    });

    private static async Task<int> WithDatabaseAsync(TogglrOptions options, Func<IServiceProvider, TogglrOptions, Task<int>> work)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddTogglrLogging(options));
        services.AddTogglrHosting(options);
        services.AddTogglrStore(_ => TogglrApp.StoreOptionsOf(options));
        services.AddControlPlane(TogglrApp.ControlPlaneOptionsOf(options));
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
