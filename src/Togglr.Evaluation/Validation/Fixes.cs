using System.Text.Json;

namespace Togglr.Evaluation.Validation;

/// <summary>Makes quick fixes.</summary>
internal static class Fixes
{
    public static QuickFix Remove(string kind, string label, string path) => new(kind, label, [new FixOperation(FixOperationKind.Remove, path)]);

    public static QuickFix Replace(string kind, string label, string path, string json) => new(kind, label, [new FixOperation(FixOperationKind.Replace, path, Value: json)]);

    public static QuickFix Move(string kind, string label, string from, string path) => new(kind, label, [new FixOperation(FixOperationKind.Move, path, From: from)]);

    /// <summary>A text as JSON.</summary>
    public static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
