using Togglr.Evaluation;

namespace Togglr.UnitTests.Evaluation;

public sealed class ExposureCounterTests
{
    [Fact]
    public async Task No_count_is_lost_or_doubled_while_others_drain()
    {
        const int Threads = 4;
        const int Each = 50_000;
        var snapshot = Load(300);
        var counter = new ExposureCounter();
        var drained = new List<ExposureCount>();
        using var done = new CancellationTokenSource();
        var drainer = Task.Run(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    drained.AddRange(counter.Drain());
                    Thread.Sleep(1);
                }
            },
            TestContext.Current.CancellationToken);
        var workers = Enumerable.Range(0, Threads).Select(worker => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
                counter.Record(snapshot.Evaluate(snapshot.Flags[(i * 7 + worker) % 300], EvaluationContext.Empty, 0));
        })).ToList();
        workers.ForEach(thread => thread.Start());
        workers.ForEach(thread => thread.Join());
        await done.CancelAsync();
        await drainer;
        drained.AddRange(counter.Drain());
        Assert.Equal(Threads * Each, drained.Sum(count => count.Count));
        Assert.Equal(300, drained.Select(count => count.Flag).Distinct().Count());
        Assert.Empty(counter.Drain());
    }

    [Fact]
    public void Counts_of_one_flag_add_up_over_snapshots()
    {
        var counter = new ExposureCounter();
        counter.Record(Load(1).Evaluate("f0", EvaluationContext.Empty, 0));
        counter.Record(Load(1).Evaluate("f0", EvaluationContext.Empty, 0));
        counter.Record(Load(1).Evaluate("unknown", EvaluationContext.Empty, 0));
        Assert.Equal([new ExposureCount("f0", "on", EvaluationReason.Static, 2)], counter.Drain());
    }

    private static Snapshot Load(int flags) => Snapshot.Load(System.Text.Encoding.UTF8.GetBytes(
        "{\"flags\":{" + string.Join(',', Enumerable.Range(0, flags).Select(i =>
            $"\"f{i}\":{{\"type\":\"boolean\",\"enabled\":true,\"variants\":{{\"on\":true}},\"default\":{{\"variant\":\"on\"}}}}")) + "}}"));
}
