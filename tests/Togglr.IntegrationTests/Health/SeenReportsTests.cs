using Togglr.Messaging.Health;

namespace Togglr.IntegrationTests.Health;

/// <summary>How long a node remembers what it was told.</summary>
public sealed class SeenReportsTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void A_report_is_known_for_its_time_and_not_for_ever()
    {
        var seen = new SeenReports(_clock);
        Assert.True(seen.TryAdd(1));
        foreach (var minutes in new[] { 5, 4, 6 })
        {
            _clock.Go(minutes);
            Assert.False(seen.TryAdd(1));
            Assert.True(seen.TryAdd((UInt128)(100 + _clock.Minutes)));
        }
        _clock.Go(11);
        Assert.True(seen.TryAdd(1));
        _clock.Go(30);
        Assert.True(seen.TryAdd(1));
    }

    [Fact]
    public void The_latest_are_known_and_no_more_than_there_is_room_for()
    {
        var seen = new SeenReports(_clock);
        for (var i = 0; i < (3 * SeenReports.Capacity) - 1; i++)
            Assert.True(seen.TryAdd((UInt128)i));
        for (var i = 2 * SeenReports.Capacity; i < (3 * SeenReports.Capacity) - 1; i++)
            Assert.False(seen.TryAdd((UInt128)i));
        Assert.True(seen.TryAdd(0));
    }

    [Fact]
    public void What_is_forgotten_counts_again()
    {
        var seen = new SeenReports(_clock);
        Assert.True(seen.TryAdd(1));
        seen.Forget(1);
        Assert.True(seen.TryAdd(1));
    }

    [Fact]
    public void A_name_is_somebody_s_own()
    {
        var (one, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        UInt128[] all = [SeenReports.Of(one, "a", "k", false), SeenReports.Of(one, "a", "k", true), SeenReports.Of(one, "b", "k", false), SeenReports.Of(other, "a", "k", false), SeenReports.Of(one, "a", "l", false), SeenReports.Of(one, false), SeenReports.Of(one, true), SeenReports.Of(other, false)];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[0], SeenReports.Of(one, "a", "k", false));
    }

    private sealed class Clock : TimeProvider
    {
        public int Minutes { get; private set; }

        public override long TimestampFrequency => 1;

        public void Go(int minutes) => Minutes += minutes;

        public override long GetTimestamp() => Minutes * 60L;
    }
}
