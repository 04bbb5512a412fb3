using Togglr.Sdk.Sync;

namespace Togglr.Sdk.Tests;

/// <summary>The limit of one message does not depend on how the parser reads.</summary>
public sealed class WatchedStreamTests
{
    [Theory]
    [InlineData(100, 100_000)]
    [InlineData(100, 200)]
    [InlineData(4_000, 100_000)]
    public async Task A_message_ends_one_read_beyond_the_limit_at_the_latest(int arriving, int buffer)
    {
        using var endless = new Dripping(arriving);
        using var watched = new WatchedStream(endless, 30_000, _ => { });
        var room = new byte[buffer];
        var taken = 0;
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            while (taken < 1_000_000)
                taken += await watched.ReadAsync(room, TestContext.Current.CancellationToken);
        });
        Assert.InRange(taken, 30_000, 30_000 + arriving);
    }

    [Fact]
    public async Task Every_message_has_the_whole_limit()
    {
        using var endless = new Dripping(100);
        using var watched = new WatchedStream(endless, 30_000, _ => { });
        var room = new byte[100];
        for (var read = 0; read < 1_000; read++)
        {
            Assert.Equal(100, await watched.ReadAsync(room, TestContext.Current.CancellationToken));
            if (read % 250 == 0)
                watched.MessageCompleted();
        }
    }

    /// <summary>Never ends, and gives so many bytes at a time.</summary>
    private sealed class Dripping(int atOnce) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(atOnce, buffer.Length);
            buffer.Span[..count].Fill((byte)'x');
            return ValueTask.FromResult(count);
        }
    }
}
