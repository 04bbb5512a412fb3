using Togglr.Evaluation;
using Togglr.Samples.Web;
using Togglr.Sdk;

var builder = WebApplication.CreateBuilder(args);
if (builder.Configuration["urls"] is null)
    builder.WebHost.UseUrls("http://127.0.0.1:5080");

builder.Services.AddTogglr(options =>
{
    // Without a key of your own: the well-known one of the demo that `make run` starts, environment prod.
    options.SdkKey = builder.Configuration["TOGGLR_SDK_KEY"] ?? "tgs_demoprod000000000000000000000000";
    options.Endpoint = new Uri(builder.Configuration["TOGGLR_ENDPOINT"] ?? "http://127.0.0.1:8080");
    options.SnapshotDirectory = builder.Configuration["TOGGLR_SNAPSHOT_DIRECTORY"];
});
builder.Services.AddHealthChecks().AddTogglr();
builder.Services.AddSingleton<FlagFeed>();

var app = builder.Build();

app.MapGet("/", () => TypedResults.Content(Page.Html, "text/html; charset=utf-8"));

// One flag, evaluated in this process: no request to Togglr is made here.
app.MapGet("/api/flags/{key}", (string key, string? user, TogglrClient togglr) =>
{
    var detail = togglr.BooleanVariationDetail(key, EvaluationContext.Of(user ?? "user-1"), false);
    return TypedResults.Ok(new { detail.Value, detail.Variant, Reason = detail.Reason.WireName(), ErrorCode = detail.ErrorCode.WireName(), detail.RuleId, detail.Revision });
});

// All flags that a browser may see.
app.MapGet("/api/flags", (string? user, TogglrClient togglr) =>
    TypedResults.Text(togglr.AllFlags(EvaluationContext.Of(user ?? "user-1"), clientVisibleOnly: true).ToJson(), "application/json"));

// The same again each time that something changed, for the page.
app.MapGet("/live", (string? user, FlagFeed feed, CancellationToken gone) =>
    TypedResults.ServerSentEvents(feed.FollowAsync(EvaluationContext.Of(user ?? "user-1"), gone)));

app.MapHealthChecks("/health");

await app.RunAsync();
