using System.Text.Json;

namespace Togglr.Simulation;

/// <summary>An experiment of the snapshot, and the flag that serves it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Flag">The flag.</param>
/// <param name="Variants">The variants in order.</param>
/// <param name="Control">The one that the others are compared with.</param>
internal sealed record SimulatedExperiment(string Key, string Flag, List<string> Variants, string Control)
{
    /// <summary>Finds the experiments of a snapshot that a flag serves.</summary>
    public static List<SimulatedExperiment> Find(ReadOnlyMemory<byte> snapshot, string? only)
    {
        using var document = JsonDocument.Parse(snapshot);
        var found = new List<SimulatedExperiment>();
        if (!document.RootElement.TryGetProperty("experiments", out var experiments) || !document.RootElement.TryGetProperty("flags", out var flags))
            return found;
        foreach (var experiment in experiments.EnumerateObject().Where(experiment => only is null || experiment.Name == only))
        {
            var flag = flags.EnumerateObject().FirstOrDefault(flag => Serves(flag.Value, experiment.Name)).Name;
            if (flag is null || !experiment.Value.TryGetProperty("variations", out var variations))
                continue;
            List<string> variants = [.. variations.EnumerateArray().Select(static variation => variation.GetProperty("key").GetString()!)];
            // Servers of before told no control.
            var control = experiment.Value.TryGetProperty("control", out var named) && named.GetString() is { } key ? key : variants[0];
            found.Add(new SimulatedExperiment(experiment.Name, flag, variants, control));
        }
        return found;
    }

    private static bool Serves(JsonElement flag, string experiment)
    {
        var serves = flag.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array
            ? rules.EnumerateArray().Where(static rule => rule.TryGetProperty("then", out _)).Select(static rule => rule.GetProperty("then")) : [];
        if (flag.TryGetProperty("default", out var fallback))
            serves = serves.Append(fallback);
        return serves.Any(serve => serve.ValueKind == JsonValueKind.Object && serve.TryGetProperty("experiment", out var key) && key.ValueEquals(experiment));
    }
}
