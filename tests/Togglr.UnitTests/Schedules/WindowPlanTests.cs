using Togglr.Store;

namespace Togglr.UnitTests.Schedules;

public sealed class WindowPlanTests
{
    private static readonly DateTimeOffset Start = RecurringWindowTests.At("2026-01-01T00:00:00Z");

    [Fact]
    public void The_greater_priority_decides_then_off_then_the_newer_one()
    {
        var lowOn = Rule("0 0 * * *", 1440, enables: true, priority: 0, age: 1);
        var newerOn = Rule("0 8 * * *", 120, enables: true, priority: 0, age: 0);
        var off = Rule("0 9 * * *", 120, enables: false, priority: 0, age: 5);
        var highOn = Rule("0 10 * * *", 30, enables: true, priority: 1, age: 9);
        var plan = new WindowPlan([lowOn, newerOn, off, highOn]);
        Assert.Equal(
            [(0, lowOn.Id), (480, newerOn.Id), (540, off.Id), (600, highOn.Id), (630, off.Id), (660, lowOn.Id)],
            plan.Between(Start, Start.AddDays(1)).Select(time => ((int)(time.Range.From - Start).TotalMinutes, time.Rule!.Id)));
    }

    [Fact]
    public void The_next_change_is_when_somebody_else_decides()
    {
        var off = Rule("0 9 * * *", 480, enables: false, priority: 1, age: 0);
        var hidden = Rule("0 * * * *", 10, enables: true, priority: 0, age: 0);
        var plan = new WindowPlan([off, hidden]);
        Assert.Equal(Start.AddHours(17), plan.NextChange(Start.AddHours(9)));
        Assert.Equal(Start.AddHours(17).AddMinutes(10), plan.NextChange(Start.AddHours(17)));
        Assert.Null(new WindowPlan([]).NextChange(Start));
        Assert.Null(new WindowPlan([]).At(Start));
        Assert.Null(Assert.Single(new WindowPlan([]).Between(Start, Start.AddDays(1))).Rule);
    }

    /// <summary>Random plans against the oracle, minute by minute.</summary>
    [Fact]
    public void At_every_minute_the_strongest_open_window_decides()
    {
        string[] zones = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC", "America/Sao_Paulo"];
        string[] crons = ["0 9 * * 1-5", "30 1 * * *", "*/20 * * * *", "0 22 * * 5", "0 0 1,15 * *", "15 2-4 * * 0", "0 12 * * *", "40 23 * 3,11 *"];
        int[] durations = [1, 7, 30, 61, 480, 1500, 4000];
        var random = new Random(20261121);
        for (var round = 0; round < 60; round++)
        {
            var from = Start.AddDays(random.Next(-3000, 1500));
            const int Minutes = 40 * 1440;
            var drawn = Enumerable.Range(0, random.Next(1, 6)).Select(i => (Cron: Any(random, crons), Zone: Any(random, zones), Duration: Any(random, durations), Enables: random.Next(2) == 0, Priority: random.Next(3), Age: i)).ToList();
            var rules = drawn.ConvertAll(rule => new WindowRule(Guid.CreateVersion7(), RecurringWindow.Create(rule.Cron, rule.Zone, rule.Duration).Value!, rule.Enables, rule.Priority, Start.AddMinutes(-rule.Age)));
            var open = drawn.ConvertAll(rule => new MinuteOracle(rule.Cron, rule.Zone).Open(from.UtcDateTime, Minutes, rule.Duration));
            var plan = new WindowPlan(rules);
            var spans = plan.Between(from, from.AddMinutes(Minutes)).ToList();
            Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.True(pair.First.Range.To == pair.Second.Range.From && pair.First.Rule != pair.Second.Rule));
            var span = 0;
            for (var minute = 0; minute < Minutes; minute++)
            {
                var at = from.AddMinutes(minute);
                while (spans[span].Range.To <= at)
                    span++;
                int? strongest = null;
                for (var i = 0; i < rules.Count; i++)
                {
                    if (open[i][minute] && (strongest is not { } best || Stronger(rules[i], rules[best])))
                        strongest = i;
                }

                var expected = strongest is { } winner ? rules[winner] : null;
                if (spans[span].Rule != expected)
                    Assert.Fail($"Round {round}: at {at:u} {expected?.Id.ToString() ?? "nobody"} decides, and not {spans[span].Rule?.Id.ToString() ?? "nobody"}.");
            }

            foreach (var (one, next) in spans.Zip(spans.Skip(1)))
                Assert.Equal(next.Range.From, plan.NextChange(one.Range.From));
        }
    }

    private static bool Stronger(WindowRule one, WindowRule other) =>
        one.Priority != other.Priority ? one.Priority > other.Priority : one.Enables != other.Enables ? !one.Enables : one.CreatedAt > other.CreatedAt;

    private static T Any<T>(Random random, T[] items) => items[random.Next(items.Length)];

    private static WindowRule Rule(string cron, int minutes, bool enables, int priority, int age) =>
        new(Guid.CreateVersion7(), RecurringWindow.Create(cron, "UTC", minutes).Value!, enables, priority, Start.AddDays(-age));
}
