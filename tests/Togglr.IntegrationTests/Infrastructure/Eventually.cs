namespace Togglr.IntegrationTests.Infrastructure;

/// <summary>Waits for something that happens soon but not at once.</summary>
public static class Eventually
{
    /// <summary>Asks until the answer is yes; fails after <paramref name="timeoutSeconds"/>.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, int timeoutSeconds = 60)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(timeoutSeconds));
        while (!await condition())
        {
            Assert.False(timeout.IsCancellationRequested, $"It did not happen within {timeoutSeconds} seconds.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
