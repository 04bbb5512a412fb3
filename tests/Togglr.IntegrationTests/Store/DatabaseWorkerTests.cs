using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class DatabaseWorkerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_round_that_failed_is_told_and_made_again_after_pauses_that_grow_until_one_succeeds()
    {
        await using var store = await TestStore.StartAsync(postgres);
        using var worker = new Worker(store.Get<TogglrDatabase>(), failing: [1, 2, 3, 4, 6], rounds: 7);
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await worker.Done.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await worker.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["round 1: 10", "round 2: 20", "round 3: 25", "round 4: 25", "round 6: 10"], worker.Told);
    }

    [Fact]
    public async Task The_alarm_ends_a_sleep_and_what_ends_the_process_ends_the_worker()
    {
        await using var store = await TestStore.StartAsync(postgres);
        using var worker = new Worker(store.Get<TogglrDatabase>(), failing: [], rounds: 2) { Sleep = TimeSpan.FromHours(1) };
        await worker.StartAsync(TestContext.Current.CancellationToken);
        worker.Wake();
        await worker.Done.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.False(worker.HasEnded);
        await worker.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(worker.HasEnded);
        Assert.Empty(worker.Told);
    }

    [Fact]
    public async Task Without_a_database_there_is_nothing_to_do()
    {
        using var worker = new Worker(null, failing: [], rounds: 1);
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await worker.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.False(worker.Done.IsCompleted);
    }

    private sealed class Worker(TogglrDatabase? database, int[] failing, int rounds) : DatabaseWorker(database, TimeProvider.System)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _round;

        public TimeSpan Sleep { get; init; } = TimeSpan.Zero;

        public List<string> Told { get; } = [];

        public bool HasEnded { get; private set; }

        /// <summary>Completes with the last round that is asked for.</summary>
        public Task Done => _done.Task;

        protected override TimeSpan Pause => TimeSpan.FromMilliseconds(10);

        protected override TimeSpan LongestPause => TimeSpan.FromMilliseconds(25);

        public void Wake() => Ring();

        protected override Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
        {
            _round++;
            if (failing.Contains(_round))
                throw new InvalidOperationException($"round {_round}");
            if (_round < rounds)
                return Task.FromResult(Sleep);
            _done.TrySetResult();
            return Task.FromResult(TimeSpan.FromHours(1));
        }

        protected override void Tell(Exception failure, TimeSpan pause) => Told.Add(FormattableString.Invariant($"{failure.Message}: {pause.TotalMilliseconds}"));

        protected override Task EndAsync()
        {
            HasEnded = true;
            return Task.CompletedTask;
        }
    }
}
