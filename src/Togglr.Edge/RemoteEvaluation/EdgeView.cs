using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.ObjectPool;
using Togglr.Evaluation;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.RemoteEvaluation;

/// <summary>What the edge derives from one revision of an environment, once.</summary>
internal sealed class EdgeView
{
    private readonly Flag[] _all;
    private readonly Flag[] _clientVisible;
    private readonly EnvironmentDocument _document;
    private byte[]? _gzip;

    private EdgeView(EnvironmentState state)
    {
        _all = [.. state.Snapshot.Flags];
        _clientVisible = Array.FindAll(_all, static flag => flag.ClientVisible);
        _document = state.Document;
        ResultHead = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"revision\":{state.Revision},\"flags\":{{"));
        ETag = string.Create(CultureInfo.InvariantCulture, $"\"{state.Revision}\"");
        Workers = new DefaultObjectPool<EvaluationWorker>(WorkerPolicy.Instance, Environment.ProcessorCount * 2);
    }

    /// <summary>The start of every answer to <c>/sdk/v1/evaluate</c>.</summary>
    public byte[] ResultHead { get; }

    /// <summary>The entity tag of the snapshot document.</summary>
    public string ETag { get; }

    /// <summary>Workers whose buffers fit this snapshot.</summary>
    public ObjectPool<EvaluationWorker> Workers { get; }

    /// <summary>The snapshot document, compressed by the first who asks.</summary>
    public ReadOnlyMemory<byte> Gzip => _gzip ??= Compress(_document.ToUtf8());

    /// <summary>The view of a state.</summary>
    public static EdgeView Of(EnvironmentState state) => state.View(static source => new EdgeView(source));

    /// <summary>The flags that a key may see.</summary>
    public ReadOnlySpan<Flag> FlagsFor(SdkKeyKind kind) => kind == SdkKeyKind.Server ? _all : _clientVisible;

    /// <summary>Whether a key may see a flag.</summary>
    public static bool IsVisible(Flag flag, SdkKeyKind kind) => kind == SdkKeyKind.Server || flag.ClientVisible;

    private static byte[] Compress(ReadOnlyMemory<byte> document)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
            gzip.Write(document.Span);
        return output.ToArray();
    }

    private sealed class WorkerPolicy : IPooledObjectPolicy<EvaluationWorker>
    {
        public static readonly WorkerPolicy Instance = new();

        /// <summary>The body has its own limit of size.</summary>
        private static readonly ContextLimits Limits = new() { MaxBytes = int.MaxValue };

        public EvaluationWorker Create() => new(Limits);

        public bool Return(EvaluationWorker obj) => true;
    }
}
