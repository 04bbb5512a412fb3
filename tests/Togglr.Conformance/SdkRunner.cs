using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Sdk;

namespace Togglr.Conformance;

/// <summary>The .NET SDK through its public surface: the snapshot as a bootstrap file, the answer from the getters of every type and from the list of all flags.</summary>
public sealed class SdkRunner : IVectorRunner
{
    public string Name => "dotnet-sdk";

    public IReadOnlySet<string> Kinds { get; } = new HashSet<string>(StringComparer.Ordinal) { "evaluation" };

    public IEvaluator Load(ReadOnlyMemory<byte> snapshot) => new Evaluator(snapshot);

    public int BucketOf(string salt, string seed, string unit) => throw new NotSupportedException();

    public int[] Thresholds(int[] weights) => throw new NotSupportedException();

    public int Pick(int[] thresholds, int bucket) => throw new NotSupportedException();

    private sealed class Evaluator : IEvaluator
    {
        private static readonly ContextLimits s_limits = new() { MaxDepth = 100 };

        private readonly FixedTime _time = new();
        private readonly string _file = Path.GetTempFileName();
        private readonly TogglrClient _client;

        public Evaluator(ReadOnlyMemory<byte> snapshot)
        {
            File.WriteAllBytes(_file, snapshot.Span);
            _client = new TogglrClient(new TogglrClientOptions { Offline = true, BootstrapFile = _file, TimeProvider = _time });
            if (_client.Status.Source != SnapshotSource.Bootstrap)
                throw new InvalidDataException($"The snapshot was not loaded: {_client.Status}");
        }

        public Answer Evaluate(string flag, ReadOnlyMemory<byte> context, DateTimeOffset now)
        {
            _time.Now = now;
            var who = EvaluationContext.Parse(context, s_limits);
            // Asked in every type: a flag has one, so at most one of the four serves a value, and that is the answer.
            Answer[] answers =
            [
                From(_client.BooleanVariationDetail(flag, who, false), value => JsonSerializer.SerializeToElement(value)),
                From(_client.StringVariationDetail(flag, who, ""), value => JsonSerializer.SerializeToElement(value)),
                From(_client.DoubleVariationDetail(flag, who, 0), value => JsonSerializer.SerializeToElement(value)),
                From(_client.JsonVariationDetail(flag, who, default), value => value),
            ];
            var served = answers.Where(answer => answer.Value is not null).ToArray();
            var answer = served.Length switch
            {
                0 => answers.FirstOrDefault(candidate => candidate.ErrorCode != "TYPE_MISMATCH") ?? throw new InvalidDataException("Every type is a mismatch."),
                1 => served[0],
                _ => throw new InvalidDataException("More than one type serves a value."),
            };
            if (_client.AllFlags(who).Flags.TryGetValue(flag, out var listed) && (listed.Variant != answer.Variant || listed.Reason.WireName() != answer.Reason || listed.RuleId != answer.RuleId))
                throw new InvalidDataException($"The list of all flags says {listed}.");
            return answer;
        }

        public void Dispose()
        {
            _client.Dispose();
            File.Delete(_file);
        }

        private static Answer From<T>(EvaluationDetail<T> detail, Func<T, JsonElement> json) => new()
        {
            Variant = detail.Variant,
            Value = detail.Variant is null ? null : json(detail.Value),
            Reason = detail.Reason.WireName(),
            ErrorCode = detail.ErrorCode.WireName(),
            RuleId = detail.RuleId,
            Experiment = detail.Experiment,
        };
    }

    private sealed class FixedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
