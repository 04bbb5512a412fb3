using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Security;

[Collection(SecurityTests.Name)]
public sealed class RequestTests(SecurityServers servers, PostgresFixture postgres)
{
    [Theory]
    [InlineData("/api/v1/auth/login")]
    [InlineData("/api/v1/auth/refresh")]
    public async Task Bodies_that_are_too_large_or_too_deep_are_refused(string path)
    {
        using var large = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, path, $$"""{"email":"{{new string('x', 2 << 20)}}"}""");
        Assert.Equal((413, "body_too_large"), ((int)large.StatusCode, await large.CodeAsync()));
        using var deep = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, path, $$"""{"email":{{new string('[', 5000)}}{{new string(']', 5000)}}}""");
        Assert.Equal(400, (int)deep.StatusCode);
    }

    [Fact]
    public async Task Headers_that_are_too_large_or_too_many_are_refused()
    {
        var large = await SecurityServers.SendRawAsync(servers.Plain, $"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-Large: {new string('x', 64 * 1024)}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431", large, StringComparison.Ordinal);
        var many = string.Concat(Enumerable.Range(0, 200).Select(number => $"X-{number}: 1\r\n"));
        Assert.StartsWith("HTTP/1.1 431", await SecurityServers.SendRawAsync(servers.Plain, $"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n{many}\r\n"), StringComparison.Ordinal);
        var address = await SecurityServers.SendRawAsync(servers.Plain, $"GET /{new string('x', 64 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 414", address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("GET /api/v1/me HTTP/1.1\r\n\r\n")]
    [InlineData("GET /api/v1/me HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")]
    [InlineData("GET /api/v1/me\0 HTTP/1.1\r\nHost: x\r\n\r\n")]
    public async Task Requests_that_proxies_could_read_differently_end_the_connection(string request)
    {
        var answer = await SecurityServers.SendRawAsync(servers.Plain, request);
        Assert.Matches("^HTTP/1.1 4[0-9][0-9] ", answer);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_never_end_lose_their_connection()
    {
        var answer = await SecurityServers.SendRawAsync(servers.Plain, "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: ", patienceSeconds: 60);
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_too_long_ends_a_live_connection()
    {
        using var login = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, "/api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210" });
        var token = JsonDocument.Parse(await login.Content.ReadAsStringAsync()).RootElement.GetProperty("accessToken").GetString();
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol($"token.{token}");
        await socket.ConnectAsync(new Uri($"ws://{servers.Plain.Address.Authority}/api/ws"), TestContext.Current.CancellationToken);
        await socket.SendAsync(new byte[64 * 1024], WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            var received = await socket.ReceiveAsync(new byte[4096], patience.Token);
            Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        }
        catch (WebSocketException)
        {
            // Cut without a word is as good.
        }
    }

    [Theory]
    [InlineData("/api/v1/auth/login", "")]
    [InlineData("/sdk/v1/evaluate", "Authorization: tgs_demo\r\n")]
    public async Task A_body_that_stalls_does_not_hold_up_a_stop(string path, string headers)
    {
        var port = FreePort.Next();
        await using var server = TogglrProcess.Start(
            "serve", "--database-url", await postgres.CreateDatabaseAsync(), "--data-dir", Directory.CreateTempSubdirectory("togglr-stop-").FullName, "--listen", $"127.0.0.1:{port}", "--shutdown-seconds", "120",
            "--demo", "true");
        await Eventually.TrueAsync(() => Task.FromResult(server.Output.Contains("sign in as", StringComparison.OrdinalIgnoreCase)));
        var authorization = headers.Replace("tgs_demo", Togglr.ControlPlane.Demo.DemoData.ServerKey("prod"), StringComparison.Ordinal);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\n{authorization}Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n"));
        // The server says when it begins to wait for the body.
        var begun = new byte[25];
        await stream.ReadExactlyAsync(begun);
        Assert.StartsWith("HTTP/1.1 100", Encoding.ASCII.GetString(begun), StringComparison.Ordinal);
        await stream.WriteAsync("{"u8.ToArray());
        server.Terminate();
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Equal(0, await server.ExitAsync(60));
    }
}
