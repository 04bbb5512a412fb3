using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Togglr.LoadBench.Processes;

/// <summary>What the benchmark needs of the management API, over one connection.</summary>
internal sealed class Management : IDisposable
{
    /// <summary>Whose sign-in the demo data makes.</summary>
    public const string Email = "admin@togglr.dev";

    /// <summary>The demo's password.</summary>
    public const string Password = "password543210";

    private readonly HttpClient _http;

    private Management(HttpClient http, string organization) => (_http, Organization) = (http, organization);

    public string Organization { get; }

    public static async Task<Management> SignInAsync(int port)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/") };
        var session = await ReadAsync(await http.PostAsJsonAsync("auth/login", new { email = Email, password = Password }));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)session["accessToken"]!);
        var me = await ReadAsync(await http.GetAsync("me"));
        return new Management(http, (string)me["organizations"]![0]!["key"]!);
    }

    public async Task<JsonNode> GetAsync(string path) => await ReadAsync(await _http.GetAsync(path));

    public async Task<JsonNode> PostAsync(string path, JsonNode body) => await ReadAsync(await _http.PostAsync(path, Content(body)));

    public async Task<JsonNode> PutAsync(string path, JsonNode body) => await ReadAsync(await _http.PutAsync(path, Content(body)));

    /// <summary>The sum of a histogram since the server's start, in milliseconds: of the lines that have a label, such as <c>question="may"</c>, or of all.</summary>
    public async Task<double> SumOfAsync(string histogram, string label = "")
    {
        var sum = 0.0;
        foreach (var line in (await _http.GetStringAsync("/metrics")).Split('\n'))
        {
            if (line.StartsWith(histogram + "_sum", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
                sum += double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        }
        return sum * 1000;
    }

    /// <summary>Replaces the configuration of a flag in an environment.</summary>
    public async Task<JsonNode> ConfigureAsync(string flagEnvironmentPath, JsonNode configuration, long version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, flagEnvironmentPath) { Content = Content(configuration) };
        request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{version}\""));
        return await ReadAsync(await _http.SendAsync(request));
    }

    public string Project(string project) => $"orgs/{Organization}/projects/{project}";

    public async Task CreateProjectAsync(string key) =>
        await PostAsync($"orgs/{Organization}/projects", new JsonObject { ["key"] = key, ["name"] = key });

    /// <returns>The secret of a new server key.</returns>
    public async Task<string> CreateServerKeyAsync(string project, string environment) =>
        (string)(await PostAsync($"{Project(project)}/environments/{environment}/keys", new JsonObject { ["name"] = "bench", ["kind"] = "server" }))["secret"]!;

    public void Dispose() => _http.Dispose();

    private static ByteArrayContent Content(JsonNode body) =>
        new(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? JsonNode.Parse(text)!
                : throw new InvalidOperationException($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri!.AbsolutePath}: {(int)response.StatusCode} {text}");
        }
    }
}
