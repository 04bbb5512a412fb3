using System.Collections.Concurrent;

namespace Togglr.Hosting.Security;

/// <summary>
/// Slows down guessing of passwords, per account and address together, so that nobody can lock somebody else out from elsewhere: after five failures
/// in a row the next tries wait 1, 2, 4 … up to 60 seconds. An address that fails at many accounts is slowed down as a whole as well.
/// Forgets after a quarter of an hour of silence. In memory of this process.
/// </summary>
public sealed class SignInThrottle(TimeProvider time)
{
    private const int FreeFailuresPerAccount = 5;
    private const int FreeFailuresPerAddress = 50;
    private const int Capacity = 50_000;
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, State> _states = new(StringComparer.Ordinal);

    /// <summary>How long this account at this address has to wait before the next try; zero when it may try now.</summary>
    public TimeSpan Wait(string account, string address)
    {
        var now = time.GetUtcNow();
        var byAccount = Until(AccountKey(account, address), FreeFailuresPerAccount) - now;
        var byAddress = Until(address, FreeFailuresPerAddress) - now;
        var wait = byAccount > byAddress ? byAccount : byAddress;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Remembers a wrong password.</summary>
    public void Failed(string account, string address)
    {
        if (_states.Count > Capacity)
            Forget();
        var now = time.GetUtcNow();
        foreach (var key in new[] { AccountKey(account, address), address })
            _states.AddOrUpdate(key, _ => new State(1, now), (_, old) => now - old.Last > Memory ? new State(1, now) : new State(old.Failures + 1, now));
    }

    /// <summary>Forgets the account's failures at this address after a right password. The address's own count stays.</summary>
    public void Succeeded(string account, string address) => _states.TryRemove(AccountKey(account, address), out _);

    private static string AccountKey(string account, string address) => $"{address} {account.ToUpperInvariant()}";

    private DateTimeOffset Until(string key, int free)
    {
        if (!_states.TryGetValue(key, out var state) || state.Failures < free || time.GetUtcNow() - state.Last > Memory)
            return DateTimeOffset.MinValue;
        var seconds = Math.Min(LongestWait.TotalSeconds, Math.Pow(2, Math.Min(16, state.Failures - free)));
        return state.Last + TimeSpan.FromSeconds(seconds);
    }

    private void Forget()
    {
        var oldest = time.GetUtcNow() - Memory;
        foreach (var (key, state) in _states)
        {
            if (state.Last < oldest || _states.Count > Capacity)
                _states.TryRemove(key, out _);
        }
    }

    private sealed record State(int Failures, DateTimeOffset Last);
}
