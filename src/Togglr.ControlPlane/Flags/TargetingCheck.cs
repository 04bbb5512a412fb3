using System.Buffers;
using System.Text.Json;
using Togglr.Evaluation.Validation;
using Togglr.Hosting.Problems;
using Togglr.Store;
using Found = Togglr.Evaluation.Validation.Problem;
using Problem = Togglr.Hosting.Problems.Problem;

namespace Togglr.ControlPlane.Flags;

/// <summary>Runs the analysis of Togglr.Evaluation over a configuration and everything that it refers to.</summary>
internal static class TargetingCheck
{
    /// <summary>Errors and warnings about a configuration of a flag in an environment. Paths lead into the body of the request.</summary>
    public static async Task<IReadOnlyList<TargetingProblem>> RunAsync(
        TogglrDbContext db, Flag flag, FlagEnvironment state, FlagConfiguration draft, CancellationToken cancel)
    {
        var prerequisites = draft.Prerequisites.EnumerateArray().Select(item => item.GetProperty("flag").GetString() ?? "");
        var references = await TargetingReferences.ReadAsync(db, flag.ProjectId, state.EnvironmentId, prerequisites, cancel);
        return [.. Configuration.CheckFlag(flag.Key, Document(flag, draft), references).Select(View)];
    }

    /// <summary>What there is to say about the saved configuration.</summary>
    public static Task<IReadOnlyList<TargetingProblem>> WarningsAsync(TogglrDbContext db, Flag flag, FlagEnvironment state, CancellationToken cancel) =>
        RunAsync(db, flag, state, state.Configuration, cancel);

    /// <summary>The answer to a configuration with errors; null when it has none.</summary>
    public static Problem? Refusal(IReadOnlyList<TargetingProblem> problems)
    {
        ProblemItem[] errors =
            [.. problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => new ProblemItem(problem.Code, problem.Path, problem.Message))];
        return errors.Length == 0 ? null : Problem.Invalid(errors);
    }

    internal static TargetingProblem View(Found problem) => new(
        problem.Severity == Togglr.Evaluation.Validation.ProblemSeverity.Error ? ProblemSeverity.Error : ProblemSeverity.Warning, problem.Code, problem.Path, problem.Message);

    /// <summary>The flag's document as it would stand in the snapshot.</summary>
    private static ReadOnlyMemory<byte> Document(Flag flag, FlagConfiguration draft)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { MaxDepth = 1000, SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("type", flag.Type.ToString().ToLowerInvariant());
        writer.WriteStartObject("variants");
        foreach (var variant in flag.Variants)
        {
            writer.WritePropertyName(variant.Key);
            variant.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
        if ((draft.OffVariant ?? flag.OffVariant) is { } off)
            writer.WriteString("offVariant", off);
        foreach (var (name, value) in new[] { ("prerequisites", draft.Prerequisites), ("targets", draft.Targets), ("rules", draft.Rules), ("default", draft.Default) })
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }
}
