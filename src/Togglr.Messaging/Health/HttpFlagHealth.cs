using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Togglr.Messaging.Health;

/// <summary>Asks a control plane that is reached over the network.</summary>
/// <param name="client">A client whose base address is the control plane's.</param>
/// <param name="token">The secret that edges and control planes share.</param>
public sealed class HttpFlagHealth(HttpClient client, string token) : IFlagHealth
{
    /// <summary>The path that answers.</summary>
    public const string Path = "/internal/v1/flag-health";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public async ValueTask<FlagHealthFigures?> ReadAsync(Guid environment, string flag, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path}?environment={environment}&flag={Uri.EscapeDataString(flag)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await client.SendAsync(request, patience.Token);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<FlagHealthFigures>(JsonSerializerOptions.Web, patience.Token) : null;
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}

/// <summary>Remembers answers for a second, so that SDKs that ask often cost one question.</summary>
/// <param name="source">Who knows.</param>
/// <param name="time">The clock.</param>
public sealed class CachedFlagHealth(IFlagHealth source, TimeProvider time) : IFlagHealth
{
    private const int MostRemembered = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(Guid Environment, string Flag), (long At, Task<FlagHealthFigures?> Answer)> _answers = new();

    /// <inheritdoc />
    public async ValueTask<FlagHealthFigures?> ReadAsync(Guid environment, string flag, CancellationToken cancellationToken = default)
    {
        var key = (environment, flag);
        if (!_answers.TryGetValue(key, out var known) || time.GetElapsedTime(known.At) > Lifetime)
        {
            if (_answers.Count >= MostRemembered)
                _answers.Clear();
            // Not with the token of who asks first: others wait for the same answer.
            known = (time.GetTimestamp(), source.ReadAsync(environment, flag, CancellationToken.None).AsTask());
            _answers[key] = known;
        }

        return await known.Answer.WaitAsync(cancellationToken);
    }
}
