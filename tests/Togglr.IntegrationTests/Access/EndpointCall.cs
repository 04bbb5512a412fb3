using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Togglr.IntegrationTests.Access;

/// <summary>Calls whatever endpoint there is, with a body of the kind that it takes.</summary>
internal static class EndpointCall
{
    /// <summary>Status and body; of a stream what comes first.</summary>
    public static async Task<(int Status, string Body)> SendAsync(Uri server, HttpMethod method, string path, string? token, RouteEndpoint? endpoint = null, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Get && method != HttpMethod.Options)
        {
            var type = endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes[0] ?? "application/json";
            request.Content = new StringContent(body ?? (type == "application/json" ? "{}" : "x"), Encoding.UTF8, type);
        }
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        // Files in lines end; only the feed does not.
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var read = await stream.ReadAsync(buffer, limit.Token);
        return ((int)response.StatusCode, Encoding.UTF8.GetString(buffer, 0, read));
    }

    /// <summary>The endpoint's path with its parameters filled: by name and by the segment before.</summary>
    public static string Fill(RouteEndpoint endpoint, Func<RoutePatternParameterPart, string, string> value)
    {
        var segments = new List<string>();
        foreach (var segment in endpoint.RoutePattern.PathSegments)
        {
            var before = segments.Count > 0 ? segments[^1] : "";
            segments.Add(string.Concat(segment.Parts.Select(part => part switch
            {
                RoutePatternLiteralPart literal => literal.Content,
                RoutePatternSeparatorPart separator => separator.Content,
                RoutePatternParameterPart parameter => value(parameter, before),
                _ => throw new InvalidOperationException($"A part of {endpoint.RoutePattern.RawText} is unknown."),
            })));
        }
        return "/" + string.Join('/', segments);
    }
}
