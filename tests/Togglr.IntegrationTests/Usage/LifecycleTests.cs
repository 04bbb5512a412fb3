namespace Togglr.IntegrationTests.Usage;

public sealed class LifecycleTests(UsageServer server) : IClassFixture<UsageServer>
{
    [Fact]
    public async Task A_flag_is_new_until_it_is_evaluated_or_two_weeks_have_passed()
    {
        var project = await server.CreateProjectAsync();
        Assert.Equal("new", await LifecycleAsync(project));
        await AgeAsync(project, 15);
        Assert.Equal("stale neverEvaluated", await LifecycleAsync(project));
        await EvaluateAsync(project, firstDaysAgo: 15);
        Assert.Equal("active", await LifecycleAsync(project));
    }

    [Fact]
    public async Task A_flag_is_stale_when_evaluations_have_stopped_or_everybody_has_got_one_variant_or_it_is_too_old()
    {
        var project = await server.CreateProjectAsync();
        await AgeAsync(project, 20);
        await EvaluateAsync(project, firstDaysAgo: 18, lastDaysAgo: 15);
        Assert.Equal("stale notEvaluated", await LifecycleAsync(project));
        await EvaluateAsync(project, firstDaysAgo: 18, variantDaysAgo: 15);
        Assert.Equal("stale fullyRolledOut", await LifecycleAsync(project));
        await AgeAsync(project, 400);
        Assert.Equal("stale fullyRolledOut pastLifetime", await LifecycleAsync(project));
        Assert.Equal("checkout", (await server.Admin.GetAsync($"{project.Path}/flags?lifecycle=stale")).Get("items", "0", "key"));
        Assert.Empty((await server.Admin.GetAsync($"{project.Path}/flags?lifecycle=active")).At("items").EnumerateArray());
        await server.Admin.PostAsync($"{project.Path}/flags/checkout/archive");
        Assert.Equal("archived", await LifecycleAsync(project));
    }

    [Fact]
    public async Task A_flag_that_is_meant_to_stay_is_never_stale()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PatchAsync($"{project.Path}/flags/checkout", new { expectedLifetimeDays = (int?)null });
        await AgeAsync(project, 1000);
        Assert.Equal("active", await LifecycleAsync(project));
    }

    [Fact]
    public async Task Another_variant_starts_the_wait_anew()
    {
        var project = await server.CreateProjectAsync();
        await AgeAsync(project, 20);
        await EvaluateAsync(project, firstDaysAgo: 18, variantDaysAgo: 15);
        Assert.Equal("stale fullyRolledOut", await LifecycleAsync(project));
        await project.ReportAsync(new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 1 });
        await project.UntilAsync(1);
        Assert.Equal("stale fullyRolledOut", await LifecycleAsync(project));
        await project.ReportAsync(new { flag = "checkout", variant = "off", reason = "DISABLED", count = 1 });
        await project.UntilAsync(2);
        Assert.Equal("active", await LifecycleAsync(project));
    }

    private async Task<string> LifecycleAsync(UsageProject project)
    {
        var life = (await server.Admin.GetAsync($"{project.Path}/flags/checkout")).At("lifecycle");
        return string.Join(' ', life.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()).Prepend(life.GetProperty("stage").GetString()));
    }

    private Task AgeAsync(UsageProject project, int days) =>
        server.ExecuteAsync($"UPDATE flags f SET created_at = now() - interval '{days} days' FROM projects p WHERE p.id = f.project_id AND p.key = '{project.Key}'");

    private Task EvaluateAsync(UsageProject project, int firstDaysAgo, int lastDaysAgo = 0, int variantDaysAgo = 0) => server.ExecuteAsync(
        $"""
        INSERT INTO flag_usage (organization_id, project_id, flag_id, environment_id, first_at, last_at, variant, variant_since)
        SELECT f.organization_id, f.project_id, f.id, e.id, now() - interval '{firstDaysAgo} days', now() - interval '{lastDaysAgo} days', 'on', now() - interval '{variantDaysAgo} days'
        FROM flags f JOIN projects p ON p.id = f.project_id JOIN environments e ON e.project_id = p.id AND e.key = 'prod' WHERE p.key = '{project.Key}'
        ON CONFLICT (flag_id, environment_id) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at, variant = excluded.variant, variant_since = excluded.variant_since
        """);
}
