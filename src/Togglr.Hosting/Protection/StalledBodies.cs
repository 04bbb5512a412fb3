using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Togglr.Hosting.Protection;

/// <summary>
/// Lets a server that is told to stop give up bodies of which nothing arrives any more, instead of waiting for them as long as it waits for work. A body that keeps
/// coming may go on.
/// </summary>
public static class StalledBodies
{
    /// <summary>How long nothing may arrive once the server stops.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Watches the bodies of requests.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="stopping">Told when the server is to stop.</param>
    public static void UseStalledBodies(this IApplicationBuilder app, CancellationToken stopping) => app.Use((context, next) =>
    {
        if (context.Request.ContentLength is not 0 && !HttpMethods.IsGet(context.Request.Method))
            context.Request.Body = new WatchedBody(context.Request.Body, stopping);
        return next(context);
    });

    /// <summary>A token that ends with the request, or when the server stops and <see cref="Patience"/> has passed. Dispose what comes with it.</summary>
    internal static (CancellationTokenSource Waiting, CancellationTokenRegistration Registration) Watch(CancellationToken request, CancellationToken stopping)
    {
        var waiting = CancellationTokenSource.CreateLinkedTokenSource(request);
        var registration = stopping.UnsafeRegister(static state =>
        {
            try
            {
                ((CancellationTokenSource)state!).CancelAfter(Patience);
            }
            catch (ObjectDisposedException)
            {
                // The bytes came in the same moment.
            }
        }, waiting);
        return (waiting, registration);
    }

    private sealed class WatchedBody(Stream inner, CancellationToken stopping) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // What is there already needs no watching.
            var reading = inner.ReadAsync(buffer, CancellationToken.None);
            return reading.IsCompleted ? reading : WaitAsync(reading.AsTask(), cancellationToken);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private async ValueTask<int> WaitAsync(Task<int> reading, CancellationToken cancellationToken)
        {
            var (waiting, registration) = Watch(cancellationToken, stopping);
            using (waiting)
            using (registration)
            {
                try
                {
                    return await reading.WaitAsync(waiting.Token);
                }
                catch (OperationCanceledException ended) when (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    throw new BadHttpRequestException("The server stops and nothing more of the body arrives.", StatusCodes.Status408RequestTimeout, ended);
                }
            }
        }
    }
}
