using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.RemoteEvaluation;

/// <summary>What is wrong with an evaluation request.</summary>
internal enum RequestFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The body is not JSON.</summary>
    Malformed,

    /// <summary>The body nests too deep.</summary>
    TooDeep,

    /// <summary>The context is no context.</summary>
    InvalidContext,

    /// <summary>Anything else: see the details.</summary>
    Invalid,
}

/// <summary>Reads evaluation requests token by token; the context goes straight into the slots that the snapshot uses.</summary>
internal static class RequestReader
{
    /// <summary>How deep a body may nest: the context's limit and what is around it.</summary>
    private const int MaxDepth = 34;

    private const int AskedLimit = 1000;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>Reads <c>{"context"?,"flags"?|"flag"?}</c>. Anything else in it is refused: a context one level too high would be silently ignored.</summary>
    public static RequestFault Read(ReadOnlySpan<byte> body, EvaluationWorker worker, EnvironmentState state, SdkKeyKind kind, out string detail)
    {
        var snapshot = state.Snapshot;
        worker.Context.Reset(snapshot);
        detail = "";
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return Invalid("The body must be an object with a context.", out detail);
            int seen = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("context"u8) && (seen & 1) == 0)
                {
                    seen |= 1;
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.Null && !worker.Context.TryRead(snapshot, ref reader, out var problem))
                        return Fault(problem, out detail);
                }
                else if (reader.ValueTextEquals("flag"u8) && (seen & 6) == 0)
                {
                    seen |= 2;
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.String)
                        return Invalid("flag must be the key of a flag.", out detail);
                    Ask(ref reader, worker, snapshot, kind);
                }
                else if (reader.ValueTextEquals("flags"u8) && (seen & 6) == 0)
                {
                    seen |= 4;
                    reader.Read();
                    if (!TryReadFlags(ref reader, worker, snapshot, kind))
                        return Invalid($"flags must be a list of at most {AskedLimit} keys.", out detail);
                }
                else
                {
                    return Invalid($"'{reader.GetString()}' is not known here, or appears twice, or flag and flags are used together.", out detail);
                }
            }
            // An empty list asks for nothing, no list for everything.
            worker.AskedForAll = (seen & 6) == 0;
            return reader.Read() ? RequestFault.Malformed : RequestFault.None;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Fault(exception, out detail);
        }
    }

    /// <summary>Reads OFREP's <c>{"context"?}</c>; other members are ignored.</summary>
    public static RequestFault ReadOfrep(ReadOnlySpan<byte> body, EvaluationWorker worker, EnvironmentState state, out string detail)
    {
        var snapshot = state.Snapshot;
        worker.Context.Reset(snapshot);
        detail = "";
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            if (!reader.Read())
                return RequestFault.Malformed;
            if (reader.TokenType != JsonTokenType.StartObject)
                return Fault(ContextProblem.NotAnObject, out detail);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isContext = reader.ValueTextEquals("context"u8);
                reader.Read();
                if (!isContext)
                    reader.Skip();
                else if (reader.TokenType != JsonTokenType.Null && !worker.Context.TryRead(snapshot, ref reader, out var problem))
                    return Fault(problem, out detail);
            }
            return reader.Read() ? RequestFault.Malformed : RequestFault.None;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Fault(exception, out detail);
        }
    }

    /// <summary>Reads the flat attribute map of the Togglr SDK protocol.</summary>
    public static RequestFault ReadFlat(ReadOnlySpan<byte> body, EvaluationWorker worker, EnvironmentState state, out string detail)
    {
        detail = "";
        if (!worker.Context.TryRead(state.Snapshot, body, out var problem))
            return Fault(problem, out detail);
        worker.Context.UseAliasAsTargetingKey();
        return RequestFault.None;
    }

    /// <summary>The problem to answer.</summary>
    public static Problem ToProblem(RequestFault fault, string detail) => fault switch
    {
        RequestFault.Malformed => Problem.MalformedJson("The body is not valid JSON."),
        RequestFault.TooDeep => Problem.BadRequest("too_deep", "The body is nested too deeply", new ProblemItem("too_deep", "/context", detail)),
        RequestFault.InvalidContext => SdkProblems.ContextInvalid(detail),
        _ => Problem.Invalid(new ProblemItem("invalid", "", detail)),
    };

    private static bool TryReadFlags(ref Utf8JsonReader reader, EvaluationWorker worker, Snapshot snapshot, SdkKeyKind kind)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String || worker.Asked.Count == AskedLimit)
                return false;
            Ask(ref reader, worker, snapshot, kind);
        }
        return true;
    }

    private static void Ask(ref Utf8JsonReader reader, EvaluationWorker worker, Snapshot snapshot, SdkKeyKind kind)
    {
        Flag? flag;
        if (reader.ValueIsEscaped)
            snapshot.TryGetFlag(reader.GetString()!, out flag);
        else
            snapshot.TryGetFlag(reader.ValueSpan, out flag);
        if (flag is not null && EdgeView.IsVisible(flag, kind))
        {
            // The answer is an object by key: what is asked for twice is answered once.
            foreach (var (asked, _) in worker.Asked)
            {
                if (ReferenceEquals(asked, flag))
                    return;
            }
            worker.Asked.Add((flag, null));
            return;
        }
        var key = reader.GetString()!;
        foreach (var (_, missing) in worker.Asked)
        {
            if (missing == key)
                return;
        }
        worker.Asked.Add((null, key));
    }

    private static RequestFault Invalid(string text, out string detail)
    {
        detail = text;
        return RequestFault.Invalid;
    }

    private static RequestFault Fault(ContextProblem problem, out string detail)
    {
        detail = problem.Describe();
        return problem switch
        {
            ContextProblem.MalformedJson => RequestFault.Malformed,
            ContextProblem.TooDeep => RequestFault.TooDeep,
            _ => RequestFault.InvalidContext,
        };
    }

    private static RequestFault Fault(Exception exception, out string detail)
    {
        // The reader tells depth apart by its message only; a test holds it.
        var tooDeep = exception is JsonException && exception.Message.Contains("maximum configured depth", StringComparison.Ordinal);
        detail = tooDeep ? ContextProblem.TooDeep.Describe() : "The body is not valid JSON.";
        return tooDeep ? RequestFault.TooDeep : RequestFault.Malformed;
    }
}
