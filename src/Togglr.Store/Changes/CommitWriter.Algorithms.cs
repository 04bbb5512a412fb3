namespace Togglr.Store;

internal sealed partial class CommitWriter
{
    /// <summary>An algorithm has what it chooses from and where it decides, whoever changes the flag and by whatever way.</summary>
    private async Task CheckAlgorithmsAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        var flags = plan.Flags.Select(flag => flag.Id).Concat(plan.States.Select(state => state.FlagId)).Concat(plan.Reweighted.Select(place => place.Flag)).Distinct().ToArray();
        if (flags.Length == 0)
            return;
        using var command = Command(
            """
            SELECT a.environment_key, a.rule_id, a.arms, f.variants::text, s.prerequisites::text, s.targets::text, s.rules::text, s.default_serve::text,
                EXISTS (SELECT FROM ramps r WHERE r.flag_id = a.flag_id AND r.environment_id = a.environment_id AND coalesce(r.rule_id, '') = coalesce(a.rule_id, '') AND r.state IN ('running', 'waiting', 'paused'))
            FROM flag_algorithms a JOIN flags f ON f.id = a.flag_id JOIN flag_environments s ON s.flag_id = a.flag_id AND s.environment_id = a.environment_id
            WHERE a.flag_id = ANY($1) AND f.archived_at IS NULL
            """,
            flags);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var variants = JsonColumn.Parse(reader.GetString(3)).EnumerateArray().Select(variant => variant.GetProperty("key").GetString()).ToHashSet(StringComparer.Ordinal);
            if (reader.GetFieldValue<string[]>(2).FirstOrDefault(arm => !variants.Contains(arm)) is { } gone)
                throw Refusal($"The algorithm in {reader.GetString(0)} chooses the variant {gone}.", "variants", reader.GetString(0));
            var configuration = new FlagConfiguration(JsonColumn.Parse(reader.GetString(4)), JsonColumn.Parse(reader.GetString(5)), JsonColumn.Parse(reader.GetString(6)), JsonColumn.Parse(reader.GetString(7)));
            var rule = await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(1);
            if (Ramp.Serve(configuration, rule) is not { } serve)
                throw Refusal($"The algorithm in {reader.GetString(0)} decides for the rule {rule}. Remove the algorithm first.", "rules", reader.GetString(0));
            if (serve.TryGetProperty("experiment", out _))
                throw Refusal($"The algorithm in {reader.GetString(0)} decides there. Remove the algorithm first.", "rules", reader.GetString(0));
            if (reader.GetBoolean(8))
                throw new CommitRefusedException(new StoreError(ErrorCodes.Conflict, "A ramp and an algorithm cannot decide at the same place. End one of them first."));
        }
    }

    private static CommitRefusedException Refusal(string message, string path, string environment) =>
        new(new StoreError(ErrorCodes.InUse, message, path) { UsedBy = [$"environments/{environment}/algorithm"] });
}
