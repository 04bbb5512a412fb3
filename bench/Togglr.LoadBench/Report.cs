using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Togglr.LoadBench;

/// <summary>The results as one page of Markdown, with the machine they were made on.</summary>
internal static class Report
{
    public static string Write(IReadOnlyList<Goal> goals, TimeProvider time)
    {
        var text = new StringBuilder();
        text.AppendLine("# The server over HTTP");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Written by `make bench` on {time.GetUtcNow():yyyy-MM-dd}. {Machine()}");
        text.AppendLine();
        text.AppendLine(goals.All(goal => goal.Limit is null || goal.Measured <= goal.Limit)
            ? "Every goal is met."
            : $"Missed: {goals.Count(goal => goal.Measured > goal.Limit)} of {goals.Count(goal => goal.Limit is not null)} goals.");
        text.AppendLine();
        text.AppendLine("| what | goal | measured | met | made of |");
        text.AppendLine("|---|---|---|---|---|");
        foreach (var goal in goals.OrderBy(goal => !goal.IsRatio))
            text.AppendLine(goal.Row);
        return text.ToString();
    }

    private static string Machine()
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        return string.Create(CultureInfo.InvariantCulture,
            $"{processor}, {Environment.ProcessorCount} cores, {memory:0} GB; {RuntimeInformation.OSDescription.Split(' ')[0]} {RuntimeInformation.OSArchitecture}; .NET {Environment.Version}.");
    }
}
