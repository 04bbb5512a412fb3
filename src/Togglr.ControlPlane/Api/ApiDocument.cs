using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.OpenApi;
using Togglr.Store;

namespace Togglr.ControlPlane.Api;

/// <summary>The description of the management API as a text, for <c>spec/openapi.json</c>.</summary>
public static class ApiDocument
{
    /// <summary>Writes the document as the server would serve it. Needs no database: endpoints are read, not called.</summary>
    public static async Task<string> WriteAsync(CancellationToken cancel = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddDbContext<TogglrDbContext>(options => options.UseNpgsql("Host=nowhere"));
        builder.Services.AddSingleton<ChangeSignal>();
        // Known, so that endpoints that take it are described, and absent, so that nobody waits for it.
        builder.Services.AddSingleton<TogglrDatabase>(static _ => null!);
        builder.Services.AddSingleton<SnapshotReader>();
        builder.Services.AddControlPlane(new ControlPlaneOptions { SigningKey = new byte[32], EncryptionKeys = Togglr.Hosting.Security.EncryptionKeys.Passing() });
        await using var app = builder.Build();
        app.MapControlPlane();
        // Endpoints are known to the description once the pipeline is built, which starting does.
        await app.StartAsync(cancel);
        var document = await app.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(ApiDescription.Name).GetOpenApiDocumentAsync(cancel);
        await app.StopAsync(cancel);
        return (await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancel)).ReplaceLineEndings("\n") + "\n";
    }
}
