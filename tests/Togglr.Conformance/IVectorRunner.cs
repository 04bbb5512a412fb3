using System.Text.Json;

namespace Togglr.Conformance;

/// <summary>An implementation of the evaluation semantics. Each one runs every vector of the kinds that it knows.</summary>
public interface IVectorRunner
{
    /// <summary>What failures are reported under.</summary>
    string Name { get; }

    /// <summary>The kinds of vector files that it can run; the others are not counted for it.</summary>
    IReadOnlySet<string> Kinds { get; }

    /// <summary>Loads a snapshot; the result evaluates the cases of one file.</summary>
    IEvaluator Load(ReadOnlyMemory<byte> snapshot);

    /// <summary>The bucket of a unit, 0 to 9999.</summary>
    int BucketOf(string salt, string seed, string unit);

    /// <summary>The first bucket beyond each variation.</summary>
    int[] Thresholds(int[] weights);

    /// <summary>The variation that a bucket belongs to.</summary>
    int Pick(int[] thresholds, int bucket);
}

/// <summary>Evaluates flags of one snapshot.</summary>
public interface IEvaluator : IDisposable
{
    /// <summary>The answer for a flag, a context as JSON and a time.</summary>
    Answer Evaluate(string flag, ReadOnlyMemory<byte> context, DateTimeOffset now);
}

/// <summary>An answer in the terms of the vectors.</summary>
public sealed record Answer
{
    public string? Variant { get; init; }

    /// <summary>Null where the caller's default is to be used; the JSON value null is a value.</summary>
    public JsonElement? Value { get; init; }

    public required string Reason { get; init; }

    public string? ErrorCode { get; init; }

    public string? RuleId { get; init; }

    public string? Experiment { get; init; }
}

/// <summary>Whether one vector passed; <paramref name="Problem"/> is null when it did.</summary>
public sealed record Verdict(string Id, string? Problem);

/// <summary>Every implementation that is checked.</summary>
public static class Runners
{
    public static IReadOnlyList<IVectorRunner> All { get; } = [new CoreRunner(), new SdkRunner()];
}
