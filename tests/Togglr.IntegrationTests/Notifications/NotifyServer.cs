using System.Net;
using Togglr.ControlPlane;
using Togglr.ControlPlane.Mail;
using Togglr.ControlPlane.Notifications;
using Togglr.IntegrationTests.Accounts;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Notifications;

/// <summary>The tests of notifications, which share one server.</summary>
[CollectionDefinition(Name)]
public sealed class NotificationTests : ICollectionFixture<NotifyServer>
{
    public const string Name = "notifications";
}

/// <summary>A server that loses patience soon, a place that takes what it sends, and a mail server.</summary>
public sealed class NotifyServer(PostgresFixture postgres) : ControlPlaneServer(postgres)
{
    public HttpSink Sink { get; private set; } = null!;

    public MailSink Mail { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Sink = await HttpSink.StartAsync();
        Mail = await MailSink.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Sink.DisposeAsync();
        await Mail.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A project of its own, and a webhook that is told of groups of events in it; where what is sent to it arrives.</summary>
    public async Task<(string Project, string Destination, string Path, string Secret)> CreateWebhookAsync(params string[] events)
    {
        var project = await CreateProjectAsync();
        var path = HttpSink.NewPath();
        var created = await Admin.PostAsync($"{project}/notifications/destinations", new { name = "Hook", kind = "webhook", url = Sink.UrlOf(path), subscriptions = new[] { new { events } } }, 201);
        return (project, $"{project}/notifications/destinations/{created.Get("id")}", path, created.Get("signingSecret"));
    }

    /// <summary>Makes a flag, which is an event.</summary>
    public Task<Answer> CreateFlagAsync(string project, string key, Api? api = null) => (api ?? Admin).PostAsync($"{project}/flags", new { key, type = "boolean" }, 201);

    protected override ControlPlaneOptions Configure(ControlPlaneOptions options) => options with
    {
        PublicUrl = new Uri("https://flags.example.com/base"),
        Mail = new MailOptions("127.0.0.1", Mail.Port, "togglr@example.com") { Tls = MailTls.None },
        Notifications = new NotificationTerms
        {
            PrivateNetworks = [IPNetwork.Parse("127.0.0.1/32")], Patience = TimeSpan.FromSeconds(1), Delays = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(50), 5)],
            FailuresUntilPause = 4, FirstPause = TimeSpan.FromMinutes(10), LongestPause = TimeSpan.FromMinutes(15),
        },
    };
}
