using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Security;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>What holds for every endpoint, also for those that do not exist yet.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ConventionTests(ControlPlaneServer server)
{
    private IEnumerable<RouteEndpoint> Endpoints =>
        server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/v1", StringComparison.Ordinal));

    [Fact]
    public void Every_endpoint_has_a_name_a_summary_and_says_what_it_needs()
    {
        Assert.True(Endpoints.Count() > 60);
        Assert.All(Endpoints, endpoint =>
        {
            Assert.NotNull(endpoint.Metadata.GetMetadata<IEndpointNameMetadata>());
            Assert.NotNull(endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>());
            var requirement = Assert.Single(endpoint.Metadata.OfType<AccessRequirement>());
            if (requirement.Permission is { } permission)
                Assert.Contains(permission, Permissions.All);
        });
    }

    [Fact]
    public async Task Every_endpoint_that_is_not_open_answers_401_to_strangers()
    {
        var stranger = server.Anonymous();
        foreach (var (method, path, endpoint) in Calls("/api/v1/orgs/default/projects/none"))
        {
            if (endpoint.Metadata.GetMetadata<AccessRequirement>()!.Kind != AccessKind.Anonymous)
                Assert.Equal("unauthorized", (await stranger.SendAsync(method, path, null, 401)).Code);
        }
        stranger.Http.DefaultRequestHeaders.Authorization = new("Bearer", "eyJhbGciOiJub25lIn0.e30.");
        await stranger.GetAsync("/api/v1/me", 401);
    }

    [Fact]
    public async Task Every_endpoint_with_a_body_answers_400_to_a_bad_one()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "x", type = "boolean" });
        await server.Admin.PostAsync($"{project}/segments", new { key = "x" });
        await server.Admin.PostAsync($"{project}/categories", new { key = "x" });
        await server.Admin.PostAsync($"{project}/tags", new { key = "x" });
        await server.Admin.PostAsync($"{project}/attributes", new { name = "x", type = "string" });
        var bodies = 0;
        foreach (var (method, path, endpoint) in Calls(project))
        {
            if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not { } accepts || !accepts.ContentTypes.Contains("application/json"))
                continue;
            bodies++;
            foreach (var (body, code) in new[]
            {
                ("{", "malformed_json"), ("""{"reason":"a","surprise":1}""", "unknown_property"), ("""{"reason":"a","reason":"b"}""", "duplicate_property"),
                ("[]", "validation_failed"), ("7", "validation_failed"), ("""{"key":[],"name":{},"email":1,"enabled":"x","keys":7,"list":0}""", ""),
                (new string('[', 200) + new string(']', 200), ""), ("\"\0\"", "malformed_json"),
            })
            {
                var answer = await server.Admin.SendAsync(method, path, body, 400);
                if (code.Length > 0 && !(code is "unknown_property" or "duplicate_property" && answer.Code is "validation_failed" or "unknown_property"))
                    Assert.True(answer.Code == code, $"{method} {path} with {body} said {answer.Code}, not {code}");
            }
            var text = await server.Admin.SendAsync(method, path, new StringContent("{}", System.Text.Encoding.UTF8, "text/plain"), 415);
            Assert.Equal("unsupported_media_type", text.Code);
        }
        Assert.True(bodies > 20);
    }

    [Fact]
    public async Task Bad_bodies_are_told_what_and_where()
    {
        var project = await server.CreateProjectAsync();
        async Task<(string Code, string Path)> Send(string body)
        {
            var answer = await server.Admin.PostAsync($"{project}/flags", body, 400);
            return (answer.Code, answer.Json.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("path").GetString()! : "");
        }
        Assert.Equal(("unknown_property", "/nope"), await Send("""{"key":"a","type":"boolean","nope":1}"""));
        Assert.Equal(("duplicate_property", "/key"), await Send("""{"key":"a","key":"b","type":"boolean"}"""));
        Assert.Equal(("validation_failed", "/type"), await Send("""{"key":"a","type":"colour"}"""));
        Assert.Equal(("validation_failed", "/type"), await Send("""{"key":"a"}"""));
        Assert.Equal(("validation_failed", "/variants/1/key"), await Send("""{"key":"a","type":"string","variants":[{"key":"x","value":"y"},{"key":7,"value":"z"}]}"""));
        Assert.Equal(("validation_failed", "/key"), await Send("""{"key":"a b","type":"boolean"}"""));
        Assert.Equal(("duplicate_property", "/variants/0/value"), await Send("""{"key":"a","type":"json","variants":[{"key":"x","value":{"a":1,"a":2}}]}"""));
        Assert.Equal("too_deep", (await Send($$"""{"key":"a","type":"json","variants":[{"key":"x","value":{{new string('[', 120)}}{{new string(']', 120)}}}]}""")).Code);
        var large = await server.Admin.PostAsync($"{project}/flags", $$"""{"key":"{{new string('x', 1 << 20)}}","type":"boolean"}""", 413);
        Assert.Equal("body_too_large", large.Code);
    }

    [Fact]
    public async Task A_text_that_no_database_keeps_is_refused_wherever_it_comes_from()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.GetAsync($"{project}/flags?search=%00", 400);
        await server.Admin.GetAsync($"{project}/flags?category=%00", 400);
        await server.Admin.PostAsync($"{project}/flags", """{"key":"a","type":"boolean","category":"\u0000"}""", 400);
        await server.Admin.PostAsync($"{project}/flags", """{"key":"a","type":"boolean","description":"\u0000"}""", 400);
        await server.Admin.PostAsync($"{project}/flags", """{"key":"a","type":"boolean","description":"\ud800"}""", 400);
        await server.Admin.PostAsync($"{project}/flags", """{"key":"a","type":"boolean","reason":"\u0000"}""", 400);
        await server.Admin.PostAsync($"{project}/flags", """{"key":"a","type":"string","variants":[{"key":"x","value":"\u0000"},{"key":"y","value":"y"}]}""");
    }

    [Fact]
    public async Task Unknown_paths_and_methods_below_the_api_are_problems_too()
    {
        Assert.Equal("not_found", (await server.Admin.GetAsync("/api/v1/nothing", 404)).Code);
        Assert.Equal("not_found", (await server.Admin.GetAsync("/api/nothing", 404)).Code);
        Assert.Equal("method_not_allowed", (await server.Admin.DeleteAsync("/api/v1/me", 405)).Code);
    }

    [Fact]
    public async Task Random_json_never_makes_the_server_fail()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "x", type = "boolean" });
        var random = new Random(20260714);
        var calls = Calls(project).Where(call => call.Endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null && !call.Path.Contains("/me/", StringComparison.Ordinal)).ToList();
        for (var i = 0; i < 400; i++)
        {
            var (method, path, _) = calls[random.Next(calls.Count)];
            using var request = new HttpRequestMessage(method, path) { Content = new StringContent(Json(random, 0), System.Text.Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation("If-Match", "*");
            using var response = await server.Admin.Http.SendAsync(request);
            Assert.True((int)response.StatusCode < 500, $"{method} {path} {await request.Content.ReadAsStringAsync()} → {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>Every call there is, with <c>x</c> in the place of keys below the project.</summary>
    private IEnumerable<(HttpMethod Method, string Path, RouteEndpoint Endpoint)> Calls(string project) =>
        from endpoint in Endpoints
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        let path = endpoint.RoutePattern.RawText!.Replace("/api/v1/orgs/{org}/projects/{project}", project, StringComparison.Ordinal).Replace("{org}", "default", StringComparison.Ordinal)
            .Replace("{env}", "prod", StringComparison.Ordinal)
        select (new HttpMethod(method), Filled(path), endpoint);

    private static string Filled(string path)
    {
        var limit = TimeSpan.FromSeconds(1);
        var ids = System.Text.RegularExpressions.Regex.Replace(path, "\\{[a-zA-Z]+:guid\\}", Guid.Empty.ToString(), System.Text.RegularExpressions.RegexOptions.None, limit);
        ids = System.Text.RegularExpressions.Regex.Replace(ids, "\\{[a-zA-Z]+:int\\}", "1", System.Text.RegularExpressions.RegexOptions.None, limit);
        return System.Text.RegularExpressions.Regex.Replace(ids, "\\{[a-zA-Z]+\\}", "x", System.Text.RegularExpressions.RegexOptions.None, limit);
    }

    private static string Json(Random random, int depth)
    {
        string[] names = ["key", "name", "type", "variants", "value", "rules", "if", "then", "default", "variant", "and", "or", "not", "attribute", "operator", "rollout", "variations", "weight",
            "segment", "context", "flags", "list", "add", "enabled", "reason", "tags", "prerequisites", "targets", "keys", "jsonSchema", "environments", "color", "kind", "percentage"];
        string[] texts = ["", "x", "on", "boolean", "json", "eq", "matches", "included", "user", "#fff", "\\u0000", "\\ud800", "2026-01-01", "prod", "(((("];
        return random.Next(depth > 4 ? 5 : 8) switch
        {
            0 => "null",
            1 => random.Next(2) == 0 ? "true" : "false",
            2 => random.Next(-5, 100).ToString(),
            3 => random.Next(2) == 0 ? "1e400" : "0.1",
            4 => $"\"{texts[random.Next(texts.Length)]}\"",
            5 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Json(random, depth + 1)))}]",
            _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{names[random.Next(names.Length)]}\":{Json(random, depth + 1)}"))}}}",
        };
    }
}
