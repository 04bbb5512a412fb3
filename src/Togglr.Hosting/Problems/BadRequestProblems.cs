using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Togglr.Hosting.Problems;

/// <summary>A request that could not be bound to its endpoint's parameters, with the problem to answer.</summary>
/// <remarks>The framework reports such requests by exception; this is ours for the cases that it does not know.</remarks>
public sealed class BindingException(Problem problem) : BadHttpRequestException(problem.Detail ?? problem.Title, problem.Status)
{
    /// <summary>What to answer.</summary>
    public Problem Problem { get; } = problem;
}

/// <summary>Turns what the framework says about a bad request into a problem with a stable code and a place.</summary>
internal static partial class BadRequestProblems
{
    public static Problem UnsupportedMediaType { get; } = Problem.Of(415, "unsupported_media_type", "Unsupported media type", "Send the body as application/json.");

    public static Problem TooSlow { get; } = Problem.Of(408, "request_timeout", "The request came too slowly", "The body did not arrive in time.");

    public static Problem From(BadHttpRequestException exception, long? bodyLimit) => exception switch
    {
        BindingException own => own.Problem,
        { StatusCode: 413 } => Problem.BodyTooLarge(bodyLimit),
        { StatusCode: 415 } => UnsupportedMediaType,
        { StatusCode: 408 } => TooSlow,
        { InnerException: JsonException json } => From(json),
        { StatusCode: 400 } when exception.Message.Contains("from body", StringComparison.Ordinal) || exception.Message.Contains("no body was provided", StringComparison.Ordinal) =>
            Problem.Invalid(new ProblemItem("required", "", "A JSON body is required.")),
        { StatusCode: 400 } when FailedParameter().Match(exception.Message) is { Success: true } match =>
            WrongParameter(JsonNamingPolicy.CamelCase.ConvertName(match.Groups["name"].Value)),
        _ => Problem.Of(exception.StatusCode, "bad_request", "The request cannot be read"),
    };

    /// <remarks>The serializer tells these cases apart by its messages only; tests hold them.</remarks>
    public static Problem From(JsonException exception)
    {
        var path = ToPointer(exception.Path);
        var message = exception.Message;
        if (message.Contains("maximum configured depth", StringComparison.Ordinal) || message.Contains("maximum depth", StringComparison.Ordinal))
            return Problem.BadRequest("too_deep", "The body is nested too deeply", new ProblemItem("too_deep", path, "The JSON is nested too deeply."));
        if (message.StartsWith("Duplicate property", StringComparison.Ordinal))
        {
            var name = Quoted().Match(message).Groups["name"].Value;
            return Problem.BadRequest(
                "duplicate_property", "A property appears twice", new ProblemItem("duplicate_property", path, $"The property '{name}' appears more than once."));
        }
        if (message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal))
        {
            var name = Quoted().Match(message).Groups["name"].Value;
            return Problem.BadRequest(
                "unknown_property", "A property is not known", new ProblemItem("unknown_property", path, $"The property '{name}' is not known here."));
        }
        if (message.Contains("was missing required properties", StringComparison.Ordinal))
        {
            var names = Quoted().Matches(message[message.IndexOf("required properties", StringComparison.Ordinal)..]);
            return Problem.Invalid([.. names.Select(match =>
                new ProblemItem("required", $"{path}/{Escape(match.Groups["name"].Value)}", $"{match.Groups["name"].Value} is required."))]);
        }
        if (exception.InnerException is not null and not InvalidOperationException and not FormatException || exception.GetType() != typeof(JsonException))
        {
            var place = exception.LineNumber is { } line ? $" at line {line + 1}, byte {exception.BytePositionInLine + 1}" : "";
            return Problem.MalformedJson($"The body is not valid JSON{place}.");
        }
        return Problem.Invalid(new ProblemItem("wrong_type", path, path.Length == 0 ? "The body has the wrong type." : $"{path} has the wrong type or value."));
    }

    /// <summary><c>$.rules[0]['a.b']</c> → <c>/rules/0/a.b</c>.</summary>
    internal static string ToPointer(string? jsonPath)
    {
        if (jsonPath is null || jsonPath.Length < 2)
            return "";
        var pointer = new StringBuilder();
        var at = 1;
        while (at < jsonPath.Length)
        {
            string name;
            if (jsonPath[at] == '.')
            {
                var end = jsonPath.AsSpan(at + 1).IndexOfAny('.', '[');
                end = end < 0 ? jsonPath.Length : at + 1 + end;
                name = jsonPath[(at + 1)..end];
                at = end;
            }
            else if (jsonPath.AsSpan(at).StartsWith("['"))
            {
                var end = jsonPath.IndexOf("']", at + 2, StringComparison.Ordinal);
                end = end < 0 ? jsonPath.Length : end;
                name = jsonPath[(at + 2)..end];
                at = Math.Min(jsonPath.Length, end + 2);
            }
            else
            {
                var end = jsonPath.IndexOf(']', at);
                end = end < 0 ? jsonPath.Length : end;
                name = jsonPath[Math.Min(at + 1, end)..end];
                at = Math.Min(jsonPath.Length, end + 1);
            }
            pointer.Append('/').Append(Escape(name));
        }
        return pointer.ToString();
    }

    private static Problem WrongParameter(string name) => Problem.Invalid(new ProblemItem("wrong_type", name, $"{name} cannot be read."));

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    [GeneratedRegex("parameter \"[^\"]*?(?<name>[A-Za-z0-9_]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FailedParameter();

    [GeneratedRegex("'(?<name>[^']*)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();
}
