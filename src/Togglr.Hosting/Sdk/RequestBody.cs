using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Protection;

namespace Togglr.Hosting.Sdk;

/// <summary>
/// The whole body of a request in one piece of memory, without a copy where it arrived in one piece, as small ones do. Release it before the
/// response is finished.
/// </summary>
public struct RequestBody
{
    private PipeReader? _reader;
    private ReadOnlySequence<byte> _sequence;
    private byte[]? _rented;

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>Why there are no bytes: longer than the limit, too slow, or less than announced. Null when all is well.</summary>
    public Problem? Refusal { get; private init; }

    /// <summary>Reads the body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limit">The most bytes that are accepted.</param>
    public static ValueTask<RequestBody> ReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
            return new ValueTask<RequestBody>(new RequestBody { Refusal = Problem.BodyTooLarge(limit) });
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        var reader = context.Request.BodyReader;
        if (!reader.TryRead(out var result))
            return ReadRestAsync(context, reader, limit);
        if (result.IsCompleted)
            return new ValueTask<RequestBody>(Take(reader, result.Buffer, limit));
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        return ReadRestAsync(context, reader, limit);
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        Bytes = default;
        _reader?.AdvanceTo(_sequence.End);
        _reader = null;
        if (_rented is null)
            return;
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
    }

    private static async ValueTask<RequestBody> ReadRestAsync(HttpContext context, PipeReader reader, int limit)
    {
        var stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        try
        {
            while (true)
            {
                var (waiting, registration) = StalledBodies.Watch(context.RequestAborted, stopping);
                ReadResult result;
                using (waiting)
                using (registration)
                    result = await reader.ReadAsync(waiting.Token);
                if (result.IsCompleted)
                    return Take(reader, result.Buffer, limit);
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (result.Buffer.Length > limit)
                    return new RequestBody { Refusal = Problem.BodyTooLarge(limit) };
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            return new RequestBody { Refusal = BadRequestProblems.TooSlow };
        }
        catch (BadHttpRequestException bad)
        {
            return new RequestBody { Refusal = BadRequestProblems.From(bad, limit) };
        }
    }

    private static RequestBody Take(PipeReader reader, ReadOnlySequence<byte> sequence, int limit)
    {
        if (sequence.Length > limit)
        {
            reader.AdvanceTo(sequence.End);
            return new RequestBody { Refusal = Problem.BodyTooLarge(limit) };
        }
        var body = new RequestBody { _reader = reader, _sequence = sequence };
        if (sequence.IsSingleSegment)
        {
            body.Bytes = sequence.First;
            return body;
        }
        var length = (int)sequence.Length;
        body._rented = ArrayPool<byte>.Shared.Rent(length);
        sequence.CopyTo(body._rented);
        body.Bytes = body._rented.AsMemory(0, length);
        return body;
    }
}
