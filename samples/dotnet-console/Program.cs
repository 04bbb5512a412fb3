// Prints what a flag is for somebody, then every change of it, until Ctrl+C.
//   TOGGLR_SDK_KEY=tgs_… dotnet run -- <flag> [<user>]
using Togglr.Evaluation;
using Togglr.Sdk;

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: dotnet run -- <flag> [<user>]");
    return 2;
}

using var end = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    end.Cancel();
};

await using var togglr = new TogglrClient(new TogglrClientOptions
{
    // Without a key of your own: the well-known one of the demo that `make run` starts, environment prod.
    SdkKey = Environment.GetEnvironmentVariable("TOGGLR_SDK_KEY") ?? "tgs_demoprod000000000000000000000000",
    Endpoint = new Uri(Environment.GetEnvironmentVariable("TOGGLR_ENDPOINT") ?? "http://127.0.0.1:8080"),
});
if (!await togglr.WaitUntilReadyAsync(cancellation: end.Token))
    Console.Error.WriteLine($"Not ready: {togglr.Status.Error}");

var flag = args[0];
var user = EvaluationContext.Of(args.Length > 1 ? args[1] : "user-1");
var detail = togglr.BooleanVariationDetail(flag, user, defaultValue: false);
Console.WriteLine($"{flag} = {detail.Value} ({detail.Reason})");

using var watch = togglr.Watch(flag, user, defaultValue: false, change => Console.WriteLine($"{flag} = {change.New} (was {change.Old})"));
await Task.Delay(Timeout.Infinite, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
return 0;
