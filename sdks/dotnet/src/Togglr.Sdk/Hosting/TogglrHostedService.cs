using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Togglr.Sdk.Hosting;

/// <summary>Starts the client with the host. The container disposes it, after the application's own services have stopped.</summary>
internal sealed class TogglrHostedService(TogglrClient client) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken) =>
        await client.WaitUntilReadyAsync(cancellation: cancellationToken).ConfigureAwait(false);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Turns <see cref="TogglrClientOptions.Validate"/> into the host's validation at start.</summary>
internal sealed class TogglrOptionsValidator : IValidateOptions<TogglrClientOptions>
{
    public ValidateOptionsResult Validate(string? name, TogglrClientOptions options) =>
        options.Validate() is { Count: > 0 } errors ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
}
