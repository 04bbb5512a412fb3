using Togglr.Conformance;

if (args.Length != 1 || !Directory.Exists(args[0]))
{
    await Console.Error.WriteLineAsync("Usage: Togglr.Conformance <directory of vectors with an index.json>");
    return 2;
}
var passed = 0;
var failed = 0;
foreach (var runner in Runners.All)
{
    foreach (var verdict in VectorFiles.Run(args[0], runner))
    {
        if (verdict.Problem is null)
        {
            passed++;
            continue;
        }
        failed++;
        Console.WriteLine($"{runner.Name}: {verdict.Id}: {verdict.Problem}");
    }
}
Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 && passed > 0 ? 0 : 1;
