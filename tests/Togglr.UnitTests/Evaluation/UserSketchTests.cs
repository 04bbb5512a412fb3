using System.Globalization;
using System.Text;
using Togglr.Evaluation;

namespace Togglr.UnitTests.Evaluation;

public sealed class UserSketchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(1_000)]
    [InlineData(5_000)]
    [InlineData(300_000)]
    public void The_number_of_users_is_told_within_seven_percent(int users)
    {
        var sketch = Of(0, users);
        Assert.InRange(sketch.Estimate(), users * 0.93, users * 1.07);
    }

    [Fact]
    public void Who_comes_again_or_elsewhere_counts_once()
    {
        var (first, second) = (Of(0, 6_000), Of(3_000, 9_000));
        for (var i = 0; i < 6_000; i++)
            first.Add(Hash(i));
        var expected = Of(0, 9_000).Estimate();
        Assert.True(first.Merge(second));
        Assert.Equal(expected, first.Estimate());
        Assert.False(first.Merge(second));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(500)]
    [InlineData(50_000)]
    public void A_sketch_survives_being_written(int users)
    {
        var sketch = Of(0, users);
        var bytes = sketch.ToBytes();
        var read = UserSketch.FromBytes(bytes)!;
        Assert.InRange(bytes.Length, users == 0 ? 0 : 2, UserSketch.Registers);
        Assert.Equal(sketch.Estimate(), read.Estimate());
        Assert.Equal(users == 0, read.IsEmpty);
        Assert.Equal(bytes, read.ToBytes());
    }

    [Fact]
    public void What_is_no_sketch_is_refused()
    {
        Assert.Null(UserSketch.FromBytes([1]));
        Assert.Null(UserSketch.FromBytes(new byte[UserSketch.Registers + 2]));
        var tooHigh = new byte[UserSketch.Registers];
        tooHigh[7] = 32;
        Assert.Null(UserSketch.FromBytes(tooHigh));
    }

    [Fact]
    public void Moving_leaves_nothing_behind()
    {
        var (from, to) = (Of(0, 100), new UserSketch());
        from.MoveTo(to);
        Assert.True(from.IsEmpty);
        Assert.Equal(0, from.Estimate());
        Assert.Equal(Of(0, 100).Estimate(), to.Estimate());
    }

    [Fact]
    public void Contexts_of_both_kinds_have_the_same_user()
    {
        var snapshot = Snapshot.Load("{\"flags\":{}}"u8.ToArray());
        var reader = new ContextReader();
        Assert.True(reader.TryRead(snapshot, "{\"targetingKey\":\"Анна\"}"u8, out _));
        Assert.Equal(EvaluationContext.Of("Анна").User, reader.User);
        Assert.NotEqual(0UL, reader.User);
        Assert.Equal(0UL, EvaluationContext.Empty.User);
    }

    private static UserSketch Of(int first, int end)
    {
        var sketch = new UserSketch();
        for (var i = first; i < end; i++)
            sketch.Add(Hash(i));
        return sketch;
    }

    private static ulong Hash(int number) => UserSketch.HashOf(Encoding.UTF8.GetBytes("user-" + number.ToString(CultureInfo.InvariantCulture)));
}
