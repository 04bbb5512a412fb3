using System.Text.Json.Nodes;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>A project with a given number of flags: a third static, a third with three rules of two clauses, a third rollouts.</summary>
/// <param name="Key">The project's key.</param>
/// <param name="ServerKey">A server key of its <c>prod</c> environment.</param>
/// <param name="FlagCount">How many flags it has.</param>
internal sealed record BenchProject(string Key, string ServerKey, int FlagCount)
{
    public const string Environment = "prod";

    /// <summary>The attributes of the evaluated person, padded so that the whole request body has 300 bytes.</summary>
    public static string Body { get; } = MakeBody();

    public static async Task<BenchProject> CreateAsync(Management management, string key, int flags)
    {
        await management.CreateProjectAsync(key);
        for (var i = 0; i < flags; i++)
        {
            var flag = $"flag-{i:000}";
            await management.PostAsync($"{management.Project(key)}/flags", new JsonObject
            {
                ["key"] = flag,
                ["type"] = "boolean",
                ["clientVisible"] = true,
                ["environments"] = new JsonObject { [Environment] = new JsonObject { ["enabled"] = true } },
            });
            if (i % 3 == 0)
                continue;
            var path = $"{management.Project(key)}/flags/{flag}/environments/{Environment}";
            var current = await management.GetAsync(path);
            await management.ConfigureAsync(path, i % 3 == 1 ? WithRules() : WithRollout(), (long)current["version"]!);
        }

        return new BenchProject(key, await management.CreateServerKeyAsync(key, Environment), flags);
    }

    public static JsonObject WithRules() => Configuration(
        new JsonArray(
            Rule("first", "on", Clause("country", "eq", "DE"), Clause("plan", "in", new JsonArray("pro", "team"))),
            Rule("second", "off", Clause("version", "semver_lt", "2.0.0"), Clause("beta", "eq", true)),
            Rule("third", "on", Clause("country", "in", new JsonArray("US", "CA", "MX")), Clause("age", "gte", 18))),
        new JsonObject { ["variant"] = "off" });

    private static JsonObject WithRollout() => Configuration([], new JsonObject
    {
        ["rollout"] = new JsonObject
        {
            ["variations"] = new JsonArray(
                new JsonObject { ["key"] = "on", ["weight"] = 30 },
                new JsonObject { ["key"] = "off", ["weight"] = 70 }),
        },
    });

    private static JsonObject Configuration(JsonArray rules, JsonObject @default) => new()
    {
        ["prerequisites"] = new JsonArray(),
        ["targets"] = new JsonArray(),
        ["rules"] = rules,
        ["default"] = @default,
        ["offVariant"] = "off",
        ["enabled"] = true,
    };

    private static JsonObject Rule(string id, string variant, params JsonNode[] clauses) => new()
    {
        ["id"] = id,
        ["if"] = new JsonObject { ["and"] = new JsonArray(clauses) },
        ["then"] = new JsonObject { ["variant"] = variant },
    };

    private static JsonObject Clause(string attribute, string @operator, JsonNode value) =>
        new() { ["attribute"] = attribute, ["operator"] = @operator, ["value"] = value };

    private static string MakeBody()
    {
        const string Start = """{"context":{"targetingKey":"user-18342","country":"US","plan":"pro","version":"2.4.1","beta":false,"age":34,"email":"someone@example.com","locale":"en-US","device":{"kind":"phone","os":"android","model":"px-7"},"visits":112,"newsletter":true,"note":" """;
        const string End = "\"}}";
        return Start + new string('x', 300 - Start.Length - End.Length) + End;
    }
}
