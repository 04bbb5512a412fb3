using System.Collections.Concurrent;
using System.DirectoryServices.Protocols;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>
/// Runs what blocks on threads of its own, a few for each directory and not too many for all, so that a directory that hangs takes neither the server's threads nor another directory's.
/// A call that lasts too long is given up; its thread counts until the library gives it back.
/// </summary>
internal sealed partial class LdapCalls(ProviderSecrets secrets, TrustDirectories trust, ControlPlaneOptions options, TimeProvider time, ILogger<LdapCalls> log) : IDisposable
{
    /// <summary>The code of the failure of anything but the caller.</summary>
    public const string Unavailable = "directory_unavailable";

    private const int PerDirectory = 8;
    private const int Together = 32;

    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _gates = new();
    private readonly SemaphoreSlim _all = new(Together);

    /// <summary>Opens a session and does something with it.</summary>
    /// <param name="provider">The directory.</param>
    /// <param name="limit">How long everything may take.</param>
    /// <param name="work">What.</param>
    /// <param name="cancel">Cancels the waiting.</param>
    /// <returns>The result, or what the directory could not do: the path of the error is the step.</returns>
    public Task<Result<T>> WithSessionAsync<T>(IdentityProvider provider, TimeSpan limit, Func<LdapSession, T> work, CancellationToken cancel)
        where T : notnull
    {
        var settings = ProviderSettings.Stored<LdapSettings>(provider.Settings).Complete();
        var password = secrets.Read(provider).GetValueOrDefault(LdapKind.BindPassword);
        return RunAsync(provider, limit, () =>
        {
            using var session = LdapSession.Open(settings, password, ReachOf(settings));
            return work(session);
        }, cancel);
    }

    /// <summary>What may be connected to, and whom to trust there.</summary>
    public LdapReach ReachOf(LdapSettings settings) => new(settings.CaCertificate is { } pem ? trust.Of(pem) : null, options.AllowPrivateProviders);

    /// <summary>Does something that blocks.</summary>
    public async Task<Result<T>> RunAsync<T>(IdentityProvider provider, TimeSpan limit, Func<T> work, CancellationToken cancel)
        where T : notnull
    {
        var began = time.GetTimestamp();
        var gate = _gates.GetOrAdd(provider.Id, static _ => new SemaphoreSlim(PerDirectory));
        if (!await gate.WaitAsync(limit, cancel))
            return Busy();
        if (!await _all.WaitAsync(limit - time.GetElapsedTime(began) is { Ticks: > 0 } left ? left : TimeSpan.Zero, cancel))
        {
            gate.Release();
            return Busy();
        }
        var call = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return Try(work);
                }
                finally
                {
                    _all.Release();
                    gate.Release();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            var result = await call.WaitAsync(limit, time, cancel);
            if (!result.IsOk)
                LogFailed(provider.Key, result.Error.Path ?? "", result.Error.Message);
            return result;
        }
        catch (TimeoutException)
        {
            LogGivenUp(provider.Key, limit.TotalSeconds);
            return new StoreError(Unavailable, $"The directory did not answer within {limit.TotalSeconds:0} seconds.", "connect");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _all.Dispose();

    private static Result<T> Try<T>(Func<T> work)
        where T : notnull
    {
        if (!LdapLibrary.IsThere)
            return new StoreError(Unavailable, "This server has no OpenLDAP library. Install it (Debian and Ubuntu: libldap-2.5-0 or libldap2; Alpine: libldap; Fedora: openldap).", "connect");
        try
        {
            return work();
        }
        catch (DirectoryFaultException fault)
        {
            return new StoreError(Unavailable, fault.Message, fault.Step);
        }
        catch (Exception failed) when (failed is DirectoryException or LdapException or DllNotFoundException or ArgumentException or ObjectDisposedException)
        {
            return new StoreError(Unavailable, $"The directory could not be asked: {failed.Message}", "connect");
        }
    }

    private static StoreError Busy() => new(Unavailable, "The directory has more to do than it can. Try again.", "connect");

    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "The directory {Provider} failed at the step {Step}: {Reason}")]
    private partial void LogFailed(string provider, string step, string reason);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning, Message = "The directory {Provider} was given up after {Seconds} seconds")]
    private partial void LogGivenUp(string provider, double seconds);
}
