using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.ControlPlane.Evaluations;

/// <summary>How a result came about, as JSON.</summary>
internal static class Traces
{
    public static JsonElement? Of(string key, Snapshot snapshot, EvaluationContext context, long now) => null;
}
