using System.Text;
using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.Ingest;

/// <summary>
/// For feedback that does not say which variant it is about, as clients send that know flags by their values only: where an algorithm shares a flag out, the variant that the context is served, with the version of
/// the weights. Those move little at a time, so it is the one that was served, unless the unit is one of the few that were moved in between.
/// </summary>
internal static class ServedNow
{
    /// <summary>What an algorithm serves a context.</summary>
    /// <param name="snapshot">The newest.</param>
    /// <param name="flag">The flag's key.</param>
    /// <param name="context">A JSON object, or nothing.</param>
    /// <param name="at">When.</param>
    /// <returns>Null where no algorithm decides, or nobody is told.</returns>
    public static (string Variant, long WeightsVersion)? Find(Snapshot snapshot, string flag, JsonElement? context, DateTimeOffset at)
    {
        if (context is not { ValueKind: JsonValueKind.Object } told)
            return null;
        var reader = new ContextReader();
        if (!reader.TryRead(snapshot, Encoding.UTF8.GetBytes(told.GetRawText()), out _))
            return null;
        if (reader.TargetingKey.IsEmpty)
            reader.UseAliasAsTargetingKey();
        var result = snapshot.Evaluate(flag, reader, at.ToUnixTimeMilliseconds());
        return result is { Outcome.Algorithm: { } share, Variant: { } variant } ? (variant.Key, share.WeightsVersion) : null;
    }
}
