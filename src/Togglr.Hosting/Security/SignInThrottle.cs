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
    private const int TriesAtOncePerAccount = 5;
    private const int TriesAtOncePerAddress = 20;
    private const int Capacity = 50_000;
    private static readonly TimeSpan Crowded = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>How long failures are remembered after the last one.</summary>
    public static TimeSpan Memory { get; } = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, State> _states = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _trying = new(StringComparer.Ordinal);

    /// <summary>
    /// Begins a try: how long this account at this address has to wait first; zero when it may try now. Tries under way count as much as failures, since they may
    /// all become ones: without that, any number sent at once would pass before the first has failed. End every try that may go on with <see cref="End"/>.
    /// </summary>
    public TimeSpan Begin(string account, string address)
    {
        lock (_trying)
        {
            if (Wait(account, address) is { Ticks: > 0 } wait)
                return wait;
            var (accountKey, byAccount, byAddress) = (AccountKey(account, address), 0, 0);
            if (_trying.TryGetValue(accountKey, out byAccount) && byAccount >= TriesAtOncePerAccount)
                return Crowded;
            if (_trying.TryGetValue(address, out byAddress) && byAddress >= TriesAtOncePerAddress)
                return Crowded;
            _trying[accountKey] = byAccount + 1;
            _trying[address] = byAddress + 1;
            return TimeSpan.Zero;
        }
    }

    /// <summary>Ends a try that <see cref="Begin"/> let go on, after its outcome was told.</summary>
    public void End(string account, string address)
    {
        lock (_trying)
        {
            foreach (var key in new[] { AccountKey(account, address), address })
            {
                if (--_trying[key] == 0)
                    _trying.Remove(key);
            }
        }
    }

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

    /// <summary>How long an account has to wait after so many failures at one address, the last of them at <paramref name="last"/>; zero or less when it may try now.</summary>
    public static TimeSpan WaitAfter(int failures, DateTimeOffset last, DateTimeOffset now) => Until(failures, last, now, FreeFailuresPerAccount) - now;

    private DateTimeOffset Until(string key, int free) =>
        _states.TryGetValue(key, out var state) ? Until(state.Failures, state.Last, time.GetUtcNow(), free) : DateTimeOffset.MinValue;

    private static DateTimeOffset Until(int failures, DateTimeOffset last, DateTimeOffset now, int free)
    {
        if (failures < free || now - last > Memory)
            return DateTimeOffset.MinValue;
        var seconds = Math.Min(LongestWait.TotalSeconds, Math.Pow(2, Math.Min(16, failures - free)));
        return last + TimeSpan.FromSeconds(seconds);
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
