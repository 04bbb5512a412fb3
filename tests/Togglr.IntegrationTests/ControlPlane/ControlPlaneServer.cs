using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.ControlPlane;
using Togglr.ControlPlane.Accounts;
using Togglr.Hosting.Problems;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>The tests that share one server.</summary>
[CollectionDefinition(Name)]
public sealed class ControlPlaneTests : ICollectionFixture<ControlPlaneServer>
{
    public const string Name = "control plane";
}

/// <summary>The management API on Kestrel over a database of its own, shared by the tests of this folder; each makes a project of its own.</summary>
public class ControlPlaneServer(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-api-").FullName;
    private WebApplication? _app;
    private int _number;

    /// <summary>The database as its superuser, for what the program itself may not do.</summary>
    public NpgsqlDataSource Owner { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    public Uri Address { get; private set; } = null!;

    /// <summary>Signed in as the first administrator, who owns the organization <c>default</c>.</summary>
    public Api Admin { get; private set; } = null!;

    /// <summary>The server's clock.</summary>
    protected virtual TimeProvider Time => TimeProvider.System;

    /// <summary>What is different for the tests of a part.</summary>
    protected virtual ControlPlaneOptions Configure(ControlPlaneOptions options) => options;

    public virtual async ValueTask InitializeAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(Time);
        Owner = NpgsqlDataSource.Create(database);
        builder.Services.AddTogglrStore(_ => new StoreOptions
        {
            DatabaseUrl = PostgresFixture.AsWorkRole(database), MigrationDatabaseUrl = database, DataDirectory = _directory, AuditKeys = new AuditKeys(new byte[32]),
        });
        builder.Services.AddControlPlane(Configure(new ControlPlaneOptions
        {
            SigningKey = new byte[32], EncryptionKeys = Togglr.Hosting.Security.EncryptionKeys.Passing(), PasswordIterations = 1000,
        }));
        _app = builder.Build();
        _app.UseProblems();
        _app.MapControlPlane();
        await _app.StartAsync();
        await _app.Services.GetRequiredService<TogglrDatabase>().Started;
        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        await FirstStart.EnsureAdministratorAsync(_app.Services, "unused@togglr.local", demo: true, CancellationToken.None);
        Admin = await SignInAsync(FirstStart.DemoEmail, FirstStart.DemoPassword);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_app is not null)
            await _app.DisposeAsync();
        await Owner.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public virtual Api Anonymous() => new(new HttpClient { BaseAddress = Address });

    public async Task<Api> SignInAsync(string email, string password)
    {
        var api = Anonymous();
        var answer = await api.PostAsync("/api/v1/auth/login", new { email, password });
        api.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.Get("accessToken"));
        return api;
    }

    /// <summary>A new project of the default organization; its path.</summary>
    public async Task<string> CreateProjectAsync()
    {
        var key = $"p{Interlocked.Increment(ref _number)}";
        await Admin.PostAsync("/api/v1/orgs/default/projects", new { key, name = $"Project {key}" });
        return $"/api/v1/orgs/default/projects/{key}";
    }

    /// <summary>Somebody with a role in an organization that may be new.</summary>
    public async Task<Api> CreateMemberAsync(string organizationKey, BuiltInRole role)
    {
        var email = $"m{Interlocked.Increment(ref _number)}@example.com";
        await using var scope = Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var organization = db.Organizations.SingleOrDefault(row => row.Key == organizationKey);
        if (organization is null)
            db.Organizations.Add(organization = Organization.Create(organizationKey, organizationKey).Value!);
        var user = User.Create(email, email).Value!;
        user.SetPassword(scope.ServiceProvider.GetRequiredService<Togglr.Hosting.Security.Passwords>().Hash("correct horse"), mustChange: false);
        db.UseOrganization(organization.Id);
        db.Users.Add(user);
        db.Memberships.Add(Membership.Create(organization.Id, user));
        db.RoleGrants.Add(RoleGrant.Create(organization.Id, new PrincipalId(PrincipalKind.User, user.Id), GrantedRole.Of(role)));
        var committed = await db.CommitAsync(new Change(ChangeActor.System(), "member.added", email));
        Assert.True(committed.IsOk, committed.Error?.Message);
        return await SignInAsync(email, "correct horse");
    }

    /// <summary>Changes what no request can change.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>How many rows a table has, for a condition.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var command = Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>An HTTP client that speaks JSON and expects what the test says.</summary>
public sealed class Api(HttpClient http)
{
    public HttpClient Http => http;

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, int expect = 0, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = body as HttpContent ?? (body is string text ? new StringContent(text, Encoding.UTF8, "application/json") : JsonContent.Create(body));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var content = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var status = (int)response.StatusCode;
        Assert.True(expect < 0 || (expect == 0 ? status is >= 200 and < 300 : status == expect), $"{method} {path} answered {status}: {content}");
        if (status >= 400)
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return new Answer(status, content.Length == 0 ? default : JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 1000 }).RootElement, response);
    }

    public Task<Answer> GetAsync(string path, int expect = 0) => SendAsync(HttpMethod.Get, path, null, expect);

    public Task<Answer> PostAsync(string path, object? body = null, int expect = 0, params (string, string)[] headers) => SendAsync(HttpMethod.Post, path, body ?? new { }, expect, headers);

    public Task<Answer> PutAsync(string path, object body, int expect = 0, params (string, string)[] headers) => SendAsync(HttpMethod.Put, path, body, expect, headers);

    public Task<Answer> PatchAsync(string path, object body, int expect = 0, params (string, string)[] headers) => SendAsync(HttpMethod.Patch, path, body, expect, headers);

    public Task<Answer> DeleteAsync(string path, int expect = 0, params (string, string)[] headers) => SendAsync(HttpMethod.Delete, path, null, expect, headers);
}

/// <summary>What came back.</summary>
public sealed record Answer(int Status, JsonElement Json, HttpResponseMessage Response)
{
    public string? ETag => Response.Headers.ETag?.Tag;

    public string Code => Get("code");

    /// <summary>A member by its path, as text.</summary>
    public string Get(params string[] path) => At(path).ToString();

    public JsonElement At(params string[] path)
    {
        var at = Json;
        foreach (var name in path)
            at = at.ValueKind == JsonValueKind.Array ? at[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] : at.GetProperty(name);
        return at;
    }
}
