using System.Numerics;
using Togglr.Evaluation;

namespace Togglr.Edge.RemoteEvaluation;

/// <summary>What one evaluation request needs while it runs; pooled, so a request allocates none of it.</summary>
internal sealed class EvaluationWorker(ContextLimits limits)
{
    private const int KeptBytes = 1 << 18;

    private readonly int[] _reasons = new int[EdgeMetrics.ReasonCount];
    private byte[] _output = new byte[4096];
    private int _length;
    private uint _requests;

    /// <summary>The context.</summary>
    public ContextReader Context { get; } = new(limits);

    /// <summary>The flags that were asked for by name: the flag, or the name of one that is not there.</summary>
    public List<(Flag? Flag, string? Key)> Asked { get; } = [];

    /// <summary>Whether no flags were named, which asks for all.</summary>
    public bool AskedForAll { get; set; }

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _output.AsSpan(0, _length);

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_output.Length - _length < bytes.Length)
            Array.Resize(ref _output, (int)BitOperations.RoundUpToPowerOf2((uint)(_length + bytes.Length)));
        bytes.CopyTo(_output.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Takes back the comma after the last of several.</summary>
    public void TrimComma()
    {
        if (_length > 0 && _output[_length - 1] == (byte)',')
            _length--;
    }

    /// <summary>Counts the requests that it was used for; gives how many there were before.</summary>
    public uint Begin() => _requests++;

    /// <summary>Notes the result of one evaluation.</summary>
    public void Count(Outcome outcome) => _reasons[(int)outcome.Reason]++;

    /// <summary>Makes it ready for the next request.</summary>
    public void Finish(EdgeMetrics metrics)
    {
        for (var reason = 0; reason < _reasons.Length; reason++)
        {
            if (_reasons[reason] == 0)
                continue;
            metrics.Evaluated((EvaluationReason)reason, _reasons[reason]);
            _reasons[reason] = 0;
        }
        Asked.Clear();
        _length = 0;
        if (_output.Length > KeptBytes)
            _output = new byte[4096];
    }
}
