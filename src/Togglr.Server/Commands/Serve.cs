using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Togglr.ControlPlane.Accounts;
using Togglr.Hosting.Configuration;
using Togglr.Server.Startup;
using Togglr.Store;

namespace Togglr.Server.Commands;

/// <summary><c>togglr serve</c>.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(TogglrOptions options)
    {
        await using var app = TogglrApp.Build(options);
        try
        {
            await app.StartAsync();
        }
        catch (StoreStartException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return CommandLine.Failed;
        }
        catch (IOException error) when (error.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{error.Message} Another program listens there; choose another address with TOGGLR_LISTEN.");
            return CommandLine.Failed;
        }

        PrintBanner(app, options);
        // The start leaves garbage that a quiet server would keep for hours.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await app.WaitForShutdownAsync();
        // Stopping before the database was there means that it could not be used; the log says why.
        return app.Services.GetService<TogglrDatabase>() is { Started.IsCompleted: false } ? CommandLine.Failed : CommandLine.Done;
    }

    /// <summary>For people at a terminal, on standard error where standard output is a stream of JSON lines.</summary>
    private static void PrintBanner(WebApplication app, TogglrOptions options)
    {
        var output = options.LogFormat == "json" ? Console.Error : Console.Out;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        output.WriteLine($"Togglr {CommandLine.Version} ({string.Join(", ", options.Roles)}) listens on {string.Join(", ", addresses)}");
        if (!options.Has(TogglrOptions.ControlRole))
            return;
        var administrator = app.Services.GetRequiredService<FirstStartReport>().Administrator;
        if (options.Demo)
            output.WriteLine($"Open {addresses.First()} and sign in as {FirstStart.DemoEmail} with the password {FirstStart.DemoPassword}");
        else if (administrator is { TemporaryPassword: { } password })
            output.WriteLine($"Sign in as {administrator.Email} with the temporary password {password} (shown once; you will choose your own)");
    }
}
