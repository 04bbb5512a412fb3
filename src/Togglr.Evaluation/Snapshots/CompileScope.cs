using Togglr.Evaluation.Buckets;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;

namespace Togglr.Evaluation.Snapshots;

/// <summary>What the readers share while they compile one flag, segment or experiment.</summary>
internal sealed class CompileScope(string salt, AttributeTable.Builder attributes, Diagnostics diagnostics, string ownerKey)
{
    public Diagnostics Diagnostics => diagnostics;

    /// <summary>The key of the flag or segment that is read: the default seeds have it.</summary>
    public string OwnerKey => ownerKey;

    public List<InSegment> SegmentReferences { get; } = [];

    public List<ExperimentServe> ExperimentReferences { get; } = [];

    public AttributeReference Attribute(string name) => attributes.Get(name);

    public BucketSeed Seed(string seed) => new(salt, seed);
}
