using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

/// <summary>A store on a database of its own, as a server has it, and what tests do with it all the time.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly IHost _host;

    private TestStore(IHost host, string connectionString) => (_host, ConnectionString) = (host, connectionString);

    internal static readonly ChangeActor Somebody = ChangeActor.System("tests") with { Address = "127.0.0.1", RequestId = "r-1", UserAgent = "xunit" };

    internal string ConnectionString { get; }

    internal NpgsqlDataSource DataSource => Get<TogglrDatabase>().DataSource;

    internal SnapshotReader Snapshots => Get<SnapshotReader>();

    internal static async Task<TestStore> StartAsync(PostgresFixture postgres) => await StartAsync(await postgres.CreateDatabaseAsync());

    /// <summary>A store that signs its audit log, with a directory outside the database.</summary>
    internal static async Task<TestStore> StartSignedAsync(string connectionString, string directory, byte key = 1, string? owner = null, TimeProvider? time = null) =>
        await StartAsync(
            new StoreOptions { DatabaseUrl = connectionString, MigrationDatabaseUrl = owner, DataDirectory = directory, AuditKeys = new AuditKeys(Key(key)) }, connectionString, time);

    internal static byte[] Key(byte number) => [.. Enumerable.Repeat(number, 32)];

    internal static Task<TestStore> StartAsync(string connectionString) =>
        StartAsync(new StoreOptions { DatabaseUrl = connectionString, StartTimeout = TimeSpan.FromSeconds(20) }, connectionString, null);

    private static async Task<TestStore> StartAsync(StoreOptions options, string connectionString, TimeProvider? time)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.TryAddSingleton(time ?? TimeProvider.System);
        builder.Services.AddTogglrStore(_ => options);
        builder.Services.AddSingleton<AuditRetention>();
        builder.Services.AddSingleton<AuditAcceptance>();
        var host = builder.Build();
        await host.StartAsync();
        return new TestStore(host, connectionString);
    }

    internal T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>A context of one request, for the organization.</summary>
    internal TogglrDbContext Open(Guid organizationId)
    {
        var context = _host.Services.CreateScope().ServiceProvider.GetRequiredService<TogglrDbContext>();
        context.UseOrganization(organizationId);
        return context;
    }

    /// <summary>An organization with a project that has the three standard environments and the safety tags.</summary>
    internal async Task<Shop> CreateShopAsync(string organizationKey = "acme", string projectKey = "shop")
    {
        var organization = Organization.Create(organizationKey, "Acme").Value!;
        await using (var db = Open(organization.Id))
        {
            db.Add(organization);
            Ok(await db.CommitAsync(new Change(Somebody, "organization.created", organization.Key)));
        }

        var project = Project.Create(organization, projectKey, "Shop").Value!;
        var environments = project.StandardEnvironments();
        await using (var db = Open(organization.Id))
        {
            db.Add(project);
            db.AddRange(environments);
            db.AddRange(Tag.SafetyTags(project));
            Ok(await db.CommitAsync(new Change(Somebody, "project.created", project.Key) { Project = project }));
        }

        return new Shop(this, organization, project, environments);
    }

    internal async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    internal async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    internal static Committed Ok(Result<Committed> result)
    {
        Assert.True(result.IsOk, result.Error?.ToString());
        return result.Value;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

/// <summary>A project to work on.</summary>
internal sealed record Shop(TestStore Store, Organization Organization, Project Project, IReadOnlyList<ProjectEnvironment> Environments)
{
    internal ProjectEnvironment Prod => Environments[0];

    internal Change Change(string action, string key) => new(TestStore.Somebody, action, key) { Project = Project };

    internal TogglrDbContext Open() => Store.Open(Organization.Id);

    internal async Task<Flag> CreateFlagAsync(string key, FlagType type = FlagType.Boolean, FlagDetails? details = null)
    {
        await using var db = Open();
        var flag = Flag.Create(Project, Environments, key, type, details ?? new FlagDetails()).Value!;
        db.Add(flag);
        TestStore.Ok(await db.CommitAsync(Change("flag.created", key)));
        return flag;
    }
}
