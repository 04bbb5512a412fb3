using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Accounts;

public sealed class EmergencyStartTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_start_with_an_emergency_password_lets_the_administrator_in_and_the_next_one_changes_nothing()
    {
        var directory = Directory.CreateTempSubdirectory("togglr-emergency-").FullName;
        string[] options = ["--database-url", await postgres.CreateDatabaseAsync(), "--data-dir", directory, "--admin-tmp-password", "let me in please", "--admin-email", "root@example.com"];
        try
        {
            await using (var server = await TogglrServer.StartAsync(options))
            {
                await ReadyAsync(server);
                using var admin = await server.SignInAsync("root@example.com", "let me in please");
                var me = await admin.GetFromJsonAsync<JsonElement>("api/v1/me");
                Assert.True(me.GetProperty("mustChangePassword").GetBoolean());
                using var changed = await admin.PostAsJsonAsync("api/v1/me/password", new { currentPassword = "let me in please", newPassword = "tangerine dream" });
                Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
            }

            await using (var server = await TogglrServer.StartAsync(options))
            {
                await ReadyAsync(server);
                using var admin = await server.SignInAsync("root@example.com", "tangerine dream");
                Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("api/v1/orgs")).StatusCode);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Task ReadyAsync(TogglrServer server) => Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
}
