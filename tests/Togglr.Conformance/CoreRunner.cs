using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.Conformance;

/// <summary>The evaluation core, asked in both ways: with a context of its own and with one read into the snapshot's slots.</summary>
public sealed class CoreRunner : IVectorRunner
{
    public string Name => "core";

    public IReadOnlySet<string> Kinds { get; } = new HashSet<string>(StringComparer.Ordinal) { "evaluation", "buckets", "weights", "distribution" };

    public IEvaluator Load(ReadOnlyMemory<byte> snapshot) => new Evaluator(Snapshot.Load(snapshot));

    public int BucketOf(string salt, string seed, string unit) => Bucket.Compute(salt, seed, unit);

    public int[] Thresholds(int[] weights) => Bucket.Thresholds(weights);

    public int Pick(int[] thresholds, int bucket) => Bucket.Pick(thresholds, bucket);

    private sealed class Evaluator(Snapshot snapshot) : IEvaluator
    {
        private static readonly ContextLimits s_limits = new() { MaxDepth = 100 };

        private readonly ContextReader _reader = new(s_limits);

        public Answer Evaluate(string flag, ReadOnlyMemory<byte> context, DateTimeOffset now)
        {
            var milliseconds = now.ToUnixTimeMilliseconds();
            var result = snapshot.Evaluate(flag, EvaluationContext.Parse(context, s_limits), milliseconds);
            if (!_reader.TryRead(snapshot, context.Span, out var problem))
                throw new InvalidDataException($"The context was refused: {problem}.");
            if (!ReferenceEquals(snapshot.Evaluate(flag, _reader, milliseconds).Outcome, result.Outcome))
                throw new InvalidDataException("The two kinds of context give different answers.");
            return new Answer
            {
                Variant = result.Variant?.Key,
                Value = result.Variant is { } variant ? Parse(variant.Utf8Json) : null,
                Reason = result.Reason.WireName(),
                ErrorCode = result.ErrorCode.WireName(),
                RuleId = result.RuleId,
                Experiment = result.ExperimentKey,
            };
        }

        public void Dispose()
        {
        }

        private static JsonElement Parse(ReadOnlyMemory<byte> utf8Json)
        {
            using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = 200 });
            return document.RootElement.Clone();
        }
    }
}
