using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Events;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Events;

/// <content>How long events are there, and what happens without the key that hashes their units.</content>
public sealed partial class EventsTests
{
    [Fact]
    public async Task Events_go_by_whole_days_and_their_hours_stay()
    {
        var project = await server.CreateProjectAsync();
        foreach (var age in new[] { 91, 89 })
        {
            await server.ExecuteAsync($"SELECT add_event_partitions(day, day) FROM (SELECT (now() AT TIME ZONE 'UTC')::date - {age} AS day) d");
            await server.ExecuteAsync($"INSERT INTO events_exposure (environment_id, experiment, variant, unit, at, received_at, batch) SELECT $1, 'checkout-test', 'on', gen_random_uuid(), now() - interval '{age} days', now(), 1", project.EnvironmentId);
            await server.ExecuteAsync($"INSERT INTO events_metric (environment_id, event, unit, at, received_at, batch) SELECT $1, 'purchase', gen_random_uuid(), now() - interval '{age} days', now(), 1", project.EnvironmentId);
        }
        foreach (var (table, age) in new[] { ("event_hours", 91), ("event_hours", 401), ("event_minutes", 2), ("event_minutes", 4) })
            await server.ExecuteAsync($"INSERT INTO {table} SELECT $1, now() - interval '{age} days', 'metric', 'purchase', '', 1, 1", project.EnvironmentId);
        foreach (var age in new[] { 13, 15 })
            await server.ExecuteAsync($"INSERT INTO event_dead_letters SELECT gen_random_uuid(), $1, now() - interval '{age} days', 'metric', 'invalid', '', '{{}}'", project.EnvironmentId);

        await server.Server.Services.GetRequiredService<EventDraining>().CleanAsync(TestContext.Current.CancellationToken);

        foreach (var table in new[] { "events_exposure", "events_metric" })
        {
            Assert.Equal(1, await project.CountAsync(table));
            Assert.Equal(1, await project.CountAsync(table, "at > now() - interval '90 days'"));
            var days = $"SELECT count(*) FROM pg_inherits WHERE inhparent = '{table}'::regclass AND right(inhrelid::regclass::text, 8) = to_char((now() AT TIME ZONE 'UTC')::date - ";
            Assert.Equal(0, await server.ScalarAsync<long>($"{days}91, 'YYYYMMDD')"));
            Assert.Equal(1, await server.ScalarAsync<long>($"{days}89, 'YYYYMMDD')"));
        }
        Assert.Equal((1, 1, 1), (await project.CountAsync("event_hours"), await project.CountAsync("event_minutes"), await project.CountAsync("event_dead_letters")));
    }

    [Fact]
    public async Task Events_of_what_is_deleted_go_soon_and_those_of_others_stay()
    {
        var (gone, kept) = (await server.CreateProjectAsync(), await server.CreateProjectAsync());
        foreach (var project in new[] { gone, kept })
        {
            await project.SendAsync(EventsProject.Batch(EventsProject.Exposure(), EventsProject.Metric(), EventsProject.Metric()));
            await project.UntilAsync("events_metric", 2);
        }
        await server.Admin.DeleteAsync(gone.Path, 204);
        foreach (var table in new[] { "events_exposure", "events_metric", "event_minutes", "event_hours" })
            await Eventually.TrueAsync(async () => await gone.CountAsync(table) == 0, 20);
        await Eventually.TrueAsync(async () => await server.ScalarAsync<long>("SELECT count(*) FROM removed_environments") == 0, 20);
        Assert.Equal((1, 2), (await kept.CountAsync("events_exposure"), await kept.CountAsync("events_metric")));
        Assert.True(await kept.CountAsync("event_hours") > 0);
    }

    [Fact]
    public async Task Without_the_key_for_units_events_are_refused_and_taken_again_when_it_is_back()
    {
        var project = await server.CreateProjectAsync();
        var events = $"{project.Path}/environments/prod/events";
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await server.Admin.GetAsync(events)).At("refusing").ValueKind);
        var secret = await server.ScalarAsync<byte[]>("SELECT secret FROM event_keys k JOIN environments e ON e.organization_id = k.id WHERE e.id = $1", project.EnvironmentId);
        // As it is where the encryption keys were lost and others are there now.
        await server.ExecuteAsync("UPDATE event_keys SET secret = set_byte($1, 20, get_byte($1, 20) # 1)", secret);
        await ChangeSomethingAsync("lost");
        await Eventually.TrueAsync(async () => (await project.SendAsync(EventsProject.Batch(EventsProject.Metric(id: "kept-by-the-sender")))).Status == HttpStatusCode.ServiceUnavailable, 20);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready"), Of(await project.SendAsync(EventsProject.Batch(EventsProject.Metric()))));
        Assert.Equal("event_key_unreadable", (await server.Admin.GetAsync(events)).Get("refusing"));
        // Nobody made another key: the same people would be somebody else from then on.
        Assert.Equal(1, await server.ScalarAsync<long>("SELECT count(*) FROM event_keys WHERE secret = set_byte($1, 20, get_byte($1, 20) # 1)", secret));
        await server.ExecuteAsync("UPDATE event_keys SET secret = $1 WHERE secret = set_byte($1, 20, get_byte($1, 20) # 1)", secret);
        await ChangeSomethingAsync("back");
        await Eventually.TrueAsync(async () => (await project.SendAsync(EventsProject.Batch(EventsProject.Metric(id: "kept-by-the-sender")))).Status == HttpStatusCode.Accepted, 20);

        // What makes publishers look.
        Task ChangeSomethingAsync(string key) => server.Admin.PostAsync("/api/v1/orgs/default/projects", new { key = $"key-{key}", name = "Key" }, 201);
    }
}
