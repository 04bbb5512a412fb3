using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane;
using Togglr.Hosting.Security;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

/// <summary>The tests of people's accounts, which share one server.</summary>
[CollectionDefinition(Name)]
public sealed class AccountsTests : ICollectionFixture<AccountsServer>
{
    public const string Name = "accounts";
}

/// <summary>A server whose clock the tests can turn, and whose clients come from addresses of their own, so that no test's failures slow another down.</summary>
public class AccountsServer(PostgresFixture postgres) : ControlPlaneServer(postgres)
{
    public const string Password = "correct horse";

    private static int _address;
    private readonly ShiftedTime _time = new();

    /// <summary>The server's time.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    protected override TimeProvider Time => _time;

    /// <summary>Turns the clock on.</summary>
    public void Advance(TimeSpan by) => _time.Advance(by);

    /// <summary>A client with an address of its own.</summary>
    public override Api Anonymous()
    {
        var number = Interlocked.Increment(ref _address);
        var own = new IPAddress([127, 1, (byte)(number / 250), (byte)(1 + (number % 250))]);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(own, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new Api(new HttpClient(handler) { BaseAddress = Address });
    }

    /// <summary>A new member of the default organization: their address, and a client signed in as them.</summary>
    public async Task<(string Email, Api Api)> CreatePersonAsync(BuiltInRole role = BuiltInRole.Member, string organization = "default")
    {
        var api = await CreateMemberAsync(organization, role);
        return ((await api.GetAsync("/api/v1/me")).Get("email"), api);
    }

    /// <summary>Turns a second factor on; the secret and the recovery codes.</summary>
    public async Task<(byte[] Secret, string[] RecoveryCodes)> AddTwoFactorAsync(Api api)
    {
        var setup = await api.PostAsync("/api/v1/me/two-factor", new { password = Password });
        var secret = FromBase32(setup.Get("secret"));
        var confirmed = await api.PostAsync("/api/v1/me/two-factor/confirm", new { code = CodeOf(secret) });
        // The first code is used up.
        Advance(TimeSpan.FromSeconds(Totp.PeriodSeconds));
        return (secret, [.. confirmed.At("recoveryCodes").EnumerateArray().Select(code => code.GetString()!)]);
    }

    /// <summary>The code that the authenticator app shows now.</summary>
    public string CodeOf(byte[] secret, int steps = 0) => Totp.CodeOf(secret, Totp.StepOf(Now) + steps);

    /// <summary>Signs in, whatever comes of it.</summary>
    public static Task<Answer> LoginAsync(Api api, string email, string password = Password, string? code = null) =>
        api.SendAsync(HttpMethod.Post, "/api/v1/auth/login", new { email, password, code }, expect: -1);

    /// <summary>A client that acts with a token.</summary>
    public Api With(string token)
    {
        var api = Anonymous();
        api.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return api;
    }

    /// <summary>Changes something that has no endpoint, or not one of this part.</summary>
    public async Task ChangeAsync(string about, Action<TogglrDbContext> change)
    {
        await using var scope = Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(db.Organizations.Single(row => row.Key == "default").Id);
        change(db);
        var committed = await db.CommitAsync(new Change(ChangeActor.System(), "member.updated", about));
        Assert.True(committed.IsOk, committed.Error?.Message);
    }

    /// <summary>Makes somebody a member of another organization too.</summary>
    public async Task ShareAsync(string email, string organization)
    {
        await CreateMemberAsync(organization, BuiltInRole.Viewer);
        await using var scope = Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(db.Organizations.Single(row => row.Key == organization).Id);
        db.Memberships.Add(Membership.Create(db.OrganizationId, db.Users.Single(row => row.Email == email)));
        Assert.True((await db.CommitAsync(new Change(ChangeActor.System(), "member.added", email))).IsOk);
    }

    /// <summary>One text from the database.</summary>
    public async Task<string> TextAsync(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The newest audit entries of the default organization.</summary>
    public async Task<string> AuditAsync(string query) => (await Admin.GetAsync($"/api/v1/orgs/default/audit?{query}")).Json.GetRawText();

    private static byte[] FromBase32(string text)
    {
        var (bits, count, bytes) = (0, 0, new List<byte>());
        foreach (var letter in text)
        {
            bits = (bits << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal);
            count += 5;
            if (count < 8)
                continue;
            count -= 8;
            bytes.Add((byte)(bits >> count));
            bits &= (1 << count) - 1;
        }
        return [.. bytes];
    }

    private sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _shift));

        public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);
    }
}
