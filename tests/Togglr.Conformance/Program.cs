using Togglr.Conformance;
using Togglr.Conformance.Statistics;

var isStatistics = args is ["--statistics", _];
if (args.Length != (isStatistics ? 2 : 1) || !Directory.Exists(args[^1]))
{
    await Console.Error.WriteLineAsync("Usage: Togglr.Conformance <directory of evaluation vectors with an index.json> | --statistics <directory of statistics vectors>");
    return 2;
}
var passed = 0;
var failed = 0;
if (isStatistics)
    Count("statistics", StatisticsVectors.Run(args[1]));
else
{
    foreach (var runner in Runners.All)
        Count(runner.Name, VectorFiles.Run(args[0], runner));
}
Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 && passed > 0 ? 0 : 1;

void Count(string name, IEnumerable<Verdict> verdicts)
{
    foreach (var verdict in verdicts)
    {
        if (verdict.Problem is null)
        {
            passed++;
            continue;
        }
        failed++;
        Console.WriteLine($"{name}: {verdict.Id}: {verdict.Problem}");
    }
}
