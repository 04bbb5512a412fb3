using Togglr.ControlPlane.Accounts;
using Togglr.IntegrationTests.ControlPlane;

namespace Togglr.IntegrationTests.Security;

[Collection(SecurityTests.Name)]
public sealed class SecrecyTests(SecurityServers servers)
{
    [Fact]
    public async Task Nobody_learns_from_a_refusal_who_has_an_account()
    {
        var anonymous = new Api(servers.Plain.Anonymous);
        var known = await anonymous.PostAsync("/api/v1/auth/login", new { email = FirstStart.DemoEmail, password = "wrong password" }, 401);
        var unknown = await anonymous.PostAsync("/api/v1/auth/login", new { email = "nobody@example.com", password = "wrong password" }, 401);
        foreach (var member in new[] { "type", "title", "status", "detail", "code" })
            Assert.Equal(known.Get(member), unknown.Get(member));
        Assert.Equal(Names(known), Names(unknown));
    }

    [Fact]
    public async Task Existing_and_missing_things_of_others_answer_the_same_to_strangers()
    {
        var anonymous = new Api(servers.Plain.Anonymous);
        foreach (var path in new[] { "/api/v1/orgs/default", "/api/v1/orgs/none", "/api/v1/orgs/default/projects/shop", "/api/v1/orgs/default/projects/none" })
            Assert.Equal("unauthorized", (await anonymous.GetAsync(path, 401)).Code);
    }

    [Fact]
    public async Task Failures_say_nothing_about_the_program()
    {
        foreach (var (path, body) in new[] { ("/api/v1/auth/login", "{"), ("/api/v1/auth/login", "{\"email\":1}"), ("/api/v1/auth/refresh", "[]") })
        {
            using var answer = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, path, body);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.DoesNotContain("Togglr.", text, StringComparison.Ordinal);
            Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        }
    }

    private static string Names(Answer answer) => string.Join(',', answer.Json.EnumerateObject().Select(member => member.Name));
}
