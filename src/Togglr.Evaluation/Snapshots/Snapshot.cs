using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;
using Togglr.Evaluation.Tracing;

namespace Togglr.Evaluation;

/// <summary>
/// The flags of one environment at one revision, compiled. Immutable, and usable from any number of threads; a change makes another snapshot that shares what did not change. Evaluating is a total function:
/// no I/O, no clock, no culture, no exception, no allocation.
/// </summary>
public sealed class Snapshot
{
    /// <summary>The greatest schema version that this reader knows.</summary>
    public const int SchemaVersion = 1;

    private static readonly Outcome s_flagNotFound = new(null, null, EvaluationReason.Error, EvaluationErrorCode.FlagNotFound);
    private static readonly Outcome s_invalidContext = new(null, null, EvaluationReason.Error, EvaluationErrorCode.InvalidContext);

    private readonly Flag[] _flags;
    private readonly KeyIndex _utf16Keys;
    private readonly KeyIndex _utf8Keys;
    private readonly SnapshotDocument _document;
    private readonly SnapshotContent _content;

    private Snapshot(SnapshotDocument document, SnapshotContent content, Snapshot? before)
    {
        _document = document;
        _content = content;
        _flags = [.. content.Flags.Values];
        if (before is not null && before._flags.Length == _flags.Length && before._flags.Zip(_flags).All(pair => pair.First.Key == pair.Second.Key))
        {
            _utf16Keys = before._utf16Keys;
            _utf8Keys = before._utf8Keys;
            return;
        }
        var utf16 = new KeyIndex.Builder();
        var utf8 = new KeyIndex.Builder();
        foreach (var flag in _flags)
        {
            utf16.Add(MemoryMarshal.AsBytes(flag.Key.AsSpan()));
            utf8.Add(System.Text.Encoding.UTF8.GetBytes(flag.Key));
        }
        _utf16Keys = utf16.Build();
        _utf8Keys = utf8.Build();
    }

    /// <summary>A snapshot without flags, of revision 0.</summary>
    public static Snapshot Empty { get; } = Load("{}"u8.ToArray());

    /// <summary>The project's key.</summary>
    public string Project => _document.Project;

    /// <summary>The environment's key.</summary>
    public string Environment => _document.Environment;

    /// <summary>Grows by one with every change of the environment.</summary>
    public long Revision => _document.Revision;

    /// <summary>The flags in the order of the document; flags that a patch added come last.</summary>
    public IReadOnlyList<Flag> Flags => _flags;

    internal AttributeTable Attributes => _content.Attributes;

    internal SnapshotContent Content => _content;

    internal string Salt => _document.Salt;

    /// <summary>
    /// Reads and compiles a snapshot document. Malformed flags, segments and experiments spoil nothing but the flags that need them. The bytes are kept and must not change.
    /// </summary>
    /// <exception cref="SnapshotException">The text is not a JSON object, or its schema version is greater than <see cref="SchemaVersion"/>.</exception>
    public static Snapshot Load(ReadOnlyMemory<byte> utf8Json)
    {
        var root = SnapshotDocument.ReadRoot(utf8Json);
        var document = SnapshotDocument.Of(root);
        var content = new SnapshotCompiler(document.Salt, null).Compile(root["flags"u8], root["segments"u8], root["experiments"u8]);
        return new Snapshot(document, content, null);
    }

    /// <summary>
    /// The snapshot after a patch <c>{"from","revision","flags","segments","experiments"}</c> of whole documents by key, in which null removes. Only what the patch touches, and what depends on that, is compiled again.
    /// </summary>
    /// <exception cref="SnapshotException">The text is not a patch, or it does not start from this revision.</exception>
    public Snapshot Apply(ReadOnlyMemory<byte> utf8Patch)
    {
        var root = SnapshotDocument.ReadRoot(utf8Patch);
        if (!root["from"u8].TryGetInteger(0, long.MaxValue / 2, out var from) || !root["revision"u8].TryGetInteger(0, long.MaxValue / 2, out var revision))
            throw new SnapshotException(SnapshotException.Malformed, "A patch needs the revisions 'from' and 'revision'.");
        if (from != Revision)
            throw new SnapshotException(SnapshotException.RevisionMismatch, $"The patch starts from revision {from}, not from {Revision}.");
        var content = new SnapshotCompiler(_document.Salt, _content).Compile(root["flags"u8], root["segments"u8], root["experiments"u8]);
        return new Snapshot(_document.At(revision), content, this);
    }

    /// <summary>The snapshot as one JSON document without line breaks.</summary>
    public ReadOnlyMemory<byte> ToUtf8Json() => _document.ToUtf8Json(_content);

    /// <summary>Finds a flag.</summary>
    public bool TryGetFlag(string key, [NotNullWhen(true)] out Flag? flag)
    {
        var index = key is null ? -1 : _utf16Keys.Find(MemoryMarshal.AsBytes(key.AsSpan()));
        flag = index < 0 ? null : _flags[index];
        return index >= 0;
    }

    /// <summary>Finds a flag by the UTF-8 bytes of its key.</summary>
    public bool TryGetFlag(ReadOnlySpan<byte> utf8Key, [NotNullWhen(true)] out Flag? flag)
    {
        var index = _utf8Keys.Find(utf8Key);
        flag = index < 0 ? null : _flags[index];
        return index >= 0;
    }

    /// <summary>The phase in which an experiment is, from 1; 0 where there is no such experiment or it does not tell.</summary>
    public int PhaseOf(string experimentKey) => _content.Experiments.TryGetValue(experimentKey, out var experiment) ? experiment.Phase : 0;

    /// <summary>Evaluates a flag.</summary>
    /// <param name="flagKey">The flag's key.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="nowUnixMilliseconds">The time of the evaluation.</param>
    public EvaluationResult Evaluate(string flagKey, EvaluationContext context, long nowUnixMilliseconds) =>
        TryGetFlag(flagKey, out var flag) ? Evaluate(flag, context, nowUnixMilliseconds) : new EvaluationResult(s_flagNotFound, Revision);

    /// <summary>Evaluates a flag whose value must have a type: any result with a value of another type becomes <see cref="EvaluationErrorCode.TypeMismatch"/>.</summary>
    public EvaluationResult Evaluate(string flagKey, FlagType type, EvaluationContext context, long nowUnixMilliseconds)
    {
        var result = Evaluate(flagKey, context, nowUnixMilliseconds);
        return result.Variant is { } variant && variant.Type != type ? new EvaluationResult(result.Flag!.TypeMismatch, Revision) : result;
    }

    /// <summary>Evaluates a flag of this snapshot.</summary>
    public EvaluationResult Evaluate(Flag flag, EvaluationContext context, long nowUnixMilliseconds)
    {
        ArgumentNullException.ThrowIfNull(flag);
        return new EvaluationResult(flag.Fixed ?? Decide(flag, (context ?? EvaluationContext.Empty).Data, nowUnixMilliseconds), Revision);
    }

    /// <summary>
    /// Evaluates a flag for a context that was read for this snapshot, or for one that came of it by <see cref="Apply"/>, so that both can be asked without reading twice; for another one
    /// the result is <see cref="EvaluationErrorCode.InvalidContext"/>.
    /// </summary>
    public EvaluationResult Evaluate(string flagKey, ContextReader context, long nowUnixMilliseconds) =>
        TryGetFlag(flagKey, out var flag) ? Evaluate(flag, context, nowUnixMilliseconds) : new EvaluationResult(s_flagNotFound, Revision);

    /// <summary>Evaluates a flag of this snapshot for a context that was read for it.</summary>
    public EvaluationResult Evaluate(Flag flag, ContextReader context, long nowUnixMilliseconds)
    {
        ArgumentNullException.ThrowIfNull(flag);
        ArgumentNullException.ThrowIfNull(context);
        if (!ReferenceEquals(context.Snapshot, this) && context.Snapshot?.Attributes.Extends(Attributes) != true)
            return new EvaluationResult(s_invalidContext, Revision);
        return new EvaluationResult(flag.Fixed ?? Decide(flag, context.Data, nowUnixMilliseconds), Revision);
    }

    /// <summary>Evaluates a flag and tells every step: for people who want to know why. Allocates freely.</summary>
    public EvaluationTrace Trace(string flagKey, EvaluationContext context, long nowUnixMilliseconds)
    {
        ArgumentNullException.ThrowIfNull(flagKey);
        var data = (context ?? EvaluationContext.Empty).Data;
        return TryGetFlag(flagKey, out var flag)
            ? Tracer.Trace(this, flag, new Inquiry(data, nowUnixMilliseconds, Memo.Begin(flag.MemoSegments, Math.Max(flag.MemoFlags, flag.Ordinal + 1))))
            : Tracer.NotFound(this, flagKey, s_flagNotFound, new Inquiry(data, nowUnixMilliseconds, null));
    }

    private static Outcome Decide(Flag flag, ContextData context, long now) =>
        flag.Decide(new Inquiry(context, now, flag.NeedsMemo ? Memo.Begin(flag.MemoSegments, flag.MemoFlags) : null));
}
