using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Togglr.Hosting.Configuration;

namespace Togglr.Server.Commands;

/// <summary><c>togglr openapi</c>: the description of the management API, without starting anything.</summary>
internal static class OpenApiCommand
{
    public static async Task<int> RunAsync(TogglrOptions options)
    {
        await using var app = TogglrApp.Build(options);
        var provider = app.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>("openapi");
        var document = await provider.GetOpenApiDocumentAsync();
        await using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(text));
        Console.Out.WriteLine(text.ToString());
        return CommandLine.Done;
    }
}
