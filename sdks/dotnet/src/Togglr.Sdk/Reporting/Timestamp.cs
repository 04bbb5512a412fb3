using System.Globalization;

namespace Togglr.Sdk.Reporting;

/// <summary>Times as the wire wants them: RFC 3339, UTC, milliseconds.</summary>
internal static class Timestamp
{
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
