using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>What careless and hostile clients send: a clear refusal, nothing half-written, nothing lost.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class BadInputTests(ControlPlaneServer server)
{
    [Theory]
    [InlineData("""{"rules":[{"if":{"attribute":"a","operator":"eq","value":"\ud800"},"then":{"variant":"on"}}],"default":{"variant":"on"}}""")]
    [InlineData("""{"rules":[{"if":{"segment":"\ud800"},"then":{"variant":"on"}}],"default":{"variant":"on"}}""")]
    [InlineData("""{"default":{"variant":"\udc00"}}""")]
    [InlineData("""{"default":{"\ud800":"on"}}""")]
    [InlineData("""{"rules":[null],"default":{"variant":"on"}}""")]
    [InlineData("""{"prerequisites":[null],"default":{"variant":"on"}}""")]
    [InlineData("""{"targets":[{"variant":"on","keys":[null]}],"default":{"variant":"on"}}""")]
    [InlineData("""{"rules":[{"id":"\u0000","if":{"and":[]},"then":{"variant":"on"}}],"default":{"variant":"on"}}""")]
    [InlineData("""{"rules":[{"name":"\u0000","if":{"and":[]},"then":{"variant":"on"}}],"default":{"variant":"on"}}""")]
    public async Task A_configuration_with_broken_texts_or_holes_is_refused(string body)
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var state = $"{project}/flags/f/environments/prod";
        Assert.Equal("validation_failed", (await server.Admin.PutAsync(state, body, 400, ("If-Match", "*"))).Code);
        Assert.Equal("validation_failed", (await server.Admin.PostAsync($"{state}/analyze", body, 400)).Code);
        Assert.Equal("\"1\"", (await server.Admin.GetAsync(state)).ETag);
    }

    [Fact]
    public async Task A_rule_has_an_id_and_a_name_of_bearable_length()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        foreach (var (id, name, path) in new[] { (new string('x', 101), "n", "/rules/0/id"), ("r", new string('x', 201), "/rules/0/name") })
        {
            var body = new { rules = new[] { new { id, name, @if = new { and = Array.Empty<object>() }, then = new { variant = "on" } } }, @default = new { variant = "on" } };
            Assert.Equal(path, (await server.Admin.PutAsync($"{project}/flags/f/environments/prod", body, 400, ("If-Match", "*"))).Get("errors", "0", "path"));
        }
    }

    [Theory]
    [InlineData("flags", """{"key":"a","type":"string","variants":[{"key":"x","value":"\ud800"},{"key":"y","value":"y"}]}""")]
    [InlineData("flags", """{"key":"a","type":"boolean","environments":{"prod":null}}""")]
    [InlineData("flags", """{"key":"a","type":"boolean","tags":[null]}""")]
    [InlineData("environments/prod/evaluate", """{"context":{"targetingKey":"\ud800"}}""")]
    [InlineData("environments/prod/evaluate", """{"context":{},"flags":[null]}""")]
    [InlineData("segments", """{"key":"a","if":{"attribute":"a","operator":"eq","value":"\ud800"}}""")]
    public async Task Bodies_with_broken_texts_or_holes_are_refused(string path, string body)
    {
        var project = await server.CreateProjectAsync();
        Assert.Equal("validation_failed", (await server.Admin.PostAsync($"{project}/{path}", body, 400)).Code);
    }

    [Fact]
    public async Task A_body_in_an_unknown_charset_or_without_content_is_told_so()
    {
        var project = await server.CreateProjectAsync();
        using var content = new ByteArrayContent("""{"key":"a","type":"boolean"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=klingon");
        Assert.Equal("unsupported_media_type", (await server.Admin.PostAsync($"{project}/flags", content, 415)).Code);
        var empty = await server.Admin.PostAsync($"{project}/flags", "", 400);
        Assert.Equal(("validation_failed", "required"), (empty.Code, empty.Get("errors", "0", "code")));
    }

    [Fact]
    public async Task Guesses_sent_all_at_once_are_slowed_down_as_well()
    {
        var api = server.Anonymous();
        var guesses = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => api.SendAsync(
            HttpMethod.Post, "/api/v1/auth/login", new { email = "victim@example.com", password = $"guess {number}" }, expect: -1)));
        Assert.InRange(guesses.Count(answer => answer.Status == 401), 1, 20);
        Assert.All(guesses, answer => Assert.Contains(answer.Code, (string[])["invalid_credentials", "rate_limited"]));
    }

    [Fact]
    public async Task A_program_name_cut_inside_a_character_does_not_prevent_signing_in()
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        var body = """{"email":"admin@togglr.dev","password":"password543210"}""";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
            $"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nUser-Agent: {new string('x', 399)}\U0001F600\r\n\r\n{body}"));
        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task An_upload_that_lost_a_race_keeps_its_keys()
    {
        var project = await server.CreateProjectAsync();
        var segment = $"{project}/segments/s";
        await server.Admin.PostAsync($"{project}/segments", new { key = "s", included = new[] { "old" } });
        // The list arrives slowly, and the segment changes while it does; every change makes a chance to lose.
        using var content = new SlowContent("k1\nk2\n", "k3\n");
        var upload = server.Admin.PutAsync($"{segment}/keys?list=included", content);
        await content.Begun;
        await server.Admin.PutAsync(segment, new { name = "Renamed" });
        content.Finish();
        await upload;
        for (var i = 0; i < 20; i++)
        {
            var text = string.Join('\n', Enumerable.Range(0, 500).Select(number => $"k{number}"));
            await Task.WhenAll(
                server.Admin.PutAsync($"{segment}/keys?list=included", new StringContent(text, Encoding.UTF8, "text/plain")),
                server.Admin.PutAsync(segment, new { name = $"Renamed {i}" }),
                server.Admin.PutAsync(segment, new { name = $"Renamed again {i}" }));
            Assert.Equal("500", (await server.Admin.GetAsync(segment)).Get("includedCount"));
        }
    }

    [Fact]
    public async Task The_kill_switch_minds_a_stale_version_and_an_empty_list()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PostAsync($"{project}/flags/f/kill", new { reason = "x" }, 412, ("If-Match", "\"7\""));
        await server.Admin.PostAsync($"{project}/flags/f/kill", new { reason = "x", environments = Array.Empty<string>() }, 400);
        Assert.False((await server.Admin.GetAsync($"{project}/flags/f")).At("environments", "prod", "killed").GetBoolean());
    }

    [Fact]
    public async Task A_key_that_was_made_with_an_idempotency_key_is_nowhere_in_the_database()
    {
        var project = await server.CreateProjectAsync();
        var keys = $"{project}/environments/prod/keys";
        var made = await server.Admin.PostAsync(keys, new { name = "k", kind = "server" }, 201, ("Idempotency-Key", project));
        var secret = made.Get("secret");
        Assert.Equal(secret, (await server.Admin.PostAsync(keys, new { name = "k", kind = "server" }, 201, ("Idempotency-Key", project))).Get("secret"));
        var hex = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret));
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM idempotency WHERE encode(body, 'hex') LIKE '%{hex}%'"));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM idempotency WHERE key = '{project}' AND length(body) > 60"));
    }

    /// <summary>Two pieces of text, the second when it is told to.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly string _first;
        private readonly string _second;
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SlowContent(string first, string second)
        {
            (_first, _second) = (first, second);
            Headers.ContentType = new("text/plain");
        }

        public Task Begun => _begun.Task;

        public void Finish() => _finish.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(_first));
            await stream.FlushAsync();
            await Task.Delay(200);
            _begun.SetResult();
            await _finish.Task;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(_second));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
