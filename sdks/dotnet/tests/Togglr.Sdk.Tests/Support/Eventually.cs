using System.Diagnostics;

namespace Togglr.Sdk.Tests.Support;

/// <summary>Waiting for what happens on another thread, bounded.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition, string what, int seconds = 30)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(seconds), $"Did not happen within {seconds} s: {what}");
            await Task.Delay(5);
        }
    }
}
