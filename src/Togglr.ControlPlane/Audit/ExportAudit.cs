using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>How entries are written to a file.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditExportFormat>))]
internal enum AuditExportFormat
{
    /// <summary>Comma-separated values with a header.</summary>
    Csv,

    /// <summary>One JSON object per line.</summary>
    Ndjson,
}

/// <summary>
/// All entries that fit, newest first, of any number: read and written page by page, so that neither memory nor a database connection is held while a slow client
/// reads. Entries that are written meanwhile are not part of it.
/// </summary>
internal static class ExportAudit
{
    private const int PageSize = 100;

    public static async Task<IResult> HandleAsync(
        [FromQuery(Name = "format"), Description("csv or ndjson; csv if absent")] Choice<AuditExportFormat>? format,
        [AsParameters] AuditQuery query,
        Current current,
        [FromServices] TogglrDatabase database,
        TogglrDbContext db,
        TimeProvider time,
        CancellationToken cancel)
    {
        var (filter, problem) = await AuditScope.FilterAsync(query, current, db, cancel);
        if (filter is null)
            return problem!;
        var form = format?.Value ?? AuditExportFormat.Csv;
        var name = form == AuditExportFormat.Csv ? "csv" : "ndjson";
        var organization = (string)current.Http.Request.RouteValues["org"]!;
        var asked = current.Http.Request.QueryString.Value is { Length: > 0 } text ? text[..Math.Min(text.Length, 900)] : null;
        var committed = await db.CommitAsync(new Change(current.Actor, "audit.exported", name) { Always = true, Reason = asked }, cancel);
        if (!committed.IsOk)
            return committed.Error.ToProblem();

        var response = current.Http.Response;
        response.ContentType = form == AuditExportFormat.Csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"audit-{organization}-{time.GetUtcNow():yyyyMMdd-HHmmss}.{name}\"");
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        var log = new AuditLog(database.DataSource, current.OrganizationId);
        if (form == AuditExportFormat.Csv)
            await response.WriteAsync(AuditCsv.Header, cancel);
        // The entry about the export itself is the first that is left out.
        for (long? before = committed.Value.AuditSequence; ;)
        {
            var entries = await log.ReadAsync(filter, before, PageSize, cancel);
            foreach (var entry in entries)
                await response.Body.WriteAsync(form == AuditExportFormat.Csv ? Encoding.UTF8.GetBytes(AuditCsv.Line(entry)) : Json(entry), cancel);
            await response.Body.FlushAsync(cancel);
            if (entries.Count < PageSize)
                return Results.Empty;
            before = entries[^1].Sequence;
        }
    }

    private static byte[] Json(AuditEntry entry)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { MaxDepth = 1000 }))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in AuditCsv.Fields(entry))
            {
                if (name is "before" or "after" && value is not null)
                {
                    writer.WritePropertyName(name);
                    // As stored, but on one line: JSON has line breaks between tokens only.
                    JsonColumn.Parse(value).WriteTo(writer);
                }
                else if (name == "sequence")
                {
                    writer.WriteNumber(name, entry.Sequence);
                }
                else
                {
                    writer.WriteString(name, value);
                }
            }

            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}

/// <summary>Entries as comma-separated values (RFC 4180).</summary>
internal static class AuditCsv
{
    private static readonly string[] Names = [.. Fields(new AuditEntry { ActorKind = "", ActorName = "", Action = "", Entity = "", EntityKey = "" }).Select(field => field.Name)];

    public static string Header { get; } = string.Join(',', Names) + "\r\n";

    public static string Line(AuditEntry entry) => string.Join(',', Fields(entry).Select(field => Cell(field.Value))) + "\r\n";

    /// <summary>The fields of an entry, in the order of the columns.</summary>
    public static IEnumerable<(string Name, string? Value)> Fields(AuditEntry entry) =>
    [
        ("sequence", entry.Sequence.ToString(CultureInfo.InvariantCulture)), ("id", entry.Id.ToString()), ("at", entry.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture)),
        ("actorKind", entry.ActorKind), ("actorId", entry.ActorId?.ToString()), ("actorName", entry.ActorName), ("onBehalfOfId", entry.OnBehalfOfId?.ToString()),
        ("onBehalfOfName", entry.OnBehalfOfName), ("tokenId", entry.TokenId?.ToString()), ("tokenName", entry.TokenName), ("authority", entry.Authority), ("changeRequest", entry.ChangeRequestId?.ToString()), ("action", entry.Action), ("entity", entry.Entity),
        ("entityId", entry.EntityId?.ToString()), ("entityKey", entry.EntityKey), ("project", entry.Project), ("environment", entry.Environment), ("reason", entry.Reason),
        ("requestId", entry.RequestId), ("address", entry.Address), ("userAgent", entry.UserAgent), ("before", entry.Before), ("after", entry.After),
        ("previousHash", Convert.ToHexStringLower(entry.PreviousHash)), ("hash", Convert.ToHexStringLower(entry.Hash)),
    ];

    /// <summary>A text that a spreadsheet would take for a formula gets an apostrophe before it.</summary>
    private static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return "";
        if (value[0] is '=' or '+' or '-' or '@' or '\t' or '\r')
            value = "'" + value;
        return value.AsSpan().IndexOfAny(",\"\r\n") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
