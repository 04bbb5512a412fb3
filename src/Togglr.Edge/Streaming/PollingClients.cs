using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.Streaming;

/// <summary>
/// Clients that ask for the configuration or for all flags again and again. They hear of a change with their next question, so it matters how many there are and how often they ask. A client is a key, an
/// address and a program; several behind one address count as one.
/// </summary>
internal sealed class PollingClients(TimeProvider time)
{
    private const int MaximumClients = 20_000;
    private const double ShortestSeconds = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(SdkKeyIdentity Key, int Client), (DateTimeOffset At, double Seconds)> _clients = new();

    /// <summary>Notes a question.</summary>
    public void Note(SdkKeyIdentity key, HttpContext context)
    {
        var client = HashCode.Combine(context.Connection.RemoteIpAddress, string.GetHashCode(context.Request.Headers.UserAgent.ToString().AsSpan(), StringComparison.Ordinal));
        var now = time.GetUtcNow();
        if (_clients.Count >= MaximumClients && !_clients.ContainsKey((key, client)))
            return;
        _clients.AddOrUpdate((key, client), static (_, now) => (now, 0), static (_, known, now) =>
        {
            var seconds = (now - known.At).TotalSeconds;
            // What comes in one burst is one question; whoever was away for long begins anew.
            return seconds < ShortestSeconds ? known : (now, seconds > Patience.TotalSeconds ? 0 : seconds);
        }, now);
    }

    /// <summary>How many there are of an environment, and the longest time between two questions of one of them.</summary>
    public (int Count, int Seconds) Of(Guid environment)
    {
        var old = time.GetUtcNow() - Patience;
        var (count, longest) = (0, 0.0);
        foreach (var (client, seen) in _clients)
        {
            if (seen.At < old)
                _clients.TryRemove(client, out _);
            else if (client.Key.Environment.Id == environment && seen.Seconds > 0)
                (count, longest) = (count + 1, Math.Max(longest, seen.Seconds));
        }
        return (count, (int)Math.Ceiling(longest));
    }
}
