using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// Adds old counts of algorithms up over longer spans and removes what nobody asks for any more, so that what an algorithm has does not grow for ever. What it has counted stays the same; what counts less the older it
/// is does so, too, to within a hundredth.
/// </summary>
internal sealed class CountFolding(TogglrDatabase database)
{
    /// <summary>Versions of weights are looked up for events that are up to a day late.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromDays(2);

    private const double Alike = 0.99;
    private const double Nothing = 1e-9;

    /// <summary>What is older than some age is added up over spans.</summary>
    internal readonly record struct Fold(TimeSpan Age, TimeSpan Span);

    /// <summary>
    /// The folds of an algorithm: hours after two days, days after five weeks. Where outcomes fade, so far only as those of a span weigh alike, and whole hours and days when they weigh nothing any more. Every span
    /// is a multiple of the one before it, so what was folded once is folded again to the same place.
    /// </summary>
    public static IReadOnlyList<Fold> Of(double discount, TimeSpan period)
    {
        var inHour = (int)Math.Ceiling(TimeSpan.FromHours(1) / period);
        var inDay = inHour * (int)Math.Ceiling(TimeSpan.FromDays(1) / (period * inHour));
        var folds = new List<Fold>();
        if (!IsAlike(inHour) && Enumerable.Range(2, inHour - 1).LastOrDefault(count => inHour % count == 0 && IsAlike(count)) is > 1 and var part)
            folds.Add(new Fold(Recent, period * part));
        foreach (var (count, age) in (ReadOnlySpan<(int, TimeSpan)>)[(inHour, Recent), (inDay, TimeSpan.FromDays(35))])
        {
            var faded = IsAlike(count) ? TimeSpan.Zero : period * Math.Ceiling(Math.Log(Nothing) / Math.Log(discount));
            if (count > 1)
                folds.Add(new Fold(faded > age ? faded : age, period * count));
        }
        return folds;

        bool IsAlike(int periods) => Math.Pow(discount, periods) >= Alike;
    }

    /// <summary>Folds what algorithms have counted.</summary>
    public async Task FoldAsync(IReadOnlyList<LiveBandit> bandits, DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var bandit in bandits)
        {
            foreach (var fold in Of(bandit.Design.Settings[AlgorithmSettings.Discount], TimeSpan.FromMinutes(bandit.Design.Settings[AlgorithmSettings.DiscountMinutes])))
                await FoldAsync(bandit, fold, now, cancel);
        }
        await using var command = database.DataSource.CreateCommand(
            $"""
            WITH a AS (DELETE FROM algorithm_counts c USING flag_algorithms a WHERE c.algorithm_id = a.id AND c.generation < a.generation),
                b AS (DELETE FROM algorithm_units u USING flag_algorithms a WHERE u.algorithm_id = a.id AND u.generation < a.generation)
            DELETE FROM algorithm_steps s USING (
                SELECT algorithm_id, number, row_number() OVER (PARTITION BY algorithm_id, date_bin(interval '1 hour', at, {AlgorithmCounts.Origin}) ORDER BY number DESC) AS place FROM algorithm_steps WHERE at < $1) o
            WHERE o.place > 1 AND s.algorithm_id = o.algorithm_id AND s.number = o.number
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = (now - Recent).Floor(TimeSpan.TicksPerHour), NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task FoldAsync(LiveBandit bandit, Fold fold, DateTimeOffset now, CancellationToken cancel)
    {
        // Rows at the beginning of a span stay and take in the others.
        await using var command = database.DataSource.CreateCommand(
            $"""
            WITH old AS (
                DELETE FROM algorithm_counts WHERE algorithm_id = $1 AND generation = $2 AND at < date_bin($4, $3, {AlgorithmCounts.Origin}) AND at <> date_bin($4, at, {AlgorithmCounts.Origin}) RETURNING *)
            {AlgorithmCounts.Insert}
            SELECT algorithm_id, generation, date_bin($4, at, {AlgorithmCounts.Origin}) AS span, held_out, cell, variant, {AlgorithmCounts.Totals}, max(batch)
            FROM old GROUP BY algorithm_id, generation, span, held_out, cell, variant
            {AlgorithmCounts.AddUp}
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = bandit.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = bandit.Generation });
        command.Parameters.Add(new NpgsqlParameter { Value = now - fold.Age, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = fold.Span, NpgsqlDbType = NpgsqlDbType.Interval });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
