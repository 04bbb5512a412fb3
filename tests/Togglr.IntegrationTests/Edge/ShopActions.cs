using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.IntegrationTests.Store;
using Togglr.Store;

namespace Togglr.IntegrationTests.Edge;

/// <summary>What these tests do with a project.</summary>
internal static class ShopActions
{
    /// <summary>A new key of an environment, as the application gets it.</summary>
    public static async Task<string> CreateKeyAsync(this Shop shop, SdkKeyKind kind, ProjectEnvironment? environment = null)
    {
        await using var db = shop.Open();
        var (key, secret) = SdkKey.Create(environment ?? shop.Prod, kind, "test", null, TimeProvider.System.GetUtcNow()).Value;
        db.Add(key);
        TestStore.Ok(await db.CommitAsync(shop.Change("key.created", key.Id.ToString())));
        return secret;
    }

    public static async Task RevokeKeyAsync(this Shop shop, string secret)
    {
        await using var db = shop.Open();
        var hash = SdkKey.HashOf(secret);
        var key = await db.SdkKeys.SingleAsync(row => row.Hash == hash);
        key.Revoke(TimeProvider.System.GetUtcNow());
        TestStore.Ok(await db.CommitAsync(shop.Change("key.revoked", key.Id.ToString())));
    }

    /// <summary>Switches a flag in production.</summary>
    /// <returns>The new revision.</returns>
    public static async Task<long> ToggleAsync(this Shop shop, string key, bool enabled, string environment = "prod")
    {
        await using var db = shop.Open();
        var flag = await db.Flags.Include(row => row.Environments).SingleAsync(row => row.Key == key);
        Assert.True(flag.Environments.Single(state => state.EnvironmentKey == environment).Toggle(enabled).IsOk);
        var committed = TestStore.Ok(await db.CommitAsync(shop.Change("flag.toggled", key)));
        return committed.Environments.Count == 0 ? 0 : committed.Environments[0].Revision;
    }

    /// <summary>Gives a flag rules and a default in production, and switches it on.</summary>
    public static async Task<long> ConfigureAsync(this Shop shop, string key, string rules, string defaultServe)
    {
        await using var db = shop.Open();
        var flag = await db.Flags.Include(row => row.Environments).SingleAsync(row => row.Key == key);
        var state = flag.Environments.Single(row => row.EnvironmentKey == "prod");
        var configured = state.Configure(new FlagConfiguration(Json("[]"), Json("[]"), Json(rules), Json(defaultServe)));
        Assert.True(configured.IsOk, configured.Error?.ToString());
        state.Toggle(true);
        return TestStore.Ok(await db.CommitAsync(shop.Change("flag.updated", key))).Environments is [{ Revision: var revision }, ..] ? revision : 0;
    }

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();

    public static Variant Variant(string key, string json) => new(key, Json(json));
}
