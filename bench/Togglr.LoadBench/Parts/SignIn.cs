using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>Signing in with a password, one after another, beside the bare hash that guards it.</summary>
internal static class SignIn
{
    private const double Limit = 1.5;
    private const int Times = 30;

    // What ASP.NET Core Identity does at version 3 of its format.
    private const int Rounds = 100_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management)
    {
        var (signIns, hashes) = (new Samples(), new Samples());
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        for (var i = 0; i < Times; i++)
        {
            // Alternately, so that both meet the same machine.
            var start = Stopwatch.GetTimestamp();
            Rfc2898DeriveBytes.Pbkdf2(Management.Password, salt, Rounds, HashAlgorithmName.SHA512, HashBytes);
            hashes.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            start = Stopwatch.GetTimestamp();
            await management.PostAsync("auth/login", new JsonObject { ["email"] = Management.Email, ["password"] = Management.Password });
            signIns.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return
        [
            new Goal("sign-in against the bare password hash", Limit, signIns.Median / hashes.Median, "×",
                $"p50 {signIns.Median:0.0} ms, of which the hash {hashes.Median:0.0} ms; {Times} times"),
        ];
    }
}
