using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>
/// Slows down guessing of passwords as <see cref="SignInThrottle"/> does, and counts the failures in the database too, so that several processes do not multiply the guesses. What is counted is
/// account and address together: nobody can lock somebody else out from elsewhere.
/// </summary>
internal sealed class SignInGuard(SignInThrottle throttle, TogglrDbContext db, TimeProvider time)
{
    /// <summary>Begins a try; the problem when it has to wait. Otherwise it must be ended with <see cref="End"/>.</summary>
    public async Task<Problem?> BeginAsync(string account, string address, CancellationToken cancel)
    {
        if (throttle.Begin(account, address) is { Ticks: > 0 } wait)
            return Refusal(wait);
        try
        {
            var key = KeyOf(account, address);
            var known = await db.Database.SqlQuery<Failures>($"SELECT failures AS \"Count\", last_at AS \"Last\" FROM sign_in_failures WHERE key = {key}").SingleOrDefaultAsync(cancel);
            if (known is not null && SignInThrottle.WaitAfter(known.Count, known.Last, time.GetUtcNow()) is { Ticks: > 0 } shared)
            {
                throttle.End(account, address);
                return Refusal(shared);
            }
            return null;
        }
        catch
        {
            throttle.End(account, address);
            throw;
        }
    }

    /// <summary>Remembers a wrong password or code.</summary>
    public async Task FailedAsync(string account, string address, CancellationToken cancel)
    {
        throttle.Failed(account, address);
        var (key, now) = (KeyOf(account, address), time.GetUtcNow());
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO sign_in_failures AS f (key, failures, last_at) VALUES ({key}, 1, {now})
            ON CONFLICT (key) DO UPDATE SET last_at = {now}, failures = CASE WHEN f.last_at < {now - SignInThrottle.Memory} THEN 1 ELSE f.failures + 1 END
            """,
            cancel);
    }

    /// <summary>Forgets the failures of the account at this address after a sign-in that went well.</summary>
    public async Task SucceededAsync(string account, string address, CancellationToken cancel)
    {
        throttle.Succeeded(account, address);
        var key = KeyOf(account, address);
        await db.Database.ExecuteSqlAsync($"DELETE FROM sign_in_failures WHERE key = {key}", cancel);
    }

    /// <summary>Ends a try that <see cref="BeginAsync"/> let go on, after its outcome was told.</summary>
    public void End(string account, string address) => throttle.End(account, address);

    private static Problem Refusal(TimeSpan wait) => Problem.RateLimited((int)Math.Ceiling(wait.TotalSeconds), "Too many wrong passwords. Wait a moment.");

    private static byte[] KeyOf(string account, string address) => SHA256.HashData(Encoding.UTF8.GetBytes($"{address}\n{account.ToUpperInvariant()}"));

    private sealed record Failures(int Count, DateTimeOffset Last);
}
