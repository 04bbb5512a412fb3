using System.ComponentModel;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

/// <summary>What an uploaded text does to a list.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyUploadMode>))]
public enum KeyUploadMode
{
    /// <summary>Its keys are the list from now on.</summary>
    [JsonStringEnumMemberName("replace")]
    Replace,

    /// <summary>Its keys come on top.</summary>
    [JsonStringEnumMemberName("add")]
    Add,

    /// <summary>Its keys go.</summary>
    [JsonStringEnumMemberName("remove")]
    Remove,
}

/// <summary>Replaces or changes a list of a segment by a text with one key a line. Written with COPY.</summary>
internal static class UploadSegmentKeys
{
    public static async Task<Results<Versioned<SegmentView>, Problem>> HandleAsync(
        string segment,
        [FromQuery(Name = "list"), Description("Which list; included if absent")] Choice<SegmentList>? list,
        [FromQuery(Name = "mode"), Description("What to do with the keys; replace if absent")] Choice<KeyUploadMode>? mode,
        KeyLines keys,
        Current current,
        TogglrDbContext db,
        CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, segment, cancel) is not { } row)
            return SegmentStore.NotThere(segment);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var which = list?.Value ?? SegmentList.Included;
        var changed = mode?.Value switch
        {
            KeyUploadMode.Add => row.EditKeys(which, keys.Keys, []),
            KeyUploadMode.Remove => row.EditKeys(which, [], keys.Keys),
            _ => row.ReplaceKeys(which, keys.Keys),
        };
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        var action = mode?.Value is KeyUploadMode.Add or KeyUploadMode.Remove ? "segment.keys_updated" : "segment.keys_replaced";
        if (await current.SaveAsync(action, row.Key, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return new Versioned<SegmentView>(await SegmentStore.ViewAsync(db, row, cancel), row.Version);
    }
}

/// <summary>
/// The lines of a body. Bound like a parameter, once per request, and not read by the handler: a handler that lost a race runs again
/// (<see cref="RetryLostUpdates"/>), and would find a body that is read already empty.
/// </summary>
internal sealed record KeyLines(IReadOnlyList<string> Keys)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the body line by line; the framework finds this method by its name.</summary>
    /// <exception cref="BindingException">A line is not a key, or there are too many.</exception>
    public static async ValueTask<KeyLines?> BindAsync(HttpContext http)
    {
        var (keys, problem) = await ReadAsync(http.Request.Body, http.RequestAborted);
        return keys is null ? throw new BindingException(problem!) : new KeyLines(keys);
    }

    private static async Task<(List<string>? Keys, Problem? Problem)> ReadAsync(Stream body, CancellationToken cancel)
    {
        var keys = new List<string>();
        using var reader = new StreamReader(body, StrictUtf8, detectEncodingFromByteOrderMarks: false, bufferSize: 64 * 1024, leaveOpen: true);
        var number = 0;
        try
        {
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                number++;
                // Spreadsheets begin their files with a mark that nobody sees.
                var key = (number == 1 ? line.TrimStart('\uFEFF') : line).Trim();
                if (key.Length == 0)
                    continue;
                if (key.Length > Segment.MaximumKeyLength)
                    return (null, Refused(number, $"Line {number}: a key has at most {Segment.MaximumKeyLength} characters."));
                if (Texts.Fault(key, "") is not null)
                    return (null, Refused(number, $"Line {number} has a character that cannot be stored."));
                if (keys.Count == Segment.MaximumKeys)
                    return (null, Problem.Invalid(new ProblemItem("too_many", "", $"A list has at most {Segment.MaximumKeys} keys.")));
                keys.Add(key);
            }
        }
        catch (DecoderFallbackException)
        {
            return (null, Refused(number + 1, $"The text is not UTF-8 near line {number + 1}."));
        }
        return (keys, null);
    }

    private static Problem Refused(int line, string message) => Problem.Invalid(new ProblemItem("invalid", $"/{line - 1}", message));
}
