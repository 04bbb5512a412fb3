using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Togglr.Evaluation;
using Togglr.Sdk;

namespace Togglr.Samples.Web;

/// <summary>Turns the client's change events into what one open page should show.</summary>
internal sealed class FlagFeed(TogglrClient togglr, IHostApplicationLifetime lifetime)
{
    public async IAsyncEnumerable<SseItem<string>> FollowAsync(EvaluationContext context, [EnumeratorCancellation] CancellationToken gone)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, lifetime.ApplicationStopping);
        // Only the latest state matters to a page, so a slow one skips what it missed.
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void OnChanged(object? sender, FlagsChangedEventArgs change) => changes.Writer.TryWrite(true);
        togglr.FlagsChanged += OnChanged;
        try
        {
            do
            {
                yield return new SseItem<string>(togglr.AllFlags(context, clientVisibleOnly: true).ToJson(), "flags");
            }
            while (await NextAsync(changes.Reader, end.Token));
        }
        finally
        {
            togglr.FlagsChanged -= OnChanged;
        }
    }

    private static async Task<bool> NextAsync(ChannelReader<bool> changes, CancellationToken end)
    {
        try
        {
            return await changes.ReadAsync(end);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
