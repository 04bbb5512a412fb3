using Togglr.Store;

namespace Togglr.UnitTests.Schedules;

public sealed class CronExpressionTests
{
    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("* * * *")]
    [InlineData("0 * * * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * 32 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * 0 *")]
    [InlineData("* * * * 8")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("*/60 * * * *")]
    [InlineData("1,,2 * * * *")]
    [InlineData("1- * * * *")]
    [InlineData("-1 * * * *")]
    [InlineData("+1 * * * *")]
    [InlineData("1/ * * * *")]
    [InlineData("FOO * * * *")]
    [InlineData("* * * * L")]
    [InlineData("* * L * *")]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 31 4,6,9,11 *")]
    [InlineData("١ * * * *")]
    [InlineData("@daily")]
    public void What_is_no_cron_expression_is_refused(string? text) => Assert.Equal("cron", CronExpression.Parse(text).Error?.Path);

    [Theory]
    [InlineData("0 9 * * mon-FRI", "0 9 * * 1-5")]
    [InlineData("0 0 1 JAN,dec *", "0 0 1 1,12 *")]
    [InlineData("0 0 * * 7", "0 0 * * 0")]
    [InlineData("0 0 * * 5-7", "0 0 * * 0,5,6")]
    [InlineData("3/20 * * * *", "3,23,43 * * * *")]
    [InlineData(" 0\t0  * * * ", "0 0 * * *")]
    [InlineData("* * * * */2", "* * * * 0,2,4,6")]
    public void Names_steps_and_lists_mean_their_numbers(string one, string other)
    {
        var (left, right) = (CronExpression.Parse(one).Value!, CronExpression.Parse(other).Value!);
        for (var local = new DateTime(2026, 1, 1); local.Year == 2026; local = local.AddMinutes(1))
        {
            if (left.Matches(local) != right.Matches(local))
                Assert.Fail($"They differ at {local:s}.");
        }
    }

    [Fact]
    public void A_day_restricted_both_ways_needs_to_fit_one_of_them()
    {
        var cron = CronExpression.Parse("0 0 13 * 5").Value!;
        Assert.True(cron.Matches(new DateTime(2026, 1, 13)));
        Assert.True(cron.Matches(new DateTime(2026, 1, 16)));
        Assert.False(cron.Matches(new DateTime(2026, 1, 15)));
    }

    [Fact]
    public void The_29th_of_February_is_found_over_a_century_that_skips_one() =>
        Assert.Equal(At("2104-02-29T00:00:00Z"), RecurringWindow.Create("0 0 29 2 *", "UTC", 1).Value!.NextEdge(At("2096-03-01T00:00:00Z")));

    private static DateTimeOffset At(string text) => RecurringWindowTests.At(text);
}
